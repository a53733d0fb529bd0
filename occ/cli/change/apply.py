import click

from occ.cli.change.dialogue import change, of_kind
from occ.cli.change.typed import Typed, changing


@click.command("apply")
@changing(probe=True, every=True)
def command(typed: Typed) -> int:
    """Replace the container by one of today's config, with the image that is there.

    Nothing is pulled; otherwise it is as an update: a new version, volumes and users kept, the old
    one put back if the new one does not prove healthy (exit 6).
    """
    return change(typed, of_kind("apply"))
