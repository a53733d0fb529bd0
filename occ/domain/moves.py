"""The next move of an operation: the one decision that the runner obeys.

The runner decides nothing itself, so that carrying an operation out, undoing it, and resuming it
after a crash are one loop.
"""

from dataclasses import dataclass
from typing import TypeAlias

from occ.domain.events import Event, OperationDone, OperationUndone
from occ.domain.operation import TOUCHED, Operation, StepState
from occ.domain.step_events import StepReverting, StepStarted


@dataclass(frozen=True, slots=True)
class Apply:
    """Carry a step out; `in_doubt` when an attempt was begun and its end is not known."""

    index: int
    in_doubt: bool
    attempt: int

    @property
    def intent(self) -> Event:
        """The event that is written before the effect."""
        return StepStarted(self.index, self.attempt)


@dataclass(frozen=True, slots=True)
class Revert:
    """Undo a step; `pending` when the call to do it may still be under way in the engine."""

    index: int
    pending: bool
    attempt: int

    @property
    def intent(self) -> Event:
        """The event that is written before the effect."""
        return StepReverting(self.index, self.attempt)


@dataclass(frozen=True, slots=True)
class Activate:
    """Commit: the new version is the current one."""

    number: int
    replaced: int


@dataclass(frozen=True, slots=True)
class Extend:
    """Plan the next stage from what is now known."""


@dataclass(frozen=True, slots=True)
class Finish:
    """Write how the operation ended."""

    event: OperationDone | OperationUndone


Move: TypeAlias = Apply | Revert | Activate | Extend | Finish


def next_move(operation: Operation) -> Move | None:
    """The loop's next move; None when the operation has ended. Moves always run out."""
    if operation.ending:
        return None
    return _next_back(operation) if operation.reverting else _next_forward(operation)


def _next_forward(operation: Operation) -> Move:
    for index, step in enumerate(operation.steps):
        if index == operation.commits_at and not operation.activated:
            return Activate(operation.version, operation.planned.current)
        if step.state != "done" and not step.plan.back:
            return _apply(index, step)
    if operation.stage < operation.planned.stages:
        return Extend()
    if operation.commits_at == len(operation.steps) and not operation.activated:
        return Activate(operation.version, operation.planned.current)
    return Finish(OperationDone())


def _next_back(operation: Operation) -> Move:
    for index in reversed(range(len(operation.steps))):
        step = operation.steps[index]
        if step.plan.back:
            if step.state != "done" and operation.begun(step.plan.back):
                return _apply(index, step)
        elif step.state in TOUCHED:
            return Revert(index, step.pending, step.attempts + 1)
    return Finish(OperationUndone())


def _apply(index: int, step: StepState) -> Apply:
    return Apply(index, step.state != "waiting", step.attempts + 1)
