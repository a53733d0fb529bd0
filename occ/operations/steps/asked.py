"""Steps that ask a service by paths of its own, with the login of its health path."""

from dataclasses import dataclass, replace
from typing import ClassVar

from occ.domain import step_names
from occ.domain.idle import counted, judged
from occ.engine.values import Answer
from occ.errors import DeferredError, NoProbeError
from occ.operations.answers import answer_of
from occ.operations.step_context import StepContext
from occ.operations.steps.step import Result, Step

_GO_ON = "to update all the same: occ update --override deferred"


@dataclass(frozen=True, slots=True)
class AskIdle(Step):
    """Have the service be idle, as its path tells; while nobody can tell, it counts as busy."""

    name: ClassVar[str] = step_names.ASK_IDLE
    container: str
    version: int
    port: int
    path: str
    anyway: bool = False
    """It is told that it is busy, and no more waited for."""

    def seen(self, context: StepContext) -> Result | None:
        """It is asked again after a crash: only its newest answer counts."""
        return None

    def apply(self, context: StepContext) -> Result:
        """Ask.

        Raises:
            DeferredError: it is busy, or nobody can tell.
        """
        status, body = _answer(context, self)
        found = judged(self.path, status, body)
        if found.work == "idle":
            return {"said": found.said}
        if self.anyway:
            waited = f"{found.said}; it was waited for long enough"
            return {"said": waited, **({"warning": waited} if found.work == "unknown" else {})}
        why = "is busy" if found.work == "busy" else "may be busy"
        raise DeferredError(f"{context.service} {why}: {found.said}", hint=_GO_ON)


@dataclass(frozen=True, slots=True)
class CountEntries(Step):
    """Have it known how many entries a path of the service lists; fewer afterwards are told."""

    name: ClassVar[str] = step_names.COUNT_ENTRIES
    container: str
    version: int
    port: int
    path: str
    after: bool = False

    def seen(self, context: StepContext) -> Result | None:
        """The number from before a stop stays; the one from afterwards is counted again."""
        states = (one for one in context.operation.steps if one.plan.name == self.name)
        mine = next(
            (one for one in states if bool(one.plan.inputs.get("after")) == self.after), None
        )
        return mine.result or None if mine is not None and not self.after else None

    def apply(self, context: StepContext) -> Result:
        """Count; where it cannot be counted that is told, and nothing fails by it."""
        status, body = _answer(context, self)
        count, why = counted(self.path, status, body)
        if count is None:
            return {"said": why, "warning": f"not counted: {why}"}
        result: Result = {"count": count, "said": f"{count} in {self.path}"}
        before = self._before(context) if self.after else None
        if before is None or count >= before:
            return result
        fewer = f"{self.path} listed {before} before, and lists {count} now"
        return {**result, "warning": f"{fewer}: occ show {context.operation.number}"}

    def _before(self, context: StepContext) -> int | None:
        for one in context.operation.steps:
            if one.plan.name == self.name and not one.plan.inputs.get("after"):
                count = one.result.get("count")
                return count if isinstance(count, int) else None
        return None


def _answer(context: StepContext, step: AskIdle | CountEntries) -> tuple[int | None, bytes]:
    """The status and body of one answer; None where there was none, or no way to ask."""
    there, known = context.find(step.container), context.versions.get(step.version)
    if there is None or known is None:
        return None, b""
    health = replace(known.spec.health, path=step.path, port=step.port, version_field="")
    try:
        answer = answer_of(context.engine, there, health, context.secrets)
    except NoProbeError:
        return None, b""
    return (answer.status, answer.body) if isinstance(answer, Answer) else (None, b"")
