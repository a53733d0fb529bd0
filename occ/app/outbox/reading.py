"""The journal's answers for the outbox: what is to be told, and how far each target has come."""

from collections.abc import Iterator
from dataclasses import dataclass

from occ.app.desk import Desk
from occ.app.ledgers import all_unfinished
from occ.domain import notices, outbox
from occ.domain.events import Entry
from occ.domain.notices import NoticeBegun, NoticeFailed, Subject, whose
from occ.domain.operation import Operation
from occ.domain.outbox import Cursor, Fact
from occ.journal.port import Journal, Stamp

_RECENT = 100
"""Operations among which services are looked for that the config has no more."""


@dataclass(frozen=True, slots=True)
class Failing:
    """A target's last failed try of one message that was written down."""

    at: int
    notice: NoticeFailed


def begin(desk: Desk) -> None:
    """Have every target begin here that was never told anything: it hears of no earlier day."""
    new = [name for name in desk.settings.notify if _begun(desk.journal, name) is None]
    if not new:
        return
    position = desk.journal.head().position
    for name in new:
        note(desk, name, NoticeBegun(target=name, position=position))


def note(desk: Desk, target: str, event: notices.NoticeEvent) -> None:
    """Write a notice of a target down."""
    stamp = Stamp(service=whose(target), operator=desk.actor.operator, at=desk.clock.now())
    desk.journal.note((event,), stamp)


def cursor_of(journal: Journal, target: str, waiting: tuple[Fact, ...]) -> Cursor:
    """How far a target has come. Its notices are read newest first, and as few as tell it."""
    oldest = min((fact.position for fact in waiting), default=0)
    return outbox.cursor(_telling(journal, target, oldest))


def ends(desk: Desk, after: int) -> Iterator[Fact]:
    """The ends of operations in entries after a position."""
    for entry in desk.journal.entries(names=outbox.ENDS, after=after):
        operation = desk.operation(entry.operation)
        yield Fact(
            subject="ended",
            happening=outbox.happening(operation),
            operation=entry.operation,
            position=entry.position,
            at=entry.at,
        )


def in_need(desk: Desk) -> tuple[Fact, ...]:
    """The unfinished operations that nobody drives."""
    return tuple(
        _needs(desk, operation)
        for service in services(desk)
        for operation in all_unfinished(desk.journal, service)
        if desk.driven(operation) is False
    )


def services(desk: Desk) -> tuple[str, ...]:
    """The services of the config, and those of the last operations."""
    recent = (entry.service for entry in desk.journal.latest(limit=_RECENT))
    return tuple(dict.fromkeys((*desk.settings.services, *recent)))


def last_delivered(journal: Journal, target: str) -> int:
    """When a target took its last message, ms since 1970; 0 for never."""
    found = journal.latest(service=whose(target), name="notice.delivered", limit=1)
    return next((entry.at for entry in found), 0)


def failing(
    journal: Journal, target: str, subject: Subject | None = None, position: int = 0
) -> Failing | None:
    """The last failed try of this message that was written down; without a subject, of any."""
    for entry in journal.latest(service=whose(target), name="notice.failed", limit=1):
        notice = entry.event
        if not isinstance(notice, NoticeFailed):
            continue
        if subject is None or (notice.subject, notice.position) == (subject, position):
            return Failing(entry.at, notice)
    return None


def _needs(desk: Desk, operation: Operation) -> Fact:
    *_, last = desk.journal.entries(operation=operation.number)
    return Fact(
        subject="needs_person",
        happening="needs_person",
        operation=operation.number,
        position=last.position,
        at=last.at,
    )


def _begun(journal: Journal, target: str) -> Entry | None:
    return next(journal.latest(service=whose(target), name="notice.begun", limit=1), None)


def _telling(journal: Journal, target: str, oldest: int) -> Iterator[Entry]:
    """The newest notices of each name, as far back as they matter.

    That is to one that tells of an end, and over all that may tell of an operation that waits now.
    """
    yield from journal.latest(service=whose(target), name="notice.begun", limit=1)
    taken = 0
    for name in ("notice.delivered", "notice.refused"):
        ended = False
        for entry in journal.latest(service=whose(target), name=name):
            if ended and (not oldest or entry.position < oldest):
                break
            yield entry
            taken = max(taken, entry.position)
            ended = ended or getattr(entry.event, "subject", "") != "needs_person"
    for entry in journal.latest(service=whose(target), name="notice.given_up"):
        yield entry
        if entry.position < taken:
            break
