"""`occ forget`."""

import click

from occ.app.results import Options
from occ.cli.change.dialogue import change
from occ.cli.options import changing, this_session
from occ.cli.session import Session


@click.command("forget")
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
) -> int:
    """Look after the service no more; its container stays as it is, running or not.

    History and versions stay too, and the container can be adopted again.
    """
    options = Options(reason=reason, plan=plan, if_current=if_current or 0, resume_first=yes)
    return change(
        session,
        lambda app, service, chosen, people: app.forget(service, chosen, people),
        options,
        yes=yes,
        exit_unchanged=exit_unchanged,
    )
