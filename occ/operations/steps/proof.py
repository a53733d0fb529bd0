"""The step that proves a container healthy, and the restarts that it grants meanwhile."""

from dataclasses import dataclass
from typing import ClassVar, Final

from occ.domain import step_names
from occ.domain.events import Event, VersionJudged
from occ.domain.operation import StepState
from occ.domain.request import StepPlan
from occ.domain.step_results import Proof
from occ.engine.values import Container
from occ.errors import OccError, StoppedByOperatorError, UnhealthyError
from occ.operations.gate import prove
from occ.operations.step_context import StepContext
from occ.operations.steps.step import RepeatError, Result, Step

_FIRST_PAUSE_MS, _LAST_PAUSE_MS, _DOUBLINGS = 100, 60_000, 10
_ALWAYS: Final = frozenset({"always", "unless-stopped"})


@dataclass(frozen=True, slots=True)
class ProveHealth(Step):
    """Have a running container pass its gate; the version is then proven, else bad.

    With `lenient` a container that fails is left running under its policy, and the result tells
    that it is not healthy: start and restart treat a version like this that was proven before.
    """

    name: ClassVar[str] = step_names.PROVE_HEALTH
    container: str
    version: int
    deadline_ms: int
    lenient: bool = False

    def seen(self, context: StepContext) -> Result | None:
        """A gate is never believed unseen."""
        return None

    def apply(self, context: StepContext) -> Result:
        """Watch it until it was good long enough.

        Raises:
            RepeatError: it ended, and is to be started again.
        """
        there = self._started_again(context, context.there(self.container))
        try:
            proof = prove(context, there, context.spec(self.version).health, self.deadline_ms)
        except UnhealthyError as error:
            self._repeat(context, error)
            if not self.lenient:
                raise
            proof = Proof(healthy=False, said=error.message, log_tail=error.log_tail)
        return proof.to_json()

    def facts(self, result: Result) -> tuple[Event, ...]:
        """The version is proven."""
        proof = Proof.from_json(result)
        return (VersionJudged(self.version, "proven", proof.reported),) if proof.healthy else ()

    def blame(self, context: StepContext, error: OccError) -> tuple[Event, ...]:
        """The version is bad, if it was its own doing."""
        if isinstance(error, UnhealthyError) and error.own:
            return (VersionJudged(self.version, "bad"),)
        return ()

    def _repeat(self, context: StepContext, error: UnhealthyError) -> None:
        there, spec = context.find(self.container), context.spec(self.version)
        if there is None or there.state != "exited" or there.policy != "no" or not error.own:
            return
        repeats = self._state(context).repeats
        allowed = repeats < spec.health.restarts_allowed
        if allowed and starts_again(spec.restart, there.exit_code, repeats):
            raise RepeatError(there.finished_at, error.message) from error

    def _started_again(self, context: StepContext, there: Container) -> Container:
        """The container, started again if its last end is the one that this was granted for."""
        state = self._state(context)
        if there.running or not state.repeats or there.finished_at != state.exited_at:
            return there
        context.clock.sleep(pause_ms(state.repeats))
        if context.stop_requested():
            raise StoppedByOperatorError("you asked for an end while the container was proven")
        context.engine.start(there.id)
        return context.there(self.container)

    def _state(self, context: StepContext) -> StepState:
        return context.operation.step(self.name) or StepState(plan=StepPlan(name=self.name))


def starts_again(policy: str, exit_code: int, times: int) -> bool:
    """Whether an engine would start a container again that has this policy, after so many times."""
    name, _, most = policy.partition(":")
    if name == "on-failure":
        return exit_code != 0 and (not most or times < int(most))
    return name in _ALWAYS


def pause_ms(times: int) -> int:
    """How long an engine waits before it starts a container again for the n-th time."""
    return min(_FIRST_PAUSE_MS << min(times - 1, _DOUBLINGS), _LAST_PAUSE_MS)
