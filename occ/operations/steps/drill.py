"""Steps of a drill, which shows that a snapshot can be restored, and of clearing after one."""

from dataclasses import dataclass
from typing import ClassVar

from occ.domain import step_names
from occ.domain.events import Event
from occ.domain.snapshots import SnapshotDrilled
from occ.domain.values import Json, seconds_text
from occ.errors import OccError, RehearsalError, SnapshotDamagedError
from occ.operations import enclosure, event_size
from occ.operations.enclosure import enclosed, left_beside
from occ.operations.step_context import StepContext
from occ.operations.steps.rehearsal import RunBeside, run_of
from occ.operations.steps.step import Result, Step

_SAID_BYTES = 2_048


@dataclass(frozen=True, slots=True)
class DrillSnapshot(RunBeside):
    """Have it known whether a snapshot can be restored, and its version runs on it."""

    name: ClassVar[str] = step_names.DRILL_SNAPSHOT
    snapshot: int
    version: int
    deadline_ms: int

    def apply(self, context: StepContext) -> Result:
        """Run it.

        Raises:
            RehearsalError: it does not pass.
            FailedError, NotFoundError, RefusedError: it could not be run.
        """
        shown = run_of(context, self.version, self.snapshot).made(self.deadline_ms)
        told = {"snapshot": self.snapshot, "version": self.version, "after_ms": shown.after_ms}
        if shown.passed:
            after = seconds_text(shown.after_ms)
            return {**told, "said": f"version {self.version} healthy on it after {after}"}
        raise RehearsalError(
            f"version {self.version} does not pass on snapshot {self.snapshot}: {shown.said}",
            hint=f"occ show {context.operation.number}",
            log_tail=shown.log_tail,
            own=shown.own,
        )

    def facts(self, result: Result) -> tuple[Event, ...]:
        """It passed."""
        drilled = SnapshotDrilled(
            number=_number(result.get("snapshot")),
            version=_number(result.get("version")),
            passed=True,
            after_ms=_number(result.get("after_ms")),
        )
        return (drilled,)

    def blame(self, context: StepContext, error: OccError) -> tuple[Event, ...]:
        """It did not; that a run was ended, or the engine went under it, tells nothing."""
        known = isinstance(error, RehearsalError | SnapshotDamagedError)
        if not known or (isinstance(error, RehearsalError) and not error.own):
            return ()
        said = event_size.beginning(error.message, _SAID_BYTES)
        drilled = SnapshotDrilled(
            number=self.snapshot, version=self.version, passed=False, said=said
        )
        return (drilled,)


@dataclass(frozen=True, slots=True)
class ClearBeside(Step):
    """Have nothing that runs beside the service, of whichever operation."""

    name: ClassVar[str] = step_names.CLEAR_BESIDE

    def seen(self, context: StepContext) -> Result | None:
        """Whether there is nothing."""
        known = enclosed(context.journal, context.service)
        there = left_beside(context.engine, known)
        return None if there else {"said": "removed"}

    def apply(self, context: StepContext) -> Result:
        """Remove all of it."""
        enclosure.clear(context.engine, enclosed(context.journal, context.service))
        return {"said": "removed"}


def _number(value: Json) -> int:
    return value if isinstance(value, int) else 0
