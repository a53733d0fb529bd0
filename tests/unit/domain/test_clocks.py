"""A wall clock that goes backwards, forwards by a year, or both: order and sense stay."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occ.domain.events import (
    Entry,
    Event,
    OperationDone,
    OperationPlanned,
    OperationResumed,
    VersionActivated,
)
from occ.domain.history import row
from occ.domain.moves import next_move
from occ.domain.operation import Operation
from occ.domain.operation_fold import fold
from occ.domain.request import Found, Request, StepPlan
from occ.domain.step_events import StepDone, StepStarted
from occ.domain.values import Actor
from occ.journal.port import Stamp
from tests.doubles.journal import MemoryJournal

YEAR = 365 * 24 * 3_600_000
NOON = 1_795_435_200_000
ANN = Actor(operator="ann")
STEPS = (StepPlan(name="stop_container", disrupts=True), StepPlan(name="prove_health"))


def events(stopped: int, good: int) -> list[Event]:
    return [
        OperationPlanned(
            kind="update", actor=ANN, request=Request(), found=Found(), steps=STEPS, commits_at=2
        ),
        StepStarted(0),
        StepDone(0, {"finished_at": stopped}),
        OperationResumed(ANN),
        StepStarted(1),
        StepDone(1, {"first_good_at": good}),
        VersionActivated(1, replaced=0, kind="update"),
        OperationDone(),
    ]


def told(times: list[int], *, known: int = 8) -> Operation:
    happened = events(times[2], times[5])[:known]
    entries = [
        Entry(
            position=n + 1,
            operation=1,
            seq=n,
            at=at,
            service="web",
            operator="ann",
            hash="",
            event=event,
        )
        for n, (event, at) in enumerate(zip(happened, times, strict=False))
    ]
    operation = fold(entries)
    assert operation is not None
    return operation


times = st.lists(
    st.integers(min_value=NOON - 2 * YEAR, max_value=NOON + 2 * YEAR), min_size=8, max_size=8
)


@given(times)
def test_no_duration_is_negative_whatever_the_clock_did(at: list[int]) -> None:
    line = row(told(at))
    assert line.duration_ms is not None
    assert line.downtime_ms is not None
    assert min(line.duration_ms, line.downtime_ms) >= 0
    assert line.outcome == "done"


@given(times, st.integers(min_value=1, max_value=8))
def test_what_comes_next_does_not_depend_on_any_time(at: list[int], known: int) -> None:
    steady = [NOON + n for n in range(8)]
    assert next_move(told(at, known=known)) == next_move(told(steady, known=known))


def test_a_clock_that_goes_on_is_believed() -> None:
    line = row(told([NOON + 1_000 * n for n in range(8)]))
    assert (line.duration_ms, line.downtime_ms) == (7_000, 3_000)


@pytest.mark.parametrize(
    "jumps", [(0, -1, -2, -3), (0, -YEAR, YEAR, 5), (YEAR, 0, -YEAR, 1), (3_600_000, 0, 0, 0)]
)
def test_the_journal_lists_in_the_order_of_writing(jumps: tuple[int, ...]) -> None:
    journal = MemoryJournal()
    plan, *_ = events(0, 0)
    for jump in jumps:
        stamp = Stamp(service="web", operator="ann", at=NOON + jump)
        journal.open_operation((plan, OperationDone()), stamp)
    assert [entry.operation for entry in journal.latest()] == [4, 3, 2, 1]
    there = [entry for entry in journal.entries() if entry.operation]
    assert [entry.operation for entry in there] == [1, 1, 2, 2, 3, 3, 4, 4]
    assert [entry.at - NOON for entry in there[::2]] == list(jumps)


def test_an_end_before_the_beginning_is_no_time_at_all() -> None:
    operation = told([NOON] * 8)
    assert row(replace(operation, ended_at=operation.at - YEAR)).duration_ms == 0
