"""`occ abort`."""

import click

from occ.app.results import Options
from occ.cli.change.dialogue import change
from occ.cli.options import common, this_session, yes
from occ.cli.session import Session


@click.command("abort")
@yes
@common
@this_session
def command(session: Session, *, yes: bool) -> int:
    """Put an unfinished operation back.

    One whose new version is current already is done, and is only finished.
    """
    return change(
        session,
        lambda app, service, options, people: app.abort(service, options, people),
        Options(),
        yes=yes,
        typed=False,
    )
