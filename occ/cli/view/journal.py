import click

from occ.app.results import Outcome
from occ.cli.change.dialogue import change
from occ.cli.change.typed import Typed, only_yes
from occ.cli.options import common, this_session
from occ.cli.session import Session


@click.group("journal")
@common
def command() -> None:
    """The journal itself."""


@command.command("path")
@this_session
def path(session: Session) -> int:
    """Print where it is."""
    where = session.app.journal_path()
    return session.result({"path": where}, where)


@command.command("verify")
@this_session
def verify(session: Session) -> int:
    """Walk the whole chain; names the first entry that does not fit (exit 9)."""
    told = session.app.journal_verify()
    if not told.entries:
        nothing = f"{told.journal}: there is no journal; the first change makes one"
        return session.result(told, nothing)
    text = f"{told.journal}: {told.entries} entries, the chain holds; {_compared(told.noted)}"
    return session.result(told, text)


def _compared(noted: int | None) -> str:
    """The heads noted on the host, which alone would show a tail that was cut off."""
    if noted is None:
        return "no engine answers, so no head noted on the host was compared"
    if not noted:
        return "no container of this host carries a head to compare with"
    return f"heads noted on the host: {noted}, all in it"


@command.command("advance")
@only_yes
def advance(typed: Typed) -> int:
    """Accept a host that is ahead of an older copy of the journal; numbers go on after it."""
    return change(
        typed,
        lambda app, service, _options, operator: app.journal_advance(service, operator),
        says=_advanced,
    )


def _advanced(outcome: Outcome) -> str:
    if outcome.unchanged:
        return ""  # the line that all verbs have
    return f"{outcome.service}: the next numbers come after those on the host"
