"""What a fold keeps of a step besides its state: its times, and what is in doubt after a crash."""

from dataclasses import replace

import pytest

from occ.domain.events import (
    ContainerAdopted,
    Event,
    HostRecorded,
    JournalCreated,
    NumbersAdvanced,
    OperationPlanned,
    OperationResumed,
    OperationReverting,
    ServiceForgotten,
    VersionActivated,
)
from occ.domain.moves import Apply, Revert, next_move
from occ.domain.operation import Operation, StepState
from occ.domain.operation_fold import apply_event
from occ.domain.request import Adoption, Found, Request, StepPlan
from occ.domain.step_events import (
    StepDone,
    StepFailed,
    StepReverted,
    StepReverting,
    StepStarted,
    StepStuck,
)
from occ.domain.values import Actor, Host

ANN = Actor(operator="ann")


def _operation(*, commits_at: int = -1) -> Operation:
    plans = (StepPlan(name="first"), StepPlan(name="second"))
    planned = OperationPlanned(
        kind="update", actor=ANN, request=Request(), found=Found(), steps=plans, current=1
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
        driver=ANN,
    )


def _after(operation: Operation, *events: Event) -> Operation:
    """The operation after events at 10, 20, 30, ..."""
    for number, event in enumerate(events, 1):
        operation = apply_event(operation, event, 10 * number)
    return operation


@pytest.mark.parametrize(
    ("events", "ended", "undone"),
    [
        ((StepStarted(0), StepDone(0)), 20, (0, 0)),
        ((StepStarted(0), StepFailed(index=0, code="x", message="x")), 20, (0, 0)),
        ((StepStarted(0), StepDone(0), StepReverting(0), StepReverted(0)), 20, (30, 40)),
        ((StepStarted(0), StepReverting(0), StepReverted(0)), 0, (20, 30)),
        ((StepStarted(0), StepReverting(0), StepReverting(0), StepReverted(0)), 0, (20, 40)),
    ],
)
def test_a_step_has_times_of_doing_and_of_undoing(
    events: tuple[Event, ...], ended: int, undone: tuple[int, int]
) -> None:
    step = _after(_operation(), *events).steps[0]
    assert (step.started_at, step.ended_at, step.pending) == (10, ended, False)
    assert (step.undo_started_at, step.undo_ended_at) == undone


def test_a_step_that_is_tried_again_began_with_its_first_attempt() -> None:
    step = _after(_operation(), StepStarted(0, 1), OperationResumed(ANN), StepStarted(0, 2)).steps[
        0
    ]
    assert (step.started_at, step.attempts, step.pending) == (10, 2, True)


def test_what_an_attempt_finds_is_added_to_what_an_earlier_one_found() -> None:
    step = _after(
        _operation(), StepStarted(0), StepDone(0, {"a": 1}), StepStarted(0), StepDone(0, {"b": 2})
    ).steps[0]
    assert step.result == {"a": 1, "b": 2}


def test_an_undo_that_is_stuck_keeps_why_the_step_failed() -> None:
    operation = _after(
        _operation(),
        StepStarted(0),
        StepFailed(index=0, code="sick", message="not healthy"),
        OperationReverting(cause="failure"),
        StepReverting(0),
        StepStuck(index=0, code="gone", message="no engine"),
    )
    assert operation.failure is not None
    assert operation.failure.code == "sick"


def test_an_undo_that_was_done_before_a_crash_is_done_again() -> None:
    operation = _after(
        _operation(),
        *(StepStarted(0), StepDone(0), StepStarted(1), StepDone(1)),
        *(
            OperationReverting(cause="failure"),
            StepReverting(1),
            StepReverted(1),
            OperationResumed(ANN),
        ),
    )
    assert [step.state for step in operation.steps] == ["done", "reverting"]
    assert next_move(operation) == Revert(1, pending=False, attempt=2)


def test_before_activation_every_done_step_is_in_doubt_after_a_crash() -> None:
    operation = _after(_operation(commits_at=1), StepStarted(0), StepDone(0), OperationResumed(ANN))
    assert [step.state for step in operation.steps] == ["started", "waiting"]
    assert next_move(operation) == Apply(0, in_doubt=True, attempt=2)


def test_after_activation_what_came_before_it_is_believed() -> None:
    operation = _after(
        _operation(commits_at=1),
        *(StepStarted(0), StepDone(0), VersionActivated(2, 1, "update")),
        *(StepStarted(1), StepDone(1), OperationResumed(ANN)),
    )
    assert [step.state for step in operation.steps] == ["done", "started"]


@pytest.mark.parametrize(
    "event",
    [
        JournalCreated("7f"),
        HostRecorded(Host("engine-1", "/var/lib/docker", "unix:///var/run/docker.sock")),
        NumbersAdvanced(8, 9),
        ContainerAdopted(Adoption(container="c1", version=1)),
        ServiceForgotten(("c1",)),
    ],
    ids=lambda event: type(event).__name__,
)
def test_what_is_said_of_the_service_only_counts(event: Event) -> None:
    before = _operation()
    after = apply_event(before, event, 10)
    assert after.next_seq == before.next_seq + 1
    assert (after.steps, after.state, after.activated) == (before.steps, before.state, False)


def test_a_container_may_have_run_once_one_was_started_or_stopped_or_is_the_service() -> None:
    plans = tuple(StepPlan(name=name) for name in ("create_container", "start_container"))
    before = _operation(commits_at=1)
    made = _after(
        replace(before, steps=tuple(StepState(plan=plan) for plan in plans)),
        StepStarted(0),
        StepDone(0, {"container": "c"}),
    )
    assert not made.ran
    assert _after(made, StepStarted(1)).ran
    assert _after(made, StepStarted(1), StepReverting(1), StepReverted(1)).ran
    assert _after(made, VersionActivated(2, 1, "update")).ran
    stop = StepState(plan=StepPlan(name="stop_container"))
    assert _after(replace(before, steps=(stop,)), StepStarted(0)).ran
