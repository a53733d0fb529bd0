"""Steps that run a person's own programs before the activation, or ask the service itself."""

from dataclasses import dataclass
from typing import ClassVar

from occ.domain import step_names
from occ.domain.events import Event, VersionJudged
from occ.domain.hooks import DEFERRING
from occ.domain.operation import StepState
from occ.domain.programs import Ended, Program, the_planned
from occ.domain.values import Json, seconds_text
from occ.errors import (
    DeferredError,
    EngineUnreachableError,
    HookFailedError,
    HookInDoubtError,
    JournalConflictError,
    OccError,
    StoppedByOperatorError,
)
from occ.operations.hook_body import body, told
from occ.operations.step_context import StepContext
from occ.operations.steps.step import Result, Step, ticking_end

_POLL_MS = 100
_GO_ON = "to update all the same: occ update --override deferred"


@dataclass(frozen=True, slots=True)
class RunHook(Step):
    """Have a hook run, whose effect only it knows.

    Whether a run that nobody saw end has had its effect cannot be seen: it is waited for, and made
    again, or not if it may run only `once`.
    """

    name: ClassVar[str] = step_names.RUN_HOOK
    place: str
    digest: str
    undo: str
    where: str
    container: str
    """The one that it runs in, as steps name them; empty on the host."""
    timeout_ms: int
    once: bool = False

    def seen(self, context: StepContext) -> Result | None:
        """An end that the journal has counts; of the effect nothing can be seen."""
        if (ended := self._recorded(context)) is not None:
            return ended
        self._wait(context)
        return None

    def apply(self, context: StepContext) -> Result:
        """Run it.

        Raises:
            HookChangedError: the config has other words now.
            HookInDoubtError: an earlier run was not seen to end, and it may run only once.
            DeferredError: it ended with 75 at a place where that is an answer.
            HookFailedError: it did not end with 0.
        """
        name, hook = f"hooks.{self.place}", context.programs.hooks.get(self.place)
        program = the_planned(hook.program(self.place) if hook else None, name, self.digest)
        if self.once and self._begun_before(context):
            raise HookInDoubtError(
                f"{name} was begun and nobody saw its end; it runs only once, so it was not run "
                "again",
                hint="see whether it had its effect, then: occ update",
            )
        ended = self._ran(context, program, undo=False)
        if ended.good:
            return {"said": f"ended with 0 after {seconds_text(ended.took_ms)}", **_kept(ended)}
        if ended.later and self.place in DEFERRING:
            raise DeferredError(f"{name} put it off", hint=f"occ show {context.operation.number}")
        raise HookFailedError(
            f"{name} {ended.words}",
            hint=f"occ show {context.operation.number}",
            log_tail=ended.tail,
            verdict=self.place == "post_health" and ended.how == "ended" and not ended.later,
        )

    def blame(self, context: StepContext, error: OccError) -> tuple[Event, ...]:
        """A version that the last hook refused is bad; all else says nothing of the version."""
        if isinstance(error, HookFailedError) and error.verdict:
            return (VersionJudged(context.operation.version, "bad"),)
        return ()

    def settle(self, context: StepContext) -> None:
        """Wait for a run whose occ died, at most for its time."""
        if self._recorded(context) is None:
            self._wait(context)

    def revert(self, context: StepContext) -> Result:
        """Run its undo. Where that fails it is told, and the rest is put back all the same."""
        if not self.undo:
            return {}
        self._wait(context)
        name, hook = f"hooks.{self.place}.undo", context.programs.hooks.get(self.place)
        try:
            undo = hook.program(self.place, undo=True) if hook else None
            ended = self._ran(context, the_planned(undo, name, self.undo), undo=True)
        except (EngineUnreachableError, JournalConflictError):
            raise
        except OccError as error:
            return {"said": "not undone", "warning": f"{name} was not run: {error.message}"}
        if ended.good:
            return {"said": "undone", **_kept(ended)}
        last = f": {ended.tail[-1]}" if ended.tail else ""
        return {
            "said": "not undone",
            "warning": f"{name} {ended.words}{last}",
            **_kept(ended),
        }

    def _ran(self, context: StepContext, program: Program, *, undo: bool) -> Ended:
        facts = told(context, self.place, undo=undo)
        if self.where == "host":
            return context.programs.port.run(
                program,
                body=body(context, self.place, undo=undo),
                told={**context.programs.told, **facts},
                secrets=context.programs.secrets,
                hidden=tuple(context.secrets.values()),
                key=self._key(context),
                tick=ticking_end(context, "a hook ran"),
            )
        there = context.there(self.container)
        return ran_inside(context, there.id, program, facts)

    def _wait(self, context: StepContext) -> None:
        """Let a run that is still under way come to its end."""
        if self.where == "host":
            context.programs.port.settle(self._key(context), self.timeout_ms)
            return
        there, hook = context.find(self.container), context.programs.hooks.get(self.place)
        for undo in (False, True):
            program = hook.program(self.place, undo=undo) if hook else None
            until = context.clock.monotonic() + self.timeout_ms
            while (
                there is not None
                and program is not None
                and context.engine.runs_inside(there.id, program.words)
                and context.clock.monotonic() < until
            ):
                context.clock.sleep(_POLL_MS)

    def _key(self, context: StepContext) -> str:
        return f"{context.journal}-{context.operation.number}-{self.place}"

    def _recorded(self, context: StepContext) -> Result | None:
        state = self._state_of(context)
        return state.result if state is not None and state.result else None

    def _begun_before(self, context: StepContext) -> bool:
        state = self._state_of(context)
        return state is not None and state.attempts > 1

    def _state_of(self, context: StepContext) -> StepState | None:
        mine = (s for s in context.operation.steps if s.plan.name == self.name)
        return next((s for s in mine if s.plan.inputs.get("place") == self.place), None)


