"""The fold of an operation: from its entries to how far it has come."""

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from occ.domain import (
    acceptance,
    data_sets,
    events,
    holds,
    notices,
    rehearsal,
    sightings,
    snapshots,
    staging,
    step_events,
)
from occ.domain.events import Entry, Event
from occ.domain.operation import Operation, StepState, StepStatus
from occ.domain.schedules import turns
from occ.domain.step_events import Failure, StepEvent
from occ.domain.values import Actor


def begin(entry: Entry, event: events.OperationPlanned) -> Operation:
    """The operation as its first entry leaves it."""
    return Operation(
        number=entry.operation,
        service=entry.service,
        planned=event,
        at=entry.at,
        steps=tuple(StepState(plan=plan) for plan in event.steps),
        commits_at=event.commits_at,
        version=event.version,
        next_seq=entry.seq + 1,
        driver=event.actor,
    )


def fold(entries: Iterable[Entry]) -> Operation | None:
    """The operation that these entries of one operation tell; None when there are none."""
    operation: Operation | None = None
    for entry in entries:
        if operation is not None:
            operation = apply_event(operation, entry.event, entry.at)
        elif isinstance(entry.event, events.OperationPlanned):
            operation = begin(entry, entry.event)
    return operation


def apply_event(  # noqa: C901, PLR0911, PLR0912 - one case an event, counted by the type checker
    operation: Operation, event: Event, at: int
) -> Operation:
    """The operation after one more event."""
    operation = replace(operation, next_seq=operation.next_seq + 1)
    if isinstance(event, StepEvent):
        return _with_step(operation, event, at)
    match event:
        case events.OperationExtended():
            return replace(
                operation,
                steps=operation.steps + tuple(StepState(plan=plan) for plan in event.steps),
                stage=operation.stage + 1,
                commits_at=event.commits_at,
                version=event.version,
                rehearsed=event.rehearsed or operation.rehearsed,
            )
        case events.OperationResumed():
            return _resumed(operation, event.actor, at)
        case events.OperationReverting():
            driver = event.actor or operation.driver
            return replace(operation, reverting=True, cause=event.cause, driver=driver)
        case events.VersionActivated() | events.UsersRecorded() | events.OperationCommitted():
            return replace(operation, activated=True)
        case staging.VersionStaged() | staging.VersionUnstaged():
            return _activated(operation)
        case events.OperationDone():
            return replace(operation, ending="done", ended_at=at)
        case events.OperationUndone():
            return replace(operation, ending="undone", ended_at=at)
        case events.OperationUnchanged():
            return replace(operation, ending="unchanged", ended_at=at)
        case events.OperationAbandoned():
            closed = replace(operation, ending="abandoned", ended_at=at, left=event.left)
            return replace(closed, left_down_at=event.down_at)
        case events.OperationPlanned() | events.VersionRecorded() | events.VersionJudged():
            return operation
        case events.JournalCreated() | events.HostRecorded() | events.NumbersAdvanced():
            return operation
        case acceptance.ImageJudged() | events.ImageRemoved():
            return operation
        case events.ContainerAdopted() | events.ServiceForgotten():
            return operation
        case data_sets.DataSetRecorded() | data_sets.DataSetBound() | data_sets.DataSetRemoved():
            return operation
        case snapshots.SnapshotTaken() | snapshots.SnapshotDescribed():
            return operation
        case snapshots.SnapshotPinned() | snapshots.SnapshotRemoved():
            return operation
        case rehearsal.VersionRehearsed() | snapshots.SnapshotDrilled():
            return operation
        case data_sets.VolumeRestored() | turns.AutoTried():
            return operation
        case notices.NoticeBegun() | notices.NoticeDelivered() | notices.NoticeRefused():
            return operation
        case notices.NoticeFailed() | notices.NoticeGivenUp():
            return operation
        case holds.ServiceHeld() | holds.ServiceReleased() | sightings.ImageSeen():
            return operation
        case _:
            assert_never(event)


def _activated(operation: Operation) -> Operation:
    """Past the point of no return, though no other version is the current one."""
    return replace(operation, activated=True)


def _with_step(operation: Operation, event: StepEvent, at: int) -> Operation:
    step = operation.steps[event.index]
    match event:
        case step_events.StepStarted():
            step = replace(
                step,
                state="started",
                pending=True,
                attempts=event.attempt,
                started_at=step.started_at or at,
            )
        case step_events.StepDone():
            result = {**step.result, **event.result}
            step = replace(
                step, state="done", pending=False, ended_at=at, result=result, seen=event.seen
            )
        case step_events.StepFailed():
            failure = _failure(event)
            step = replace(step, state="failed", pending=False, ended_at=at, failure=failure)
        case step_events.StepRepeated():
            repeats = step.repeats + 1
            step = replace(step, pending=False, repeats=repeats, exited_at=event.exited_at)
        case step_events.StepReverting():
            step = replace(step, state="reverting", attempts=event.attempt)
            step = replace(step, undo_started_at=step.undo_started_at or at)
        case step_events.StepReverted():
            step = replace(
                step, state="reverted", pending=False, undo_ended_at=at, undo_result=event.result
            )
        case step_events.StepStuck():
            step = replace(step, state="stuck", stuck=_failure(event))
        case _:
            assert_never(event)
    steps = operation.steps
    return replace(operation, steps=(*steps[: event.index], step, *steps[event.index + 1 :]))


def _failure(event: step_events.StepFailed | step_events.StepStuck) -> Failure:
    return Failure(code=event.code, message=event.message, hint=event.hint, log_tail=event.log_tail)


def _resumed(operation: Operation, actor: Actor, at: int) -> Operation:
    """After a crash nothing is believed: what was done, or undone, is in doubt again.

    Steps before activation stay believed once activation is written: the old container that they
    speak of may be gone by then, and nothing leads back to them.
    """
    first = operation.commits_at if operation.activated else 0
    believed: StepStatus = "reverted" if operation.reverting else "done"
    doubted: StepStatus = "reverting" if operation.reverting else "started"
    steps = tuple(
        replace(step, state="started" if step.plan.back else doubted)
        if index >= first and step.state == ("done" if step.plan.back else believed)
        else step
        for index, step in enumerate(operation.steps)
    )
    again = operation.resumed + 1
    return replace(operation, steps=steps, driver=actor, resumed=again, taken_up_at=at)
