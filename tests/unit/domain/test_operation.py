"""The fold of an operation: what comes next, from every place it can stand in."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occ.domain.events import (
    Entry,
    Event,
    OperationAbandoned,
    OperationDone,
    OperationExtended,
    OperationPlanned,
    OperationResumed,
    OperationReverting,
    OperationUnchanged,
    OperationUndone,
    UsersRecorded,
    VersionActivated,
)
from occ.domain.moves import Activate, Apply, Extend, Finish, Revert, next_move
from occ.domain.operation import Operation, StepState
from occ.domain.operation_fold import apply_event, fold
from occ.domain.request import Found, Request, StepPlan
from occ.domain.step_events import (
    Failure,
    StepDone,
    StepFailed,
    StepRepeated,
    StepReverted,
    StepReverting,
    StepStarted,
    StepStuck,
)
from occ.domain.values import Actor

ME = Actor(operator="ann")


def operation(steps: int = 3, *, commits_at: int = -1, stages: int = 1) -> Operation:
    plans = tuple(StepPlan(name=f"step{n}", disrupts=n == 1) for n in range(steps))
    planned = OperationPlanned(
        kind="update",
        actor=ME,
        request=Request(),
        found=Found(),
        steps=plans,
        current=1,
        stages=stages,
    )
    return Operation(
        number=7,
        service="web",
        planned=planned,
        at=1,
        steps=tuple(StepState(plan=plan) for plan in plans),
        commits_at=commits_at,
        version=2,
        next_seq=1,
        driver=ME,
    )


def after(op: Operation, *events: Event) -> Operation:
    for event in events:
        op = apply_event(op, event, 1)
    return op


def done(count: int) -> list[Event]:
    return [event for n in range(count) for event in (StepStarted(n), StepDone(n))]


def test_steps_are_carried_out_in_order_and_then_it_is_done() -> None:
    op = operation(2)
    assert next_move(op) == Apply(0, in_doubt=False, attempt=1)
    op = after(op, *done(1))
    assert next_move(op) == Apply(1, in_doubt=False, attempt=1)
    move = next_move(after(op, StepStarted(1), StepDone(1)))
    assert isinstance(move, Finish)
    assert type(move.event).__name__ == "OperationDone"


def test_a_started_step_without_a_result_is_in_doubt() -> None:
    op = after(operation(), StepStarted(0))
    assert next_move(op) == Apply(0, in_doubt=True, attempt=2)


def test_activation_comes_before_the_steps_after_it() -> None:
    op = after(operation(3, commits_at=2), *done(2))
    assert next_move(op) == Activate(2, 1)
    op = after(op, VersionActivated(2, 1, "update"))
    assert next_move(op) == Apply(2, in_doubt=False, attempt=1)


def test_users_that_are_recorded_are_a_point_of_no_return() -> None:
    op = after(operation(2, commits_at=1), *done(1))
    assert next_move(op) == Activate(2, 1)
    op = after(op, UsersRecorded(()))
    assert next_move(op) == Apply(1, in_doubt=False, attempt=1)
    assert op.activated


def test_activation_comes_also_when_no_step_follows_it() -> None:
    op = after(operation(2, commits_at=2), *done(2))
    assert next_move(op) == Activate(2, 1)


def test_the_next_stage_is_planned_when_the_first_has_run_out() -> None:
    op = after(operation(1, stages=2), *done(1))
    assert next_move(op) == Extend()
    extended = OperationExtended(steps=(StepPlan(name="more"),), version=3, commits_at=2)
    op = after(op, extended)
    assert next_move(op) == Apply(1, in_doubt=False, attempt=1)
    assert op.version == 3


def test_undoing_goes_backwards_over_what_was_touched_only() -> None:
    failed = StepFailed(index=1, code="failed", message="no")
    op = after(operation(), *done(1), StepStarted(1), failed, OperationReverting(cause="failure"))
    assert next_move(op) == Revert(1, pending=False, attempt=2)
    op = after(op, StepReverting(1), StepReverted(1))
    assert next_move(op) == Revert(0, pending=False, attempt=2)
    op = after(op, StepReverting(0), StepReverted(0))
    move = next_move(op)
    assert isinstance(move, Finish)
    assert type(move.event).__name__ == "OperationUndone"


def test_a_call_that_was_never_seen_to_end_is_pending_when_undone() -> None:
    op = after(operation(), *done(1), StepStarted(1), OperationReverting(cause="abort"))
    assert next_move(op) == Revert(1, pending=True, attempt=2)
    again = after(op, StepReverting(1), OperationResumed(ME))
    assert next_move(again) == Revert(1, pending=True, attempt=2)


def test_a_step_that_is_to_be_repeated_has_no_call_under_way() -> None:
    repeated = StepRepeated(index=1, exited_at=5, said="it is exited")
    op = after(operation(), *done(1), StepStarted(1), repeated, OperationReverting(cause="abort"))
    assert next_move(op) == Revert(1, pending=False, attempt=2)


def test_resumed_it_believes_nothing_that_was_done_before() -> None:
    op = after(operation(), *done(2), OperationResumed(ME))
    assert next_move(op) == Apply(0, in_doubt=True, attempt=2)


def test_resumed_after_activation_it_never_looks_behind_it() -> None:
    events = [*done(2), VersionActivated(2, 1, "update"), StepStarted(2), OperationResumed(ME)]
    op = after(operation(3, commits_at=2), *events)
    assert next_move(op) == Apply(2, in_doubt=True, attempt=2)


def test_resumed_while_reverting_it_undoes_again_and_settles_nothing_settled() -> None:
    events = [
        *done(2),
        OperationReverting(cause="abort"),
        StepReverting(1),
        StepReverted(1),
        OperationResumed(ME),
    ]
    op = after(operation(), *events)
    assert next_move(op) == Revert(1, pending=False, attempt=2)


def test_a_stuck_step_is_undone_again() -> None:
    stuck = StepStuck(index=0, code="failed", message="no")
    op = after(operation(), *done(1), OperationReverting(cause="abort"), StepReverting(0), stuck)
    assert next_move(op) == Revert(0, pending=False, attempt=2)
    assert op.state == "reverting"


def test_it_is_disrupted_from_the_intent_to_stop_until_activation() -> None:
    op = after(operation(3, commits_at=2), *done(1))
    assert not op.disrupted
    op = after(op, StepStarted(1))
    assert op.disrupted
    op = after(op, StepDone(1), VersionActivated(2, 1, "update"))
    assert not op.disrupted


def test_downtime_is_from_the_old_ones_end_to_the_last_first_good_answer() -> None:
    events: list[Event] = [
        StepDone(0, {"finished_at": 1000}),
        StepDone(1, {"first_good_at": 1800}),
    ]
    assert after(operation(), *events).downtime_ms == 800
    assert after(operation(), StepDone(0, {"finished_at": 1000})).downtime_ms is None
    assert (
        after(
            operation(), StepDone(0, {"finished_at": 9}), StepDone(1, {"first_good_at": 1})
        ).downtime_ms
        == 0
    )


def test_an_ended_operation_has_no_move() -> None:
    assert next_move(replace(operation(), ending="abandoned")) is None


Fate = st.sampled_from(["done", "fail", "crash", "abort", "stuck"])


@given(fates=st.lists(Fate, max_size=60), steps=st.integers(1, 6), commits=st.integers(-1, 6))
def test_moves_always_run_out(fates: list[str], steps: int, commits: int) -> None:
    """Whatever happens meanwhile, once nothing bad happens any more it ends."""
    op = operation(steps, commits_at=min(commits, steps))
    for fate in [*fates, *["done"] * 40]:
        move = next_move(op)
        if move is None:
            break
        op = _happen(op, move, fate)
    assert next_move(op) is None
    assert (op.ending == "done") == (not op.reverting)
    if op.activated:
        assert op.ending == "done"


def _happen(op: Operation, move: object, fate: str) -> Operation:
    match move:
        case Activate(number, replaced):
            return after(op, VersionActivated(number, replaced, "update"))
        case Finish(event):
            return after(op, event)
        case Apply() | Revert():
            return _act(after(op, move.intent), move, fate)
        case _:
            raise AssertionError(move)


def _act(op: Operation, move: Apply | Revert, fate: str) -> Operation:
    forward = isinstance(move, Apply)
    turned = op.reverting or op.activated
    back = () if turned else (OperationReverting(cause="failure"),)
    match fate:
        case "fail" if forward:
            return after(op, StepFailed(index=move.index, code="x", message="x"), *back)
        case "stuck" if not forward:
            return after(op, StepStuck(index=move.index, code="x", message="x"))
        case "crash":
            return after(op, OperationResumed(ME))
        case "abort" if not turned:
            return after(op, OperationResumed(ME), OperationReverting(cause="abort"))
        case _:
            return after(op, StepDone(move.index) if forward else StepReverted(move.index))


ENDS: list[tuple[Event, str]] = [
    (OperationDone(), "done"),
    (OperationUndone(), "undone"),
    (OperationUnchanged(), "unchanged"),
    (OperationAbandoned(ME, left=("container web",)), "abandoned"),
]


@pytest.mark.parametrize(("event", "ending"), ENDS)
def test_each_end_is_one(event: Event, ending: str) -> None:
    op = apply_event(operation(), event, 9)
    assert (op.ending, op.state, op.ended_at) == (ending, ending, 9)
    assert op.left == (("container web",) if ending == "abandoned" else ())
    assert next_move(op) is None


def test_every_event_is_counted_for_the_next_append() -> None:
    assert after(operation(), *done(2)).next_seq == 5


def test_a_step_knows_when_it_began_first_and_how_often_it_was_tried() -> None:
    op = apply_event(operation(), StepStarted(0), 5)
    op = apply_event(op, OperationResumed(ME), 6)
    op = apply_event(op, StepStarted(0, 2), 7)
    step = op.steps[0]
    assert (step.state, step.started_at, step.attempts, step.pending) == ("started", 5, 2, True)
    step = apply_event(op, StepDone(0, {"found": 1}, seen=True), 8).steps[0]
    assert (step.state, step.ended_at, step.pending) == ("done", 8, False)
    assert (step.result, step.seen) == ({"found": 1}, True)


def test_what_a_step_found_out_earlier_stays_known() -> None:
    op = after(operation(), StepDone(0, {"a": 1}), StepDone(0, {"b": 2}))
    assert op.result("step0") == {"a": 1, "b": 2}


def test_a_failure_is_kept_with_the_step_and_its_call_has_ended() -> None:
    failed = StepFailed(index=1, code="x", message="no", hint="h", log_tail=("line",))
    op = after(operation(), *done(1), StepStarted(1), failed)
    assert (op.steps[1].state, op.steps[1].pending) == ("failed", False)
    assert op.failure == Failure(code="x", message="no", hint="h", log_tail=("line",))
    undone = after(op, OperationReverting(cause="failure"), StepReverting(1, 2))
    assert (undone.steps[1].state, undone.steps[1].attempts) == ("reverting", 2)
    undone = after(undone, StepReverted(1, {"said": "gone"}))
    assert (undone.steps[1].state, undone.steps[1].undo_result) == ("reverted", {"said": "gone"})


def test_an_undo_that_is_stuck_says_why_beside_the_reason_to_go_back() -> None:
    stuck = StepStuck(index=0, code="y", message="stuck")
    op = after(operation(), *done(1), OperationReverting(cause="abort"), StepReverting(0), stuck)
    assert op.steps[0].state == "stuck"
    assert op.steps[0].stuck == Failure(code="y", message="stuck")
    assert op.failure is None
    second = StepFailed(index=1, code="x", message="why")
    failed = after(operation(), *done(1), StepStarted(1), second, StepReverting(0), stuck)
    assert failed.failure == Failure(code="x", message="why")
    assert failed.steps[0].stuck == Failure(code="y", message="stuck")
    assert (failed.steps[0].failure, failed.steps[1].stuck) == (None, None)
    undone = after(failed, StepReverting(0), StepReverted(0)).steps[0]
    assert (undone.state, undone.stuck) == ("reverted", Failure(code="y", message="stuck"))


def test_turning_back_knows_why_and_who_drives() -> None:
    ben = replace(ME, operator="ben")
    op = after(operation(), OperationReverting(cause="interrupt"))
    assert (op.state, op.cause, op.driver) == ("reverting", "interrupt", ME)
    assert after(operation(), OperationReverting(cause="abort", actor=ben)).driver == ben
    taken = after(operation(), OperationResumed(ben))
    assert (taken.driver, taken.resumed) == (ben, 1)


def test_a_stage_brings_its_own_point_of_no_return() -> None:
    extended = OperationExtended(steps=(StepPlan(name="more"),), version=3, commits_at=1)
    op = after(operation(1, stages=2), *done(1), extended)
    assert (op.stage, op.commits_at) == (2, 1)
    assert next_move(op) == Activate(3, 1)
    assert next_move(after(op, VersionActivated(3, 1, "update"))) == Apply(
        1, in_doubt=False, attempt=1
    )


def test_it_begins_as_its_plan_says() -> None:
    plan = replace(operation().planned, commits_at=2, version=4)
    entry = Entry(
        position=3, operation=7, seq=0, at=9, service="web", operator="ann", hash="", event=plan
    )
    op = fold([entry, replace(entry, seq=1, event=StepStarted(0))])
    assert op is not None
    assert (op.number, op.service, op.at, op.state) == (7, "web", 9, "running")
    assert (op.commits_at, op.version, op.next_seq, op.driver) == (2, 4, 2, ME)
    assert fold([replace(entry, event=StepStarted(0))]) is None
