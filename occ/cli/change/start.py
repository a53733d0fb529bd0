"""`occ start`."""

import click

from occ.app.results import Options
from occ.cli.change.dialogue import change
from occ.cli.options import changing, for_all, no_probe, this_session
from occ.cli.session import Session


@click.command("start")
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
    """Have the service running and healthy.

    The first time it is installed. A version that was proven before and is not healthy now is left
    running (exit 6); one that never was is stopped again.
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
        lambda app, service, chosen, people: app.start(service, chosen, people),
        options,
        yes=yes,
        exit_unchanged=exit_unchanged,
        every=every,
        keep_going=keep_going,
    )
