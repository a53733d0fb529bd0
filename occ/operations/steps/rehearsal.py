"""Steps that run a version beside the service, on a copy of its data. The service goes on serving.

Whatever keeps a rehearsal from being made is no verdict on a version: only the last step decides
what comes of it.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from occ.archives.store import Store
from occ.domain import step_names
from occ.domain.events import Event, VersionJudged
from occ.domain.rehearsal import VersionRehearsed
from occ.domain.values import Json, seconds_text
from occ.errors import HookChangedError, NotFoundError, OccError, RehearsalError
from occ.operations.enclosure import Enclosure
from occ.operations.rehearsing import Run
from occ.operations.step_context import StepContext
from occ.operations.steps.copy_data import (
    CANNOT,
    CopyData,
    copies,
    copy_of,
    copy_reader,
    ran_out,
    rehearsing_of,
)
from occ.operations.steps.restore import writer_of
from occ.operations.steps.snapshot import recorded, ticking
from occ.operations.steps.step import Result, Step


class RunBeside(Step):
    """A step that runs a version beside the service, and leaves nothing of it there."""

    def seen(self, context: StepContext) -> Result | None:
        """A run that was seen to its end is not made again."""
        return recorded(context, self.name)

    def settle(self, context: StepContext) -> None:
        """Have every call that makes something beside the service come to its end."""
        settle(context)

    def revert(self, context: StepContext) -> Result:
        """Have nothing of it."""
        clear(context)
        return {}


@dataclass(frozen=True, slots=True)
class RehearseVersion(RunBeside):
    """Have it known how a version fares on the copy."""

    name: ClassVar[str] = step_names.REHEARSE_VERSION
    version: int
    deadline_ms: int

    def seen(self, context: StepContext) -> Result | None:
        """A run whose control is still to come is made again: both have to be on the same copy."""
        return recorded(context, self.name) if ran_out(context) else None

    def apply(self, context: StepContext) -> Result:
        """Run it."""
        if why := context.operation.result(CopyData.name).get("why"):
            return {"unknown": why, "said": "not run"}
        return ran(context, self.version, self.deadline_ms)


@dataclass(frozen=True, slots=True)
class ControlRehearsal(RunBeside):
    """Have it known whether the version that runs passes on the same copy, if the new one did not.

    A copy on which it does not pass either says nothing of the new one.
    """

    name: ClassVar[str] = step_names.CONTROL_REHEARSAL
    version: int
    deadline_ms: int

    def apply(self, context: StepContext) -> Result:
        """Run it where it is needed."""
        rehearsed = context.operation.result(RehearseVersion.name)
        if rehearsed.get("passed") is not False:
            return {"said": "not needed"}
        if not self.version:
            return {"unknown": "no version runs that could be compared", "said": "not run"}
        return ran(context, self.version, self.deadline_ms)


@dataclass(frozen=True, slots=True)
class JudgeRehearsal(Step):
    """Have the rehearsal's verdict, and none of its files."""

    name: ClassVar[str] = step_names.JUDGE_REHEARSAL
    version: int

    def seen(self, context: StepContext) -> Result | None:
        """The verdict follows from the journal."""
        return None

    def apply(self, context: StepContext) -> Result:
        """Remove the copy and judge.

        Raises:
            RehearsalError: the version did not pass; or nobody can tell, and it has to.
        """
        copies(context).remove(context.operation.number)
        planned, verdict = rehearsing_of(context), self._verdict(context)
        if verdict.verdict == "passed":
            return {**verdict.to_json(), "said": verdict.words}
        failed = verdict.verdict == "failed"
        if failed or planned.asked or planned.required or planned.only:
            raise RehearsalError(
                f"version {self.version} {verdict.words}",
                hint=f"occ show {context.operation.number}",
                log_tail=_tail(context),
                own=failed,
            )
        warning = f"it goes on unrehearsed: {verdict.said}"
        return {**verdict.to_json(), "said": "unknown", "warning": warning}

    def facts(self, result: Result) -> tuple[Event, ...]:
        """The verdict of a rehearsal after which the operation goes on."""
        return (VersionRehearsed.from_json(result),)

    def blame(self, context: StepContext, error: OccError) -> tuple[Event, ...]:
        """The verdict where it does not; the version is bad only if the control passed."""
        if not isinstance(error, RehearsalError):
            return ()
        bad = (VersionJudged(self.version, "bad", data_of=_writer(context)),) if error.own else ()
        return (self._verdict(context), *bad)

    def _verdict(self, context: StepContext) -> VersionRehearsed:
        result = context.operation.result(RehearseVersion.name)
        control = context.operation.result(ControlRehearsal.name)
        known = VersionRehearsed(
            number=self.version,
            verdict="unknown",
            copy=rehearsing_of(context).copy,
            data_of=_writer(context),
            after_ms=_number(result.get("after_ms")),
            reported=_text(result.get("reported")),
            changed=_number(result.get("changed")),
            of=_number(result.get("of")),
        )
        if why := _text(result.get("unknown")):
            return replace(known, said=why)
        if result.get("passed") is True:
            return replace(known, verdict="passed")
        why = _text(result.get("why"))
        if result.get("own") is not True:
            return replace(known, said=why)
        if control.get("passed") is True:
            return replace(known, verdict="failed", said=why)
        other = _text(control.get("unknown")) or _text(control.get("why"))
        running = context.operation.planned.found.version
        said = f"this copy cannot be judged by: version {running} does not pass on it ({other})"
        return replace(known, said=f"{said}; the new one: {why}")


