"""The outbox: which messages a target has not had yet. Pure; nothing is sent here."""

from collections.abc import Collection, Iterable, Sequence
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
    """The messages that were given up, and whose one summary the target has not had yet."""

    count: int
    first: int
    """The operation of the oldest of them."""
    last: int
    position: int
    """The last entry that they told of."""
    late: tuple[Fact, ...] = ()
    """Those among them of which it is not written down yet that they are given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a target has come."""

    after: int | None = None
    """It had the ends up to this position, or did not want them; None where it was never begun."""
    told: frozenset[tuple[int, int]] = frozenset()
    """Operation and position of those of which it knows that they need a person."""
    owed: Summary | None = None
    """The messages that were given up since it took one last."""


def cursor(entries: Iterable[Entry]) -> Cursor:
    """How far the target has come, of which these notices are; in any order.

    A summary is sent before all else, so whatever was taken after messages were given up tells
    that the target had that too.
    """
    after: int | None = None
    told: set[tuple[int, int]] = set()
    given_up: list[tuple[int, NoticeGivenUp]] = []
    taken = 0
    for entry in entries:
        match entry.event:
            case NoticeBegun(position=position):
                after = max(after or 0, position)
            case NoticeGivenUp() as notice:
                after = max(after or 0, notice.position)
                given_up.append((entry.position, notice))
            case NoticeDelivered() | NoticeRefused() as notice:
                taken = max(taken, entry.position)
                if notice.subject == "needs_person":
                    told.add((notice.operation, notice.position))
                else:
                    after = max(after or 0, notice.position)
            case _:
                continue
    owed = [notice for position, notice in sorted(given_up, key=_place) if position > taken]
    return Cursor(after=after, told=frozenset(told), owed=_owed(owed))


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
    summary = _with_late(so_far.owed, late)
    return (summary, *rest) if summary else rest


def _place(given_up: tuple[int, NoticeGivenUp]) -> int:
    return given_up[0]


def _owed(given_up: Sequence[NoticeGivenUp]) -> Summary | None:
    if not given_up:
        return None
    return Summary(
        count=sum(notice.count for notice in given_up),
        first=given_up[0].first,
        last=given_up[-1].last,
        position=given_up[-1].position,
    )


def _with_late(owed: Summary | None, late: tuple[Fact, ...]) -> Summary | None:
    if not late:
        return owed
    return Summary(
        count=len(late) + (owed.count if owed else 0),
        first=owed.first if owed else late[0].operation,
        last=late[-1].operation,
        position=late[-1].position,
        late=late,
    )


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
