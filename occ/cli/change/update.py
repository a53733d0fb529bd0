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
@click.option(
    "--rehearse/--no-rehearse",
    default=None,
    help="Try it beside the old one first, on a copy of the data; or do not.",
)
@click.option(
    "--rehearse-only", is_flag=True, help="Only that: nothing is stopped and nothing replaced."
)
@click.option("--rollback", is_flag=True, help="The same as occ rollback.")
@changing(probe=True, every=True)
def command(
    typed: Typed,
    *,
    image: str | None,
    retry: bool,
    rollback: bool,
    rehearse: bool | None,
    rehearse_only: bool,
) -> int:
    """Replace the container by the newest image and the config's spec.

    The registry is asked first: where nothing is new, nothing is asked and nothing stopped. The
    image is pulled while the old one serves. Volumes and users are kept, and a snapshot of the
    data is taken before the new one starts. If that does not prove healthy, the old one is put
    back (exit 6).

    With --rehearse, or rehearse = true in the config, the new version first runs beside the old
    one, isolated, on a copy of the data. If it fails there, nothing was stopped (exit 6). A
    rehearsal that passed counts for a day.

    An image that failed here with the same configuration and secrets, or that was rolled back
    from, is a question of its own: --yes refuses it (exit 4). With --retry it is taken, and with
    --image NAME@sha256:... too, as that names exactly one image.
    """
    if image and rollback:
        raise UsageMistakeError("--image and --rollback exclude each other", hint="occ versions")
    if rehearse_only and rehearse is False:
        raise UsageMistakeError(
            "--rehearse-only and --no-rehearse exclude each other", hint="occ update --help"
        )
    if rollback and (rehearse or rehearse_only):
        raise UsageMistakeError(
            "a rollback is not rehearsed: its version has run here",
            hint="occ snapshot drill tries a version on the data of its day",
        )
    options = replace(
        typed.options,
        image=image or "",
        retry=retry,
        rehearse=rehearse,
        rehearse_only=rehearse_only,
    )
    typed = replace(typed, options=options)
    return change(typed, of_kind("rollback" if rollback else "update"))
