from dataclasses import replace

import click

from occ.cli.change.dialogue import change, of_kind
from occ.cli.change.typed import Typed, changing
from occ.cli.options import filled
from occ.errors import UsageMistakeError


@click.command("update")
@click.option("--image", default=None, callback=filled, metavar="REF", help="This image, for once.")
@click.option(
    "--retry",
    is_flag=True,
    help="Also an image that failed here, or that was rolled back from.",
)
@click.option("--rollback", is_flag=True, help="The same as occ rollback.")
@changing(probe=True, every=True)
def command(typed: Typed, *, image: str | None, retry: bool, rollback: bool) -> int:
    """Replace the container by the newest image and the config's spec.

    The registry is asked first: where nothing is new, nothing is asked and nothing stopped. The
    image is pulled while the old one serves. Volumes and users are kept, and a snapshot of the
    data is taken before the new one starts. If that does not prove healthy, the old one is put
    back (exit 6).

    An image that failed here with the same configuration and secrets, or that was rolled back
    from, is a question of its own: --yes refuses it (exit 4). With --retry it is taken, and with
    --image NAME@sha256:... too, as that names exactly one image.
    """
    if image and rollback:
        raise UsageMistakeError("--image and --rollback exclude each other", hint="occ versions")
    typed = replace(typed, options=replace(typed.options, image=image or "", retry=retry))
    return change(typed, of_kind("rollback" if rollback else "update"))
