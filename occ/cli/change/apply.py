"""`occ apply`."""

import click

from occ.app.results import Options
from occ.cli.change.dialogue import change
from occ.cli.options import changing, for_all, no_probe, this_session
from occ.cli.session import Session


@click.command("apply")
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
) -> int:
    """Replace the container by one of today's config, with the image that is there.

    Nothing is pulled; otherwise it is as an update: a new version, volumes and users kept, the old
    one put back if the new one does not prove healthy (exit 6).
    """
    options = Options(
        reason=reason,
        plan=plan,
        if_current=if_current or 0,
        probe=not no_probe,
        resume_first=yes,
    )
    return change(
        session,
        lambda app, service, chosen, people: app.apply(service, chosen, people),
        options,
        yes=yes,
        exit_unchanged=exit_unchanged,
        every=every,
        keep_going=keep_going,
    )
