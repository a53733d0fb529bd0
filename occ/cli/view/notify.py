from collections.abc import Callable, Iterator, Sequence

import click

from occ.app.outbox.backlog import TargetRow
from occ.app.outbox.deliver import Sent
from occ.cli import offers
from occ.cli.options import common, this_session
from occ.cli.session import Session
from occ.cli.terminal.tables import Column, Headers, table
from occ.cli.terminal.words import moment
from occ.errors import NotDeliveredError

_LIST: Headers = [
    "target",
    Column(name="address", least=12, middle=True),
    "events",
    "waiting",
    "delivered",
    Column(name="failed", below=True),
]


@click.group("notify")
@common
def command() -> None:
    """Who is told of what happens, as [notify.NAME] in the config says.

    Whoever is to be told is told at least once, and each target in order. After the result of a
    changing command is printed, occ tries for at most 3 s; the rest waits for occ notify retry, or
    the next run of occ auto.
    """


@command.command("test")
@click.argument("name", required=False, shell_complete=offers.targets)
@this_session
def test(session: Session, *, name: str | None) -> int:
    """Send a message that says it is a test, to one target or to all."""
    return _told(session, session.app.notify_test(name), _failed, "occ notify test")


@command.command("list")
@this_session
def rows(session: Session) -> int:
    """Every target with what waits for it; of addresses scheme and host alone."""
    found = session.app.notify_list()
    if not found:
        session.note("nobody is told: the config has no [notify.NAME]; docs/notifications.md")
        return session.result(found, "")
    return session.result(found, table(_LIST, [_cells(row) for row in found]))


@command.command("retry")
@this_session
def retry(session: Session) -> int:
    """Send what waits; each target's messages go in order, and end at the first that fails."""
    session.changing = True
    return _told(session, session.app.notify_retry(), _left, "occ notify retry")


def _told(session: Session, sent: Sequence[Sent], why: Callable[[Sent], str], again: str) -> int:
    """Tell how it went.

    Raises:
        NotDeliveredError: a target did not take one.
    """
    missed = [one for one in sent if one.waiting or one.refused]
    if missed:
        says = "; ".join(f"{one.target}: {why(one)}" for one in missed)
        raise NotDeliveredError(f"not everything was delivered: {says}", hint=again)
    lines = list(_lines(sent)) or ["nobody is told: no [notify.NAME] in the config, or no journal"]
    return session.result(sent, "\n".join(lines))


def _lines(sent: Sequence[Sent]) -> Iterator[str]:
    for one in sent:
        yield f"{one.target}: {one.why or f'{one.delivered} delivered'}"


def _failed(one: Sent) -> str:
    """A test that failed is kept by nobody."""
    return one.why or "it was refused"


def _left(one: Sent) -> str:
    if one.waiting:
        return f"{one.waiting} waiting, {one.why}"
    return f"{one.refused} refused"


def _cells(row: TargetRow) -> list[object]:
    return [
        row.target,
        f"{row.way} {row.address}",
        ", ".join(row.events),
        row.waiting,
        moment(row.delivered_at) if row.delivered_at else "never",
        f"{moment(row.failed_at)}: {row.why}" if row.why else "-",
    ]
