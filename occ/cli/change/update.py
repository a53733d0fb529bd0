from dataclasses import replace

import click

from occ.cli.change.dialogue import change, of_kind
from occ.cli.change.typed import Typed, changing
from occ.cli.options import filled
from occ.errors import UsageMistakeError


@click.command("update")
@click.option("--image", default=None, callback=filled, metavar="REF", help="This image, for once.")
@click.option("--rollback", is_flag=True, help="The same as occ rollback.")
@changing(probe=True, every=True)
def command(typed: Typed, *, image: str | None, rollback: bool) -> int:
    """Replace the container by the newest image and the config's spec.

    It is pulled while the old one serves. Volumes and users are kept. If the new one does not
    prove healthy, the old one is put back (exit 6).
    """
    if image and rollback:
        raise UsageMistakeError("--image and --rollback exclude each other", hint="occ versions")
    typed = replace(typed, options=replace(typed.options, image=image or ""))
    return change(typed, of_kind("rollback" if rollback else "update"))
