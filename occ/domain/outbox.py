"""The outbox: which messages a target has not had yet. Pure; nothing is sent here."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from occ.domain.events import Entry
from occ.domain.happenings import Happening
from occ.domain.history import left_down
from occ.domain.notices import (
    NoticeBegun,
    NoticeDelivered,
    NoticeGivenUp,
    NoticeRefused,
    Subject,
)
from occ.domain.operation import Operation

ENDS: Final = ("operation.done", "operation.undone", "operation.unchanged", "operation.abandoned")
"""The names of the events that end an operation."""
DAY_MS: Final = 24 * 3_600_000
KEPT_MS: Final = 7 * DAY_MS
"""For so long a message is tried."""
TENTH: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A thing to be told: an operation's end, or that it needs a person."""

    subject: Subject
    happening: Happening
    operation: int
    position: int
    """The entry that it tells of: the end, or the last one of an unfinished operation."""
    at: int
    """When that was written, ms since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Facts that were not told within a week, told as one."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a target has come."""

    after: int | None = None
    """It had the ends up to this position, or did not want them; None where it was never begun."""
    told: frozenset[tuple[int, int]] = frozenset()
    """Operation and position of those of which it knows that they need a person."""


def cursor(entries: Iterable[Entry]) -> Cursor:
    """How far the target has come, of which these notices are; in any order."""
    after: int | None = None
    told: set[tuple[int, int]] = set()
    for entry in entries:
        match entry.event:
            case NoticeBegun(position=position) | NoticeGivenUp(position=position):
                after = max(after or 0, position)
            case NoticeDelivered() | NoticeRefused() as notice:
                if notice.subject == "needs_person":
                    told.add((notice.operation, notice.position))
                else:
                    after = max(after or 0, notice.position)
            case _:
                continue
    return Cursor(after=after, told=frozenset(told))


def due(
    facts: Iterable[Fact], so_far: Cursor, wanted: Collection[str], now: int
) -> tuple[Fact | Summary, ...]:
    """The messages for a target, in the order in which they are to be sent.

    Ends older than a week come first, as one summary.
    """
    told = sorted(
        (fact for fact in facts if fact.happening in wanted and _new(fact, so_far)),
        key=lambda fact: fact.position,
    )
    late = tuple(f for f in told if f.subject == "ended" and now - f.at > KEPT_MS)
    rest = tuple(fact for fact in told if fact not in late)
    return (Summary(facts=late), *rest) if late else rest


def worth_noting(tries: int, noted_at: int | None, now: int) -> bool:
    """Whether a failed try is written down: the first, the tenth, and one a day.

    `noted_at` is the time of the last one that was, None where none was.
    """
    return noted_at is None or tries == TENTH or now - noted_at >= DAY_MS


def happening(operation: Operation) -> Happening:
    """The thing that happened to an operation, as targets are told of it."""
    match operation.ending:
        case None:
            return "needs_person"
        case "unchanged":
            return "unchanged"
        case "abandoned":
            return "abandoned"
        case "undone":
            return "failed" if operation.cause == "failure" else "put_back"
        case "done":
            if left_down(operation):
                return "failed"
            return "done_by_auto" if operation.driver.unattended else "done"


def _new(fact: Fact, so_far: Cursor) -> bool:
    if fact.subject == "needs_person":
        return (fact.operation, fact.position) not in so_far.told
    return so_far.after is not None and fact.position > so_far.after