def enclosure_of(context: StepContext) -> Enclosure:
    """The enclosure of this operation."""
    return Enclosure(
        engine=context.engine,
        journal=context.journal,
        service=context.service,
        operation=context.operation.number,
    )


def ran(context: StepContext, version: int, deadline_ms: int) -> Result:
    """Run a version on the operation's copy; the result of the step that does."""
    try:
        shown = run_of(context, version).made(deadline_ms)
    except HookChangedError:
        raise
    except CANNOT as error:
        return {"unknown": error.message, "said": "not run"}
    said = f"healthy after {seconds_text(shown.after_ms)}" if shown.passed else "not healthy"
    return {**shown.to_json(), "said": said}


def run_of(context: StepContext, version: int, snapshot: int = 0) -> Run:
    """The run of a version on the operation's copy, or on a snapshot.

    Raises:
        NotFoundError: the version or the snapshot is not there.
    """
    planned = rehearsing_of(context)
    known = context.versions.get(version)
    if known is None:
        raise NotFoundError(f"there is no version {version}", hint="occ versions")
    number = snapshot or planned.snapshot
    record = context.snapshots().get(number) if number else copy_of(context)
    if number and record is None:
        raise NotFoundError(f"there is no snapshot {number}", hint="occ snapshot list")
    return Run(
        context=context,
        enclosure=enclosure_of(context),
        rehearsing=planned,
        version=known,
        record=record,
        store=Store(Path(planned.folder)) if number else copies(context),
        reader=copy_reader(context),
        writer=writer_of(context, planned.image),
        tick=ticking(context, planned.timeout_ms, noun="rehearsal"),
        called=f"snapshot {number}" if number else "the copy",
    )


def settle(context: StepContext) -> None:
    """Have every call that makes something beside the service come to its end."""
    own, planned = enclosure_of(context), rehearsing_of(context)
    writer_of(context, planned.image).quiesce()
    copy_reader(context).quiesce()
    own.settle(planned.image)


def clear(context: StepContext) -> None:
    """Have nothing of this operation beside the service."""
    writer_of(context, rehearsing_of(context).image).clear()
    copy_reader(context).clear()
    enclosure_of(context).clear()


def _writer(context: StepContext) -> int:
    """The version that had last run on the data of the copy."""
    number = rehearsing_of(context).snapshot
    if number:
        record = context.snapshots().get(number)
        return record.snapshot.version if record else 0
    return context.data().writer(context.data().number, context.operation.planned.current)


def _tail(context: StepContext) -> tuple[str, ...]:
    told = context.operation.result(RehearseVersion.name).get("log_tail")
    return tuple(str(line) for line in told) if isinstance(told, list) else ()


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Json) -> int:
    return value if isinstance(value, int) else 0
