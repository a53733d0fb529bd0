import click

from occ.cli.change.dialogue import told
from occ.cli.options import named, service_word, this_session
from occ.cli.session import Session
from occ.cli.terminal.times import ahead
from occ.cli.terminal.words import moment
from occ.errors import UsageMistakeError


@click.command("hold")
@service_word
@click.option("--until", default="", metavar="TIME", help="Until then: 2026-12-24, ...T14:00.")
@click.option("--for", "length", default="", metavar="TIME", help="So long: 12h, 3d, 2w.")
@click.option("-m", "--reason", default="", metavar="TEXT", help="Why; kept in the history.")
@this_session
def command(session: Session, *, name: str | None, until: str, length: str, reason: str) -> int:
    """Keep the image that runs: no newer one is taken unasked, until occ unhold.

    It keeps newer images away from occ update and from occ by itself, never from rollback, apply,
    start, stop, repair or resume. Nothing is stopped, and no engine is asked. A later hold takes
    the place of this one.
    """
    from occ.operations.kinds.hold import HoldWish  # noqa: PLC0415 - help needs none

    if until and length:
        raise UsageMistakeError("--until and --for exclude each other", hint="occ hold --for 3d")
    named(session, name)
    end = ahead(until or length, session.app.desk.clock.now())
    session.changing = True
    outcome = session.app.hold(session.service, HoldWish(until=end, why=reason))
    says = f"held until {moment(end)}" if end else "held until it is released"
    return session.result(
        {**told(outcome), "until": end}, session.addressed(f"{outcome.service}: {says}: occ unhold")
    )
