import click

from occ.cli.options import this_session
from occ.cli.session import Session
from occ.errors import PENDING


@click.command("check")
@this_session
def command(session: Session) -> int:
    """Ask the registry, by digest, whether there is an update: exit 10 when there is, else 0.

    Nothing is pulled and nothing is written. An image that is built here has no registry. One
    that failed here as it would be made again, or that was rolled back from, is named with the
    reason: exit 0, as an update with --yes would not take it.
    """
    check = session.app.check(session.service)
    if check.built:
        text = f"{check.service}: built here from {check.built}: there is no registry to ask"
    elif check.caution is not None:
        text = f"{check.service}: {check.reference} is another image than what runs, and is not "
        text += f"taken unasked: {check.caution.says}; to take it: "
        text += session.addressed("occ update --retry")
    elif check.available:
        text = f"{check.service}: an update of {check.reference} is available: "
        text += session.addressed("occ update")
    else:
        text = f"{check.service}: {check.reference} is what runs"
    due = check.available and check.caution is None
    return session.result(check, text, status=PENDING if due else 0)
