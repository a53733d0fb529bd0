"""An operation is a fold over its entries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias, assert_never

from occ.domain.events import (
    Cause,
    ContainerAdopted,
    Entry,
    Event,
    HostRecorded,
    JournalCreated,
    NumbersAdvanced,
    OperationAbandoned,
    OperationCommitted,
    OperationDone,
    OperationExtended,
    OperationPlanned,
    OperationResumed,
    OperationReverting,
    OperationUnchanged,
    OperationUndone,
    ServiceForgotten,
    StepDone,
    StepFailed,
    StepPlan,
    StepReverted,
    StepReverting,
    StepStarted,
    StepStuck,
    UsersRecorded,
    VersionActivated,
    VersionJudged,
    VersionRecorded,
)
from occ.domain.step_names import (
    BUILD_IMAGE,
    PROVE_HEALTH,
    PULL_IMAGE,
    START_CONTAINER,
    STOP_CONTAINER,
)
from occ.domain.step_results import FetchedImage, Proof, ServiceTimes
from occ.domain.values import Actor, Json

StepStatus: TypeAlias = Literal[
    "waiting", "started", "done", "failed", "reverting", "reverted", "stuck"
]
Ending: TypeAlias = Literal["done", "undone", "unchanged", "abandoned"]

# Undone, a stop starts a container, and may make it again.
_RUNS = frozenset({STOP_CONTAINER, START_CONTAINER})

# A step in one of these has been begun, and is not known to be undone.
TOUCHED: frozenset[StepStatus] = frozenset({"started", "done", "failed", "reverting", "stuck"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a step could not be carried out or undone."""

    code: str
    message: str
    hint: str = ""
    log_tail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepState:
    """What is known of one step. Times are ms; 0 means not yet.

    `pending` says that a call to carry it out was begun and never seen to end: the engine may
    still be at it, so before the opposite call it must be brought to its own end. `failure` is why
    it could not be carried out, `stuck` why it could not be undone when that was last tried.
    """

    plan: StepPlan
    state: StepStatus = "waiting"
    pending: bool = False
    attempts: int = 0
    started_at: int = 0
    ended_at: int = 0
    result: Mapping[str, Json] = field(default_factory=dict)
    undo_result: Mapping[str, Json] = field(default_factory=dict)
    seen: bool = False
    failure: Failure | None = None
    stuck: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One requested change and how far it has come."""

    number: int
    service: str
    planned: OperationPlanned
    at: int
    steps: tuple[StepState, ...]
    stage: int = 1
    commits_at: int = -1
    version: int = 0
    activated: bool = False
    reverting: bool = False
    cause: Cause | None = None
    ending: Ending | None = None
    ended_at: int = 0
    next_seq: int = 0
    driver: Actor
    resumed: int = 0
    left: tuple[str, ...] = ()

    @property
    def state(self) -> Literal["planned", "running", "reverting"] | Ending:
        """Planned, running, reverting, or how it ended."""
        if self.ending:
            return self.ending
        if self.reverting:
            return "reverting"
        begun = any(step.state != "waiting" for step in self.steps)
        return "running" if begun else "planned"

    @property
    def disrupted(self) -> bool:
        """Whether the service may be down: a disrupting step was begun and nothing is proven."""
        return not self.activated and any(
            step.plan.disrupts and step.state in TOUCHED for step in self.steps
        )

    @property
    def ran(self) -> bool:
        """Whether a container may have run on the volumes that it made.

        One that was made and never started has written nothing, and some engines fill a volume
        only at the first start. After the activation it is the service's, which anybody may start.
        """
        return self.activated or any(
            step.plan.name in _RUNS and step.state != "waiting" for step in self.steps
        )

    def result(self, name: str) -> Mapping[str, Json]:
        """What the step of this name found out; empty when it is not done."""
        return next((s.result for s in self.steps if s.plan.name == name and s.result), {})

    @property
    def fetched(self) -> FetchedImage:
        """The image that its first stage brought; one without an id before that."""
        return FetchedImage.from_json(self.result(PULL_IMAGE) or self.result(BUILD_IMAGE))

    @property
    def proof(self) -> Proof | None:
        """The end of its gate; None before that."""
        result = self.result(PROVE_HEALTH)
        return Proof.from_json(result) if result else None

    def has(self, name: str) -> bool:
        """Whether a step of this name was planned."""
        return any(step.plan.name == name for step in self.steps)

    @property
    def failure(self) -> Failure | None:
        """The first failure, which is why the operation went back."""
        return next((s.failure for s in self.steps if s.failure), None)

    @property
    def downtime_ms(self) -> int | None:
        """From the old container's end to the first good answer of what serves next.

        By the engine's clock and the prober's; None when nothing was stopped or nothing serves.
        """
        results = [r for s in self.steps for r in (s.result, s.undo_result)]
        times = [ServiceTimes.from_json(result) for result in results]
        downs = [t.finished_at for t in times if t.finished_at is not None]
        ups = [t.first_good_at for t in times if t.first_good_at is not None]
        if not downs or not ups:
            return None
        return max(0, max(ups) - min(downs))


def begin(entry: Entry, event: OperationPlanned) -> Operation:
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
        elif isinstance(entry.event, OperationPlanned):
            operation = begin(entry, entry.event)
    return operation


def apply_event(  # noqa: C901, PLR0911, PLR0912 - one case an event, counted by the type checker
    operation: Operation, event: Event, at: int
) -> Operation:
    """The operation after one more event."""
    operation = replace(operation, next_seq=operation.next_seq + 1)
    match event:
        case StepStarted() | StepDone() | StepFailed() | StepReverting():
            return _with_step(operation, event, at)
        case StepReverted() | StepStuck():
            return _with_step(operation, event, at)
        case OperationExtended():
            return replace(
                operation,
                steps=operation.steps + tuple(StepState(plan=plan) for plan in event.steps),
                stage=operation.stage + 1,
                commits_at=event.commits_at,
                version=event.version,
            )
        case OperationResumed():
            return _resumed(operation, event.actor)
        case OperationReverting():
            driver = event.actor or operation.driver
            return replace(operation, reverting=True, cause=event.cause, driver=driver)
        case VersionActivated() | UsersRecorded() | OperationCommitted():
            return replace(operation, activated=True)
        case OperationDone():
            return replace(operation, ending="done", ended_at=at)
        case OperationUndone():
            return replace(operation, ending="undone", ended_at=at)
        case OperationUnchanged():
            return replace(operation, ending="unchanged", ended_at=at)
        case OperationAbandoned():
            return replace(operation, ending="abandoned", ended_at=at, left=event.left)
        case OperationPlanned() | VersionRecorded() | VersionJudged():
            return operation
        case JournalCreated() | HostRecorded() | NumbersAdvanced():
            return operation
        case ContainerAdopted() | ServiceForgotten():
            return operation
        case _:
            assert_never(event)


def _with_step(
    operation: Operation,
    event: StepStarted | StepDone | StepFailed | StepReverting | StepReverted | StepStuck,
    at: int,
) -> Operation:
    step = operation.steps[event.index]
    match event:
        case StepStarted():
            step = replace(
                step,
                state="started",
                pending=True,
                attempts=event.attempt,
                started_at=step.started_at or at,
            )
        case StepDone():
            result = {**step.result, **event.result}
            step = replace(
                step, state="done", pending=False, ended_at=at, result=result, seen=event.seen
            )
        case StepFailed():
            failure = _failure(event)
            step = replace(step, state="failed", pending=False, ended_at=at, failure=failure)
        case StepReverting():
            step = replace(step, state="reverting", attempts=event.attempt)
        case StepReverted():
            step = replace(
                step, state="reverted", pending=False, ended_at=at, undo_result=event.result
            )
        case StepStuck():
            step = replace(step, state="stuck", stuck=_failure(event))
        case _:
            assert_never(event)
    steps = operation.steps
    return replace(operation, steps=(*steps[: event.index], step, *steps[event.index + 1 :]))


def _failure(event: StepFailed | StepStuck) -> Failure:
    return Failure(code=event.code, message=event.message, hint=event.hint, log_tail=event.log_tail)


def _resumed(operation: Operation, actor: Actor) -> Operation:
    """After a crash nothing is believed: what was done, or undone, is in doubt again.

    Steps before activation stay believed once activation is written: the old container that they
    speak of may be gone by then, and nothing leads back to them.
    """
    first = operation.commits_at if operation.activated else 0
    believed: StepStatus = "reverted" if operation.reverting else "done"
    doubted: StepStatus = "reverting" if operation.reverting else "started"
    steps = tuple(
        replace(step, state=doubted) if index >= first and step.state == believed else step
        for index, step in enumerate(operation.steps)
    )
    return replace(operation, steps=steps, driver=actor, resumed=operation.resumed + 1)
