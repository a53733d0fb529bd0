"""Which messages a target has not had: the fold alone, with right answers by hand."""

from collections.abc import Sequence

import pytest

from occ.domain.events import Entry, Event, OperationDone, OperationUndone
from occ.domain.happenings import Happening
from occ.domain.notices import (
    NoticeBegun,
    NoticeDelivered,
    NoticeFailed,
    NoticeGivenUp,
    NoticeRefused,
)
from occ.domain.outbox import (
    DAY_MS,
    Cursor,
    Fact,
    Summary,
    cursor,
    due,
    worth_noting,
)

NOW = 1_700_000_000_000
WANTED = ("done", "failed", "needs_person")


def entries(*events: Event, first: int = 100) -> list[Entry]:
    """Notices at positions from 100 on."""
    return [
        Entry(
            position=first + at,
            operation=0,
            seq=at,
            at=NOW,
            service="notify:phone",
            operator="ada",
            hash="",
            event=event,
        )
        for at, event in enumerate(events)
    ]


def end(position: int, happening: Happening = "done", age_days: int = 0) -> Fact:
    return Fact(
        subject="ended",
        happening=happening,
        operation=position // 10,
        position=position,
        at=NOW - age_days * DAY_MS,
    )


def need(position: int, age_days: int = 0) -> Fact:
    return Fact(
        subject="needs_person",
        happening="needs_person",
        operation=position // 10,
        position=position,
        at=NOW - age_days * DAY_MS,
    )


BEGUN = NoticeBegun(target="phone", position=20)
DELIVERED = NoticeDelivered(target="phone", subject="ended", operation=3, position=30)
NEEDED = NoticeDelivered(target="phone", subject="needs_person", operation=5, position=50)
REFUSED = NoticeRefused(target="phone", subject="ended", operation=4, position=40, why="400")
FAILED = NoticeFailed(target="phone", subject="ended", operation=9, position=90, tries=1, why="500")
GIVEN_UP = NoticeGivenUp(target="phone", position=60, count=3, first=4, last=6)
MORE = NoticeGivenUp(target="phone", position=80, count=2, first=7, last=8)
TAKEN = NoticeDelivered(target="phone", subject="given_up", operation=8, position=80)


@pytest.mark.parametrize(
    ("events", "after", "told", "owed"),
    [
        ((), None, set(), None),
        ((BEGUN,), 20, set(), None),
        ((BEGUN, DELIVERED), 30, set(), None),
        ((BEGUN, DELIVERED, REFUSED), 40, set(), None),
        ((BEGUN, DELIVERED, FAILED), 30, set(), None),
        ((BEGUN, NEEDED), 20, {(5, 50)}, None),
        ((BEGUN, GIVEN_UP), 60, set(), (3, 4, 6)),
        ((BEGUN, GIVEN_UP, MORE), 80, set(), (5, 4, 8)),
        ((BEGUN, GIVEN_UP, MORE, TAKEN), 80, set(), None),
        ((BEGUN, GIVEN_UP, TAKEN, MORE), 80, set(), (2, 7, 8)),
    ],
)
def test_how_far_a_target_has_come(
    events: Sequence[Event],
    after: int | None,
    told: set[tuple[int, int]],
    owed: tuple[int, int, int] | None,
) -> None:
    for order in (entries(*events), list(reversed(entries(*events)))):
        found = cursor(order)
        assert found.after == after
        assert set(found.told) == told
        summary = found.owed
        assert (summary and (summary.count, summary.first, summary.last)) == owed


def test_entries_of_operations_tell_nothing() -> None:
    assert cursor(entries(OperationDone(), OperationUndone())) == Cursor()


@pytest.mark.parametrize(
    ("facts", "so_far", "positions"),
    [
        ([end(30)], Cursor(), []),  # never begun
        ([end(30), end(40)], Cursor(after=30), [40]),
        ([end(50), need(40), end(30)], Cursor(after=20), [30, 40, 50]),
        ([need(40)], Cursor(after=90), [40]),  # a state, whatever was told since
        ([need(40)], Cursor(after=90, told=frozenset({(4, 40)})), []),
        ([need(45)], Cursor(after=90, told=frozenset({(4, 40)})), [45]),  # it died again
        ([end(30, "unchanged"), end(40, "failed")], Cursor(after=20), [40]),
        ([need(40, age_days=30)], Cursor(after=20), [40]),  # still true
        ([end(30, age_days=7)], Cursor(after=20), [30]),
    ],
)
def test_what_is_due(facts: list[Fact], so_far: Cursor, positions: list[int]) -> None:
    found = due(facts, so_far, WANTED, NOW)
    assert [fact.position for fact in found] == positions


def test_ends_older_than_a_week_come_first_as_one() -> None:
    facts = [need(20, age_days=9), end(30, age_days=9), end(40, age_days=8), end(50, age_days=1)]
    summary, first, last = due(facts, Cursor(after=10), WANTED, NOW)
    assert summary == Summary(count=2, first=3, last=4, position=40, late=(facts[1], facts[2]))
    assert (first, last) == (facts[0], facts[3])


def test_those_given_up_before_are_counted_in() -> None:
    owed = Summary(count=3, first=1, last=2, position=20)
    late = end(30, age_days=8)
    assert due([late], Cursor(after=20, owed=owed), WANTED, NOW) == (
        Summary(count=4, first=1, last=3, position=30, late=(late,)),
    )
    assert due([], Cursor(after=20, owed=owed), WANTED, NOW) == (owed,)


@pytest.mark.parametrize(
    ("tries", "noted_ago", "wanted"),
    [
        (1, None, True),
        (2, 0, False),
        (9, DAY_MS - 1, False),
        (10, 1, True),
        (11, 1, False),
        (11, DAY_MS, True),
        (7, None, True),  # its count was lost
    ],
)
def test_which_failed_tries_are_written(tries: int, noted_ago: int | None, wanted: bool) -> None:
    noted = None if noted_ago is None else NOW - noted_ago
    assert worth_noting(tries, noted, NOW) is wanted
