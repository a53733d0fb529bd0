"""`occ update`."""

import click

from occ.app.results import Options
from occ.cli.change.dialogue import change
from occ.cli.options import changing, filled, for_all, no_probe, this_session
from occ.cli.session import Session
from occ.errors import UsageMistakeError


@click.command("update")
@click.option("--image", default=None, callback=filled, metavar="REF", help="This image, for once.")
@click.option("--rollback", is_flag=True, help="The same as occ rollback.")
@no_probe
@for_all
@changing
@this_session
def command(
    session: Session,
    *,
    yes: bool,
    reason: str,
    plan: bool,
    if_current: int | None,
    exit_unchanged: bool,
    every: bool,
    keep_going: bool,
    no_probe: bool,
    image: str | None,
    rollback: bool,
) -> int:
    """Replace the container by the newest image and the config's spec.

    It is pulled while the old one serves. Volumes and users are kept. If the new one does not
    prove healthy, the old one is put back (exit 6).
    """
    if image and rollback:
        raise UsageMistakeError("--image and --rollback exclude each other", hint="occ versions")
    options = Options(
        reason=reason,
        plan=plan,
        if_current=if_current or 0,
        image=image or "",
        probe=not no_probe,
        resume_first=yes,
    )
    return change(
        session,
        lambda app, service, chosen, people: (
            app.rollback(service, chosen, people)
            if rollback
            else app.update(service, chosen, people)
        ),
        options,
        yes=yes,
        exit_unchanged=exit_unchanged,
        every=every,
        keep_going=keep_going,
    )
