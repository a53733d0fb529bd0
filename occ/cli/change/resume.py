"""`occ resume`."""

import click

from occ.app.results import Options
from occ.cli.change.dialogue import change
from occ.cli.options import common, this_session, yes
from occ.cli.session import Session


@click.command("resume")
@yes
@common
@this_session
def command(session: Session, *, yes: bool) -> int:
    """Carry an unfinished operation on from where it stands."""
    return change(
        session,
        lambda app, service, options, people: app.resume(service, options, people),
        Options(),
        yes=yes,
        typed=False,
    )
