"""An operation and its steps, as their entries tell them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from occ.domain.events import Cause, OperationPlanned
from occ.domain.request import StepPlan
from occ.domain.step_events import Failure
from occ.domain.step_names import (
    BUILD_IMAGE,
    CREATE_CONTAINER,
    JUDGE_REHEARSAL,
    MEASURE_DATA,
    PROVE_HEALTH,
    PULL_IMAGE,
    START_CONTAINER,
    STOP_CONTAINER,
    TAKE_SNAPSHOT,
)
from occ.domain.step_results import FetchedImage, Proof, ServiceTimes
from occ.domain.taking import Taking
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
class StepState:
    """One step and how far it has come. Times are ms since 1970 UTC, 0 for not yet."""

    plan: StepPlan
    state: StepStatus = "waiting"
    pending: bool = False
    """A call to carry it out was begun and never seen to end: the engine may still be at it, so
    that call is brought to its own end before the opposite one is made."""
    attempts: int = 0
    repeats: int = 0
    """How often the container that it watches ended and was to be started again."""
    exited_at: int = 0
    """When that container ended last, by the engine's clock."""
    started_at: int = 0
    ended_at: int = 0
    """When it was done, or had failed."""
    undo_started_at: int = 0
    undo_ended_at: int = 0
    result: Mapping[str, Json] = field(default_factory=dict)
    """The results of all its attempts, a later one over an earlier one."""
    undo_result: Mapping[str, Json] = field(default_factory=dict)
    seen: bool = False
    """The last attempt found the effect there, and did not make it."""
    failure: Failure | None = None
    """Why it could not be carried out."""
    stuck: Failure | None = None
    """Why it could not be undone when that was last tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One requested change and how far it has come. Times are ms since 1970 UTC, 0 for not yet."""

    number: int
    service: str
    planned: OperationPlanned
    at: int
    """When it was planned."""
    steps: tuple[StepState, ...]
    """The steps of all stages that are planned so far."""
    stage: int = 1
    """The last stage that is planned, counted from 1."""
    commits_at: int = -1
    """How many of `steps` precede the activation; -1 where none is planned so far."""
    version: int = 0
    """The version that the service has afterwards; 0 while that is not known."""
    rehearsed: int = 0
    """The operation whose rehearsal of this version counts; 0 where none does."""
    activated: bool = False
    """The point of no return is passed."""
    reverting: bool = False
    cause: Cause | None = None
    """Why it is put back; None while it goes forward."""
    ending: Ending | None = None
    ended_at: int = 0
    next_seq: int = 0
    """The number of its next entry, counted from 0."""
    driver: Actor
    """Who planned it, or resumed or aborted it last."""
    taken_up_at: int = 0
    """When it was resumed or aborted last; 0 where nobody did."""
    resumed: int = 0
    """How often it was taken up again."""
    left: tuple[str, ...] = ()
    """The things that an abandoned operation leaves behind, in words for people."""
    left_down_at: int = 0
    """When the container found had ended, as an abandon saw it; ms by the engine's clock."""

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
    def direction(self) -> str:
        """The thing that it is at while it has not ended, or was when its driver went."""
        if self.reverting:
            return "going back"
        return "finishing" if self.activated else "going forward"

    @property
    def driver_since(self) -> int:
        """When its driver began to drive it."""
        return self.taken_up_at or self.at

    @property
    def reached(self) -> int:
        """The version that it left the service with, as far as it came."""
        moved = self.activated and not self.planned.request.staging
        return self.version if moved else self.planned.current

    @property
    def ways(self) -> str:
        """The commands that lead out of it while it has not ended and nobody drives it."""
        return "occ resume" if self.reverting or self.activated else "occ resume, or occ abort"

    @property
    def disrupted(self) -> bool:
        """Whether the service may be down: a disrupting step was begun and nothing is proven."""
        return not self.activated and any(
            step.plan.disrupts and step.state in TOUCHED for step in self.steps
        )

    @property
    def ran(self) -> bool:
        """Whether a container may have run on the volumes that it made.

        A container that was never started has written nothing, and some engines fill a volume
        only at the first start. After the activation anybody may start it as the service's.
        """
        return self.activated or any(
            step.plan.name in _RUNS and step.state != "waiting" for step in self.steps
        )

    def result(self, name: str) -> Mapping[str, Json]:
        """The result of the step of this name; empty when it is not done."""
        return next((s.result for s in self.steps if s.plan.name == name and s.result), {})

    def step(self, name: str) -> StepState | None:
        """The step of this name; None where none was planned."""
        return next((step for step in self.steps if step.plan.name == name), None)

    @property
    def created(self) -> str:
        """The id of the replacement that it made last; empty where no result names one."""
        return str(self.result(CREATE_CONTAINER).get("container") or "")

    @property
    def fetched(self) -> FetchedImage:
        """The image that its first stage brought; one without an id before that."""
        return FetchedImage.from_json(self.result(PULL_IMAGE) or self.result(BUILD_IMAGE))

    @property
    def taking(self) -> Taking | None:
        """The snapshot of its replacement, with what was measured so far; None where none is."""
        taking = self.planned.request.taking
        return taking.known(self.result(MEASURE_DATA)) if taking else None

    @property
    def proof(self) -> Proof | None:
        """The end of its gate; None before that."""
        result = self.result(PROVE_HEALTH)
        return Proof.from_json(result) if result else None

    @property
    def passed_beside(self) -> bool:
        """Whether its version passed beside the service, in a rehearsal of its own."""
        return self.result(JUDGE_REHEARSAL).get("verdict") == "passed"

    def begun(self, name: str) -> bool:
        """Whether the step of this name was ever begun, also where it is undone."""
        step = self.step(name)
        return step is not None and step.state != "waiting"

    def has(self, name: str) -> bool:
        """Whether a step of this name was planned."""
        return self.step(name) is not None

    @property
    def failure(self) -> Failure | None:
        """The first failure, which is why the operation went back."""
        return next((s.failure for s in self.steps if s.failure), None)

    @property
    def downtime_ms(self) -> int | None:
        """From the old container's end to the first good answer of what serves next.

        None when nothing was stopped or nothing serves.
        """
        down, up = self.down_at, self.up_at
        return None if down is None or up is None else max(0, up - down)

    @property
    def snapshot_ms(self) -> int | None:
        """The part of its downtime in which a snapshot was taken; None without one in between."""
        took = self.result(TAKE_SNAPSHOT).get("took_ms")
        stopped = self.has(STOP_CONTAINER) and self.downtime_ms is not None
        return took if stopped and isinstance(took, int) else None

    @property
    def down_at(self) -> int | None:
        """When the old container ended, by the engine's clock; None when nothing was stopped."""
        downs = [t.finished_at for t in self._times if t.finished_at is not None]
        return min(downs, default=self.left_down_at or None)

    @property
    def up_at(self) -> int | None:
        """When something answered well again, by the engine's clock; None when nothing did."""
        ups = [t.first_good_at for t in self._times if t.first_good_at is not None]
        return max(ups, default=None)

    @property
    def _times(self) -> Iterable[ServiceTimes]:
        results = (r for s in self.steps for r in (s.result, s.undo_result))
        return (ServiceTimes.from_json(result) for result in results)
