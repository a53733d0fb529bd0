import click

from occ.cli.change.dialogue import change, of_kind
from occ.cli.change.typed import Typed, changing


@click.command("restart")
@changing(probe=True, every=True)
def command(typed: Typed) -> int:
    """Stop the service and start it again; prove it healthy."""
    return change(typed, of_kind("restart"))