@dataclass(frozen=True, slots=True)
class AskService(Step):
    """Have the service's own command say that an update may begin."""

    name: ClassVar[str] = step_names.ASK_SERVICE
    container: str
    digest: str
    anyway: bool = False
    """A "not now" is told, and no more waited for."""

    def seen(self, context: StepContext) -> Result | None:
        """It is asked again after a crash: only its newest answer counts."""
        return None

    def apply(self, context: StepContext) -> Result:
        """Ask.

        Raises:
            HookChangedError: the config has other words now.
            DeferredError: it did not end with 0; what nobody knows counts as "not now".
        """
        program = the_planned(context.programs.asker, "defer", self.digest)
        there = context.there(self.container)
        ended = ran_inside(context, there.id, program, told(context, "defer"))
        if ended.good:
            return {"said": "it may begin"}
        if ended.later and self.anyway:
            return {"said": "not now, it says; it was asked to wait for long enough"}
        if self.anyway:
            return {"said": "nobody knows", "warning": f"defer {ended.words}"}
        why = "asks to wait" if ended.later else f"may not be ready, for defer {ended.words}"
        raise DeferredError(f"{context.service} {why}", hint=_GO_ON, log_tail=ended.tail)


def ran_inside(
    context: StepContext, container: str, program: Program, facts: dict[str, str]
) -> Ended:
    """Run a program inside of a container; one that cannot be run there was not started.

    Raises:
        EngineUnreachableError: nobody knows whether it runs.
    """
    try:
        return context.engine.run_inside(
            container,
            program.words,
            told=facts,
            hidden=tuple(context.secrets.values()),
            most_ms=program.timeout_ms,
        )
    except (EngineUnreachableError, StoppedByOperatorError):
        raise
    except OccError as error:
        return Ended(how="not started", said=error.message)


def _kept(ended: Ended) -> dict[str, Json]:
    return {"status": ended.status, "output": ended.output, "log_tail": list[Json](ended.tail)}
