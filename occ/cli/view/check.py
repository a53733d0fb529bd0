import click

from occ.cli.options import this_session
from occ.cli.session import Session
from occ.errors import PENDING


@click.command("check")
@this_session
def command(session: Session) -> int:
    """Ask the registry, by digest, whether there is an update: exit 10 when there is, else 0.

    Nothing is pulled and nothing is written. An image that is built here has no registry.
    """
    check = session.app.check(session.service)
    if check.built:
        text = f"{check.service}: built here from {check.built}: there is no registry to ask"
    elif check.available:
        text = f"{check.service}: an update of {check.reference} is available: "
        text += session.addressed("occ update")
    else:
        text = f"{check.service}: {check.reference} is what runs"
    return session.result(check, text, status=PENDING if check.available else 0)
