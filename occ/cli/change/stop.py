import click

from occ.cli.change.dialogue import change, of_kind
from occ.cli.change.typed import Typed, changing


@click.command("stop")
@changing(every=True)
def command(typed: Typed) -> int:
    """Stop the service; one that is stopped or absent is what was asked for."""
    return change(typed, of_kind("stop"))
