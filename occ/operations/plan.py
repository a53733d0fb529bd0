"""A plan is a value: the steps of a stage, decided by a pure function from what was seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from occ.domain.events import (
    Event,
    Found,
    Kind,
    OperationExtended,
    Request,
    StepPlan,
    Version,
    VersionRecorded,
)
from occ.domain.operation import Operation
from occ.domain.versions import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a plan is made from: the service as found, what is wanted, what the ledger knows.

    `prints` are the fingerprints of the secrets that the container found was made with. A rollback
    makes a recorded version with the values of its own day, so they may be others than recorded.
    """

    journal: str
    service: str
    found: Found
    request: Request
    ledger: Ledger
    prints: Mapping[str, str] = field(default_factory=dict)
    kind: Kind = "update"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The first stage. `shown` counts the titled steps of all stages; see OperationPlanned."""

    steps: tuple[StepPlan, ...]
    stages: int = 1
    shown: int = 0
    commits_at: int = -1
    version: int = 0


@dataclass(frozen=True, slots=True)
class Unchanged:
    """There is nothing to do; `reason` says why, for people."""

    reason: str


Decision: TypeAlias = Plan | Unchanged


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """The next stage, and the version it is for, recorded with it when it is new."""

    steps: tuple[StepPlan, ...]
    commits_at: int
    version: Version
    new: bool

    def events(self) -> tuple[Event, ...]:
        """What is written, in one commit, before the first of the steps starts."""
        extended = OperationExtended(
            steps=self.steps, version=self.version.number, commits_at=self.commits_at
        )
        return (VersionRecorded(self.version), extended) if self.new else (extended,)


def shown(steps: tuple[StepPlan, ...]) -> int:
    """How many of these steps people see."""
    return sum(1 for step in steps if step.title)


def scene_of(
    operation: Operation, ledger: Ledger, journal: str, prints: Mapping[str, str]
) -> Scene:
    """The scene of an operation that was planned before, from what was written then."""
    return Scene(
        journal=journal,
        service=operation.service,
        found=operation.planned.found,
        request=operation.planned.request,
        ledger=ledger,
        prints=prints,
        kind=operation.planned.kind,
    )
