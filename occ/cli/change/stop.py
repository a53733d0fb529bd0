"""`occ stop`."""

import click

from occ.app.results import Options
from occ.cli.change.dialogue import change
from occ.cli.options import changing, for_all, this_session
from occ.cli.session import Session


@click.command("stop")
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
) -> int:
    """Stop the service; one that is stopped or absent is what was asked for."""
    options = Options(reason=reason, plan=plan, if_current=if_current or 0, resume_first=yes)
    return change(
        session,
        lambda app, service, chosen, people: app.stop(service, chosen, people),
        options,
        yes=yes,
        exit_unchanged=exit_unchanged,
        every=every,
        keep_going=keep_going,
    )
