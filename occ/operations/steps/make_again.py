"""Steps of the way back alone: the old version made again on the data that was restored for it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

from occ.domain import step_names
from occ.domain.data_sets import DataSetBound
from occ.domain.events import Event
from occ.engine.values import Container
from occ.errors import (
    EngineRefusedError,
    UserClashError,
)
from occ.operations.anchoring import anchor_name
from occ.operations.step_context import StepContext
from occ.operations.steps.anchor import AnchorVolumes, UnanchorVolumes
from occ.operations.steps.containers import RemoveContainer
from occ.operations.steps.create import make
from occ.operations.steps.images import exactly
from occ.operations.steps.put_back import new_volumes_of, serves_again
from occ.operations.steps.snapshot import recorded
from occ.operations.steps.step import Result, Step
from occ.operations.steps.users import bring


@dataclass(frozen=True, slots=True)
class MakeAgain(Step):
    """Have the old version under its name on the restored volumes, where any had changed.

    The old container stays beside it, under another name and stopped, until the other one is
    proven. The volumes that were touched are anchored.
    """

    name: ClassVar[str] = step_names.MAKE_AGAIN
    container: str
    """The old one."""
    version: int
    data: int
    """The number of the data set with the restored volumes."""
    image: str

    def seen(self, context: StepContext) -> Result | None:
        """Whether it is there under its name, and was once seen whole."""
        there, before = context.made("restored"), recorded(context, self.name)
        if before is not None and not new_volumes_of(context):
            return before
        return before if before and there and before.get("container") == there.id else None

    def apply(self, context: StepContext) -> Result:
        """Name the old one differently, and make the other one."""
        if not new_volumes_of(context):
            return {"said": "the old container has its data"}
        version = context.versions[self.version]
        called, left = context.called or context.service, context.data().number
        old = context.engine.inspect(self.container)
        if old is not None and serves_again(context):
            return self._serves(context, old, called)
        if old is not None and old.name == called:
            context.engine.rename(old.id, f"{called}.occ-before")
        exactly(context, version.image, version.reference, version.digests)
        made = make(context, version, called, "restored", self.data)
        warning = self._users(context, made.id)
        touched = context.data().apart(left, self.data) if left != self.data else ()
        if touched:
            AnchorVolumes(
                called=anchor_name(context.service, left),
                volumes=touched,
                image=self.image,
                number=left,
                make=False,
            ).apply(context)
        UnanchorVolumes(self.data).apply(context)
        told = "; ".join(filter(None, (self._told(context, touched), warning)))
        return {
            "container": made.id,
            "data": self.data,
            "by": context.operation.version,
            "said": f"{made.name} ({made.id[:12]})",
            "warning": told,
        }

    def facts(self, result: Result) -> tuple[Event, ...]:
        """The service has the restored data from now on."""
        data, by = result.get("data"), result.get("by")
        if not (isinstance(data, int) and isinstance(by, int)):
            return ()
        return (DataSetBound(data, by),)

    def _serves(self, context: StepContext, old: Container, called: str) -> Result:
        """Leave the old one, which was started while the journal could not be written."""
        again = context.made("restored")
        if again is not None:
            context.engine.stop(again.id, context.grace_ms)
            context.engine.remove(again.id)
        if old.name != called:
            context.engine.rename(old.id, called)
        number = context.operation.number
        way = f"occ rollback --to {self.version} --data {number}"
        said = f"the old container serves on the data as it is; the data of before: {way}"
        return {"said": "the old container serves", "warning": said}

    def _users(self, context: StepContext, target: str) -> str:
        """Bring the users that the old one has, with their passwords; why where that cannot be."""
        if not context.users:
            return ""
        try:
            bring(context, context.users, self.container, target, reset=False)
        except (EngineRefusedError, UserClashError) as error:
            return f"its users could not be written: {error.message}"
        return ""

    def _told(self, context: StepContext, touched: Collection[str]) -> str:
        listed = ", ".join(touched) or "the touched volumes"
        return (
            f"version {context.operation.version} had changed the data: version {self.version} "
            f"runs on that of before, from snapshot {context.operation.number}, in "
            f"{', '.join(new_volumes_of(context).values())}; {listed} stays as it was left"
        )


@dataclass(frozen=True, slots=True)
class RemoveFormer(Step):
    """Have the old container gone, where another one was made on restored data and is proven."""

    name: ClassVar[str] = step_names.REMOVE_FORMER
    container: str

    def seen(self, context: StepContext) -> Result | None:
        """Whether it is gone, or is still the service's."""
        if not context.operation.result(MakeAgain.name).get("container"):
            return {"said": "it is the service's"}
        return RemoveContainer(self.container).seen(context)

    def apply(self, context: StepContext) -> Result:
        """Remove it."""
        return self.seen(context) or RemoveContainer(self.container).apply(context)
