import click

from occ.cli.change.dialogue import change, of_kind
from occ.cli.change.typed import Typed, changing


@click.command("start")
@changing(probe=True, every=True)
def command(typed: Typed) -> int:
    """Have the service running and healthy.

    The first time it is installed. A version that was proven before and is not healthy now is left
    running (exit 6); one that never was is stopped again.
    """
    return change(typed, of_kind("start"))
