import click

from occ.cli.change.dialogue import change, of_kind
from occ.cli.change.typed import Typed, changing


@click.command("forget")
@changing()
def command(typed: Typed) -> int:
    """Look after the service no more; its container stays as it is, running or not.

    History and versions stay too, and the container can be adopted again.
    """
    return change(typed, of_kind("forget"))
