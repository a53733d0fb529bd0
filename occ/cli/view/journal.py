import click

from occ.app.results import Outcome
from occ.cli.change.dialogue import change
from occ.cli.change.typed import Typed, only_yes
from occ.cli.options import common, filled, this_session
from occ.cli.session import Session
from occ.cli.terminal import fitting


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


@command.command("head")
@this_session
def head(session: Session) -> int:
    """Print its last entry as POSITION:HASH, to be noted elsewhere for `verify --head`."""
    told = session.app.journal_head()
    return session.result({"position": told.position, "hash": told.hash}, told.whole)


@command.command("verify")
@click.option(
    "--head",
    metavar="POSITION:HASH",
    callback=filled,
    help="A head noted elsewhere, which must be in it.",
)
@this_session
def verify(session: Session, head: str | None) -> int:
    """Walk the whole chain and read it; names the first entry that does not fit (exit 9).

    Without a head noted elsewhere nobody can tell whether the last entries were cut off, or written
    anew.
    """
    told = session.app.journal_verify(head)
    if not told.entries:
        nothing = f"{told.journal}: there is no journal; the first change makes one"
        return session.result(told, nothing)
    text = f"{told.journal}: {told.entries} entries, the chain holds; {_compared(told.noted)}"
    text += "; the given head is in it" if told.given else ""
    return session.result(told, fitting.wrapped(text, fitting.room(), hang=2))


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
