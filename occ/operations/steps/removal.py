"""Steps after which nothing leads back: data removed, and a service looked after no more."""

from dataclasses import dataclass
from typing import ClassVar

from occ.domain import step_names
from occ.domain.events import Event, ServiceForgotten
from occ.operations import labels
from occ.operations.step_context import StepContext
from occ.operations.steps.step import Result, Step


@dataclass(frozen=True, slots=True)
class RemoveVolume(Step):
    """Have a volume of ours gone, with its data."""

    name: ClassVar[str] = step_names.REMOVE_VOLUME
    volume: str

    def seen(self, context: StepContext) -> Result | None:
        """Whether it is gone."""
        return {"said": "removed"} if context.engine.volume(self.volume) is None else None

    def apply(self, context: StepContext) -> Result:
        """Remove it, unless somebody made another one of that name since.

        Raises:
            EngineRefusedError: a container that is not ours has it.
        """
        there = context.engine.volume(self.volume)
        if there is not None and there.get(labels.JOURNAL) != context.journal:
            return {"said": "left", "warning": f"volume {self.volume} is not occ's, and was left"}
        context.engine.remove_volume(self.volume)
        return {"said": "removed"}


@dataclass(frozen=True, slots=True)
class ForgetService(Step):
    """Have the journal say that the service is looked after no more."""

    name: ClassVar[str] = step_names.FORGET_SERVICE
    containers: tuple[str, ...]

    def seen(self, context: StepContext) -> Result | None:
        """Saying it twice is saying it once."""
        return None

    def apply(self, context: StepContext) -> Result:
        """The engine has no part in it."""
        return {}

    def facts(self, result: Result) -> tuple[Event, ...]:
        """The service is forgotten."""
        return (ServiceForgotten(self.containers),)
