"""A plan is a value: the steps of a stage, decided by a pure function from what was seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from occ.domain.events import Event, Kind, OperationExtended, VersionRecorded
from occ.domain.operation import Operation
from occ.domain.request import Found, Request, StepPlan, Version
from occ.domain.versions import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInput:
    """All that a plan is made from: the service as found, what is wanted, what the ledger knows."""

    journal: str
    """The journal's id."""
    service: str
    found: Found
    request: Request
    ledger: Ledger
    prints: Mapping[str, str] = field(default_factory=dict)
    """The fingerprints of the secrets that the container found was made with. A rollback makes a
    recorded version with the values of its own day, so they may differ from the recorded ones."""
    kind: Kind = "update"
    newest: str = ""
    """The id of the image that the request means; empty where only its first stage finds out."""

    @property
    def called(self) -> str:
        """The name that the service's container has afterwards."""
        return self.request.called or self.service


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The first stage, as OperationPlanned has it."""

    steps: tuple[StepPlan, ...]
    stages: int = 1
    shown: int = 0
    """How many steps of all stages have a title."""
    commits_at: int = -1
    """How many of `steps` precede the activation; -1 where this stage has none."""
    version: int = 0
    """The version that the service has afterwards; 0 while that is not known."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """There is nothing to do; `reason` says why, for people."""

    reason: str


Decision: TypeAlias = Plan | Unchanged


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """The next stage, and the version that it is for."""

    steps: tuple[StepPlan, ...]
    commits_at: int
    """How many steps of all stages precede the activation."""
    version: Version
    new: bool
    """The version is recorded together with the stage."""
    rehearsed: int = 0
    """The operation whose rehearsal of the version counts; 0 where none does."""

    def events(self) -> tuple[Event, ...]:
        """The events that are written, in one commit, before the first of the steps starts."""
        extended = OperationExtended(
            steps=self.steps,
            version=self.version.number,
            commits_at=self.commits_at,
            rehearsed=self.rehearsed,
        )
        return (VersionRecorded(self.version), extended) if self.new else (extended,)


def shown(steps: tuple[StepPlan, ...]) -> int:
    """How many of these steps people see."""
    return sum(1 for step in steps if step.title and not step.back)


def plan_input_of(
    operation: Operation, ledger: Ledger, journal: str, prints: Mapping[str, str]
) -> PlanInput:
    """The input of the plan of an operation, from what was written when it was planned."""
    return PlanInput(
        journal=journal,
        service=operation.service,
        found=operation.planned.found,
        request=operation.planned.request,
        ledger=ledger,
        prints=prints,
        kind=operation.planned.kind,
    )
