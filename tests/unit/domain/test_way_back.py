"""Steps of the way back: passed over forward, carried out backward, in doubt after a crash."""

from dataclasses import replace

from occ.domain.events import OperationResumed, OperationReverting
from occ.domain.moves import Activate, Apply, Finish, Revert, next_move
from occ.domain.operation import Operation, StepState
from occ.domain.request import StepPlan
from occ.domain.step_events import StepDone, StepReverted, StepReverting, StepStarted, StepStuck
from tests.unit.domain.test_operation import ME, after, done
from tests.unit.domain.test_operation import operation as usual

STOP, START = StepPlan(name="stop", disrupts=True), StepPlan(name="start")
BACK = StepPlan(name="back", back="start")
FAILED = OperationReverting(cause="failure")


def operation(*plans: StepPlan, commits_at: int = -1) -> Operation:
    made = usual(0, commits_at=commits_at)
    return replace(
        made,
        planned=replace(made.planned, steps=plans),
        steps=tuple(StepState(plan=plan) for plan in plans),
    )


THREE = operation(STOP, BACK, START)
STARTED = (*done(1), StepStarted(2))
UNDONE = (StepReverting(2), StepReverted(2))


def test_forward_it_is_passed_over() -> None:
    assert next_move(after(THREE, *done(1))) == Apply(2, in_doubt=False, attempt=1)
    whole = after(THREE, *done(1), StepStarted(2), StepDone(2))
    assert isinstance(next_move(whole), Finish)
    commits = operation(BACK, START, commits_at=1)
    assert isinstance(next_move(commits), Activate)


def test_backward_it_is_carried_out_after_what_comes_behind_it() -> None:
    op = after(THREE, *STARTED, FAILED)
    assert next_move(op) == Revert(2, pending=True, attempt=2)
    op = after(op, *UNDONE)
    assert next_move(op) == Apply(1, in_doubt=False, attempt=1)
    op = after(op, StepStarted(1), StepDone(1, {"changed": ["data"]}))
    assert next_move(op) == Revert(0, pending=False, attempt=2)
    assert op.result("back") == {"changed": ["data"]}
    op = after(op, StepReverting(0), StepReverted(0))
    assert isinstance(next_move(op), Finish)


def test_where_its_step_was_never_begun_nothing_asks_for_it() -> None:
    op = after(THREE, *done(1), FAILED)
    assert next_move(op) == Revert(0, pending=False, attempt=2)
    other = operation(STOP, replace(BACK, back="prove"), START)
    assert next_move(after(other, *STARTED, FAILED, *UNDONE)) == Revert(0, pending=False, attempt=2)


def test_a_crash_on_the_way_back_puts_it_in_doubt() -> None:
    begun = after(THREE, *STARTED, FAILED, *UNDONE, StepStarted(1), OperationResumed(ME))
    assert next_move(begun) == Revert(2, pending=False, attempt=2)
    again = after(begun, StepReverting(2), StepReverted(2))
    assert next_move(again) == Apply(1, in_doubt=True, attempt=2)
    seen = after(
        THREE, *STARTED, FAILED, *UNDONE, StepStarted(1), StepDone(1), OperationResumed(ME), *UNDONE
    )
    assert next_move(seen) == Apply(1, in_doubt=True, attempt=2)


def test_stuck_it_is_tried_again() -> None:
    stuck = StepStuck(index=1, code="failed", message="the disk is full")
    op = after(THREE, *STARTED, FAILED, *UNDONE, StepStarted(1), stuck)
    assert next_move(op) == Apply(1, in_doubt=True, attempt=2)
    assert op.state == "reverting"
