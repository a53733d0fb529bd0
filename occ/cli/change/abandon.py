"""`occ abandon`."""

import click

from occ.app.results import Options
from occ.cli.change.dialogue import change
from occ.cli.options import common, this_session, yes
from occ.cli.session import Session


@click.command("abandon")
@yes
@common
@this_session
def command(session: Session, *, yes: bool) -> int:
    """Close an unfinished operation without touching anything.

    Says what is left on the host; the next update starts from what is.
    """
    return change(
        session,
        lambda app, service, options, people: app.abandon(service, options, people),
        Options(),
        yes=yes,
        typed=True,
    )
