"""Operations that work aside: `restart` is made one of them here, so that there is one."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from occ.app.ledgers import operation_of, operations_of, unfinished_of
from occ.app.options import Options
from occ.app.results import Proposal
from occ.domain.events import Event, Kind, OperationResumed
from occ.domain.kinds import KINDS, Claim, KindFacts
from occ.domain.operation import Operation
from occ.domain.step_events import StepDone
from occ.errors import BusyError, JournalConflictError
from occ.journal.port import Stamp
from occ.operations.problems import asked_to_run
from tests.doubles.journal import MemoryJournal
from tests.faults.memory import NAME, MemoryWorld
from tests.people import YES

DEAD = -9


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MemoryWorld:
    """A service that runs, and a kind that works aside and holds nothing."""
    aside(monkeypatch)
    made = MemoryWorld(tmp_path)
    made.prepare("update", "one")
    return made


def aside(monkeypatch: pytest.MonkeyPatch, *claims: Claim) -> None:
    facts = replace(
        KINDS["restart"], works="aside", needs=frozenset[Claim](), claims=frozenset(claims)
    )
    monkeypatch.setitem(cast("dict[Kind, KindFacts]", KINDS), "restart", facts)


def begun(world: MemoryWorld) -> Operation:
    """An operation aside that died before its second write."""
    assert world.occ("restart", "journal:2:before") == DEAD
    operation = unfinished_of(world.journal, NAME, aside=True)
    assert operation is not None
    return operation


@pytest.mark.parametrize("verb", ["stop", "update", "apply", "repair"])
def test_one_that_is_unfinished_keeps_nobody_waiting(world: MemoryWorld, verb: str) -> None:
    operation = begun(world)
    assert unfinished_of(world.journal, NAME) is None
    assert world.occ(verb) == 0, world.said
    still = unfinished_of(world.journal, NAME, aside=True)
    assert still is not None
    assert still.number == operation.number


def test_its_lock_is_its_own(world: MemoryWorld) -> None:
    with world.desk().lock(NAME, aside=True):
        assert world.occ("stop") == 0, world.said
        with pytest.raises(BusyError):
            world.desk().lock(NAME, aside=True)
    with world.desk().lock(NAME):
        assert world.occ("restart") == 0, world.said
        assert world.occ("stop") == 8


def test_the_next_one_aside_waits_for_it(world: MemoryWorld) -> None:
    begun(world)
    with_yes = world.occ("restart")  # which resumes it first
    assert with_yes == 0, world.said
    assert unfinished_of(world.journal, NAME, aside=True) is None


def test_resume_takes_the_one_on_the_service_first(world: MemoryWorld) -> None:
    aside_one = begun(world)
    assert world.occ("stop", "journal:2:before") == DEAD
    assert world.occ("resume") == 0, world.said
    assert unfinished_of(world.journal, NAME) is None
    still = unfinished_of(world.journal, NAME, aside=True)
    assert still is not None
    assert still.number == aside_one.number
    assert world.occ("resume") == 0, world.said
    assert unfinished_of(world.journal, NAME, aside=True) is None


def test_a_change_that_needs_what_it_holds_ends_it(
    world: MemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside(monkeypatch, "data")
    operation = begun(world)
    said: list[str] = []

    def confirm(proposal: Proposal) -> bool:
        said.extend(proposal.warnings)
        return True

    people = replace(YES, confirm=confirm)
    assert world.app.change("stop", NAME, Options(), people).operation is not None
    assert f"operation {operation.number} (restart) was ended for this" in said
    assert unfinished_of(world.journal, NAME, aside=True) is None
    assert operation_of(world.journal, operation.number).ending == "undone"
    late = (StepDone(0, {}),)
    with pytest.raises(JournalConflictError):  # its process, if it still lives, ends by this
        world.journal.append(operation.number, operation.next_seq, late, world.desk().stamp(NAME))


def test_a_change_that_needs_something_else_leaves_it(
    world: MemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside(monkeypatch, "images")
    begun(world)
    assert world.occ("stop") == 0, world.said  # which needs the data alone
    assert unfinished_of(world.journal, NAME, aside=True) is not None


def test_a_plan_ends_nothing(world: MemoryWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    aside(monkeypatch, "data")
    begun(world)
    position = world.journal.head().position
    proposal = world.app.change("stop", NAME, Options(plan=True), YES).proposal
    assert proposal is not None
    assert world.journal.head().position == position


def test_it_decides_nothing_of_whether_the_service_is_to_run(world: MemoryWorld) -> None:
    assert world.occ("stop") == 0
    assert world.occ("restart") == 0, world.said
    assert not asked_to_run(operations_of(world.journal, NAME))
    assert world.occ("start") == 0
    assert asked_to_run(operations_of(world.journal, NAME))


class Contested(MemoryJournal):
    """Its operations aside are driven by a process that writes whenever somebody else does."""

    writes = 1

    def append(self, operation: int, seq: int, events: Sequence[Event], stamp: Stamp) -> int:
        there = tuple(self.entries(operation=operation))
        if self.writes and isinstance(events[0], OperationResumed):
            self.writes -= 1
            super().append(operation, len(there), (StepDone(0, {}),), stamp)
        return super().append(operation, seq, events, stamp)


@pytest.mark.parametrize(("writes", "ended"), [(1, True), (4, True), (50, False)])
def test_one_whose_process_lives_is_taken_over_or_left_and_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int, *, ended: bool
) -> None:
    aside(monkeypatch, "data")
    journal = Contested()
    world = MemoryWorld(tmp_path, journal=journal)
    journal.writes = 0
    world.prepare("update", "one")
    begun(world)
    journal.writes = writes
    assert world.occ("stop") == 0, world.said
    assert (unfinished_of(journal, NAME, aside=True) is None) == ended


def test_one_that_cannot_be_put_back_keeps_nobody_waiting(
    world: MemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside(monkeypatch, "data")
    assert world.occ("restart", "journal:3:before") == DEAD  # the stop is done, and not recorded
    assert world.occ("update", "engine:1:before", "refuse500") == 0, world.said
    still = unfinished_of(world.journal, NAME, aside=True)
    assert still is not None
    assert still.reverting
    assert unfinished_of(world.journal, NAME) is None
