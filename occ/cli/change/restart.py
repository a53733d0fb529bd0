"""`occ restart`."""

import click

from occ.app.results import Options
from occ.cli.change.dialogue import change
from occ.cli.options import changing, for_all, no_probe, this_session
from occ.cli.session import Session


@click.command("restart")
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
    """Stop the service and start it again; prove it healthy."""
    options = Options(
        reason=reason,
        plan=plan,
        if_current=if_current or 0,
        probe=not no_probe,
        resume_first=yes,
    )
    return change(
        session,
        lambda app, service, chosen, people: app.restart(service, chosen, people),
        options,
        yes=yes,
        exit_unchanged=exit_unchanged,
        every=every,
        keep_going=keep_going,
    )
