"""`occ rollback`."""

import click

from occ.app.results import Options
from occ.cli import offers
from occ.cli.change.dialogue import change
from occ.cli.options import changing, no_probe, this_session
from occ.cli.session import Session


@click.command("rollback")
@click.option(
    "--to",
    type=click.IntRange(min=1),
    metavar="V",
    shell_complete=offers.versions,
    help="Version V.",
)
@click.option(
    "--spec",
    type=click.Choice(["recorded", "now"]),
    default="recorded",
    help="Its own configuration, or today's (default: recorded).",
)
@no_probe
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
    no_probe: bool,
    to: int | None,
    spec: str,
) -> int:
    """Go back to the version before the current one, or to any recorded version.

    Without --to it follows what replaced what, back to the last version that was proven and not
    rolled back from; it never goes forward.
    """
    options = Options(
        reason=reason,
        plan=plan,
        if_current=if_current or 0,
        to=to or 0,
        spec_now=spec == "now",
        probe=not no_probe,
        resume_first=yes,
    )
    return change(
        session,
        lambda app, service, chosen, people: app.rollback(service, chosen, people),
        options,
        yes=yes,
        exit_unchanged=exit_unchanged,
    )
