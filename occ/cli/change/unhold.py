import click

from occ.cli.change.dialogue import last_line, told
from occ.cli.options import named, service_word, this_session
from occ.cli.session import Session


@click.command("unhold")
@service_word
@click.option("-m", "--reason", default="", metavar="TEXT", help="Why; kept in the history.")
@this_session
def command(session: Session, *, name: str | None, reason: str) -> int:
    """End a hold: newer images are taken again, those too that a rollback had left.

    An image that failed its gate here stays known as bad.
    """
    named(session, name)
    session.changing = True
    outcome = session.app.unhold(session.service, reason)
    return session.result(told(outcome), last_line(outcome))
