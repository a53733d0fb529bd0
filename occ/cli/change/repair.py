import click

from occ.cli.change.dialogue import change, of_kind
from occ.cli.change.typed import Typed, changing


@click.command("repair")
@changing(probe=True, every=True)
def command(typed: Typed) -> int:
    """Mend what doctor finds wrong with the service's containers and kept images.

    A container that is missing or not what the journal says is made again from the journal; what
    is left over is removed, never a volume. What else doctor finds has a command of its own.
    """
    return change(typed, of_kind("repair"))
