"""The contract of every step: tell whether it is done, do it, let a pending call end, undo it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from occ.domain.events import Event
from occ.domain.values import Json
from occ.errors import OccError, StoppedByOperatorError
from occ.operations.step_context import StepContext

Result: TypeAlias = Mapping[str, Json]


@dataclass(eq=False)
class RepeatError(Exception):
    """The container that a step watches ended, and the step is to be tried once more."""

    exited_at: int
    """By the engine's clock, in ms since 1970 UTC."""
    said: str


def ticking_end(context: StepContext, doing: str) -> Callable[[], None]:
    """A look, to be called often, at whether the operator asks for an end.

    Raises, when it is called:
        StoppedByOperatorError: the operator does.
    """

    def tick() -> None:
        if context.end_asked():
            raise StoppedByOperatorError(f"you asked for an end while {doing}")

    return tick


class Step:
    """One thing done to the engine. Every call may be made again after any crash.

    `said` in a result is what people read beside the step. The defaults are those of a step that
    changes nothing which needs undoing.
    """

    name: ClassVar[str]

    def seen(self, context: StepContext) -> Result | None:
        """The result when the effect is there already; None when it is not."""
        raise NotImplementedError

    def apply(self, context: StepContext) -> Result:
        """Have the effect, and return what was found out."""
        raise NotImplementedError

    def settle(self, context: StepContext) -> None:
        """Bring a call that may still be under way to its own end, by making it again."""

    def revert(self, context: StepContext) -> Result:
        """Have the effect gone; nothing happens when it is."""
        return {}

    def facts(self, result: Result) -> tuple[Event, ...]:
        """Further facts that belong into the same commit as the result."""
        return ()

    def unfacts(self, context: StepContext) -> tuple[Event, ...]:
        """Further facts that belong into the same commit as the undoing."""
        return ()

    def blame(self, context: StepContext, error: OccError) -> tuple[Event, ...]:
        """Further facts that belong into the same commit as the failure."""
        return ()
