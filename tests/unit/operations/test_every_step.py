"""Every step: done twice, undone twice, in doubt, and a crash at every call inside of it.

What is there afterwards is written out by hand: + came, - went. It is the same whatever came over
the step, and nothing more comes when time goes by.
"""

import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from occ.operations.step_context import StepContext
from occ.operations.steps import STEPS, planned, step_for
from tests.doubles.engine.wire import Loss, When
from tests.unit.operations.every import CASES
from tests.unit.operations.house import House

LATE_MS = 15


class PowerCutError(BaseException):
    """The process is no more: nothing that handles errors catches it."""


class Stage:
    """A case set up anew in a folder of its own, and what came and went since."""

    def __init__(self, name: str, parent: Path) -> None:
        self.house = House(folder=Path(tempfile.mkdtemp(dir=parent)))
        self.case = CASES[name](self.house)
        self.before = self.house.picture()
        self.context = self.house.fitted(wanted="$y$new")

    def changes(self) -> set[str]:
        """What came and went, once nothing is under way any more."""
        self.house.engine.host.agenda.spend(1_000)
        now = self.house.picture()
        return {f"- {one}" for one in self.before - now} | {f"+ {one}" for one in now - self.before}

    def do(self) -> None:
        """Do it as the loop does after a crash: what is seen is not done again."""
        if self.case.step.seen(self.context) is None:
            self.case.step.apply(self.context)

    def undo(self) -> None:
        """Undo it as the loop does after a crash: a call under way comes to its end first."""
        self.case.step.settle(self.context)
        self.case.step.revert(self.context)

    def crashes(self, at: int, how: When, act: Callable[[StepContext], object]) -> bool:
        """Do something, and die at its `at`-th call of the engine; false when there are fewer."""
        calls = count(1)

        def watch(_verb: str) -> Loss | None:
            left = at - next(calls)
            return (
                Loss(how if left == 0 else "never", LATE_MS, PowerCutError()) if left < 1 else None
            )

        wire = self.house.engine.wire
        wire.watch = watch
        try:
            act(self.context)
        except PowerCutError:
            return True
        finally:
            wire.watch = lambda _verb: None
        return False


def test_every_step_has_a_case(tmp_path: Path) -> None:
    assert CASES.keys() == STEPS.keys()
    assert [Stage(name, tmp_path).case.step.name for name in CASES] == list(CASES)


@pytest.mark.parametrize("name", STEPS)
def test_a_step_is_the_same_when_it_comes_out_of_a_plan(name: str, tmp_path: Path) -> None:
    case = Stage(name, tmp_path).case
    assert step_for(planned(case.step)) == case.step


@pytest.mark.parametrize("name", STEPS)
def test_done_twice_is_done_once(name: str, tmp_path: Path) -> None:
    stage = Stage(name, tmp_path)
    first = stage.case.step.apply(stage.context)
    assert stage.changes() == set(stage.case.done)
    assert stage.case.step.apply(stage.context).keys() == first.keys()
    assert stage.changes() == set(stage.case.done)


@pytest.mark.parametrize("name", STEPS)
def test_what_is_seen_to_be_done_is_done(name: str, tmp_path: Path) -> None:
    stage = Stage(name, tmp_path)
    assert stage.case.step.seen(stage.context) is None
    stage.case.step.apply(stage.context)
    stage.do()
    assert stage.changes() == set(stage.case.done)


@pytest.mark.parametrize("name", STEPS)
def test_undone_twice_is_undone_once(name: str, tmp_path: Path) -> None:
    stage = Stage(name, tmp_path)
    stage.case.step.apply(stage.context)
    for _ in range(2):
        stage.case.step.revert(stage.context)
        assert stage.changes() == (set(stage.case.done) if stage.case.stays else set())


@pytest.mark.parametrize("name", STEPS)
def test_what_was_not_done_yet_can_be_undone(name: str, tmp_path: Path) -> None:
    stage = Stage(name, tmp_path)
    stage.undo()
    assert stage.changes() == set()


@pytest.mark.parametrize("how", ["never", "now", "later"])
@pytest.mark.parametrize("name", STEPS)
def test_a_crash_inside_it_and_it_is_done_all_the_same(
    name: str, how: When, tmp_path: Path
) -> None:
    for at in count(1):
        stage = Stage(name, tmp_path)
        if not stage.crashes(at, how, stage.case.step.apply):
            break
        stage.do()
        assert stage.changes() == set(stage.case.done), f"at call {at}"


@pytest.mark.parametrize("how", ["never", "now", "later"])
@pytest.mark.parametrize("name", STEPS)
def test_a_crash_inside_it_and_it_is_undone(name: str, how: When, tmp_path: Path) -> None:
    for at in count(1):
        stage = Stage(name, tmp_path)
        if not stage.crashes(at, how, stage.case.step.apply):
            break
        stage.undo()
        left = set(stage.case.done) if stage.case.stays else set()
        assert stage.changes() <= left, f"at call {at}"


@pytest.mark.parametrize("how", ["never", "now", "later"])
@pytest.mark.parametrize("name", STEPS)
def test_a_crash_inside_its_undoing_and_it_is_undone(name: str, how: When, tmp_path: Path) -> None:
    for at in count(1):
        stage = Stage(name, tmp_path)
        stage.case.step.apply(stage.context)
        if not stage.crashes(at, how, stage.case.step.revert):
            break
        stage.case.step.revert(stage.context)
        assert stage.changes() == (set(stage.case.done) if stage.case.stays else set())
