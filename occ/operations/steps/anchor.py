"""Steps that keep the volumes of a data set from being pruned, and that let them go again."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import ClassVar

from occ.domain import step_names
from occ.domain.data_sets import DataSets
from occ.errors import EngineRefusedError, FailedError
from occ.operations.anchoring import Anchor, NewVolumes, anchor_name, unanchored
from occ.operations.step_context import StepContext
from occ.operations.steps.step import Result, Step


@dataclass(frozen=True, slots=True)
class AnchorVolumes(Step):
    """Have a container that is never started mount these volumes, read-only and not filled.

    With `make` they are new ones of this operation, which go when it is undone. Without it, one
    that is gone is nothing to anchor, and is said.
    """

    name: ClassVar[str] = step_names.ANCHOR_VOLUMES
    called: str
    """The name of that container."""
    volumes: tuple[str, ...]
    image: str
    """The id of an image that is on the host."""
    number: int
    """The data set's."""
    make: bool

    def seen(self, context: StepContext) -> Result | None:
        """Whether all of them are there, and anchored."""
        if self.make and self._missing(context):
            return None
        anchored = not self._there(context) or self._anchor(context).there() is not None
        return self._done(context) if anchored else None

    def apply(self, context: StepContext) -> Result:
        """Make those that are to be made, then the container.

        Raises:
            EngineRefusedError: there is a volume of that name, which is never written into.
            FailedError: another container has the name, or a volume was removed meanwhile.
        """
        if self.make:
            for volume in self.volumes:
                self._new(context).make(volume, self.number)
        if self._there(context):
            self._anchor(context).have()
        if self.make and (missing := self._missing(context)):
            raise FailedError(f"the volume {missing[0]} was removed meanwhile", hint="occ resume")
        return self._done(context)

    def settle(self, context: StepContext) -> None:
        """Make all of it again: then a call under way has come to its end."""
        with suppress(EngineRefusedError, FailedError):  # then none makes it either
            self.apply(context)

    def revert(self, context: StepContext) -> Result:
        """Remove the container, and the volumes that this operation made."""
        self._anchor(context).clear(ours=True)
        left = [self._new(context).remove(volume) for volume in self.volumes if self.make]
        warning = "; ".join(one for one in left if one)
        return {"warning": warning} if warning else {}

    def _there(self, context: StepContext) -> tuple[str, ...]:
        """The volumes that can be anchored: a container that is made makes those that are gone."""
        return tuple(one for one in self.volumes if context.engine.volume(one) is not None)

    def _missing(self, context: StepContext) -> list[str]:
        """The volumes that this operation did not make yet, or somebody else did."""
        new = self._new(context)
        missing = list[str]()
        for volume in self.volumes:
            try:
                there = new.own(volume) is not None
            except EngineRefusedError:
                there = False
            if not there:
                missing.append(volume)
        return missing

    def _done(self, context: StepContext) -> Result:
        there = self._there(context)
        gone = ", ".join(one for one in self.volumes if one not in there)
        warning = {"warning": f"the volume {gone} is gone, and nothing anchors it"} if gone else {}
        return {"said": f"{len(there)} volume{'' if len(there) == 1 else 's'}", **warning}

    def _new(self, context: StepContext) -> NewVolumes:
        return new_volumes(context)

    def _anchor(self, context: StepContext) -> Anchor:
        plain = _anchor_of(context, self.number)
        volumes = self._there(context)
        return replace(plain, called=self.called, image=self.image, volumes=volumes)


def new_volumes(context: StepContext) -> NewVolumes:
    """The volumes that this operation makes."""
    return NewVolumes(
        engine=context.engine,
        journal=context.journal,
        service=context.service,
        operation=context.operation.number,
    )


@dataclass(frozen=True, slots=True)
class AnchorKept(Step):
    """Have the volumes of each data set that was left anchored again, where their anchor is gone.

    They are not those of the service: a failure is told, and is no reason to fail.
    """

    name: ClassVar[str] = step_names.ANCHOR_KEPT
    image: str
    """The id of an image that is on the host."""

    def seen(self, context: StepContext) -> Result | None:
        """Whether all of them are anchored."""
        return None if _unanchored(context, context.data()) else {"said": "all are anchored"}

    def apply(self, context: StepContext) -> Result:
        """Make the anchors that are missing."""
        return anchor_kept(context, context.data(), self.image)

    def revert(self, context: StepContext) -> Result:
        """They were to be anchored before this operation too."""
        return {}


def anchor_kept(context: StepContext, data: DataSets, image: str) -> Result:
    """Make the anchors that are missing; the sets that have one again, and those that have none."""
    again, lost = list[str](), list[str]()
    for number, volumes in _unanchored(context, data).items():
        called = anchor_name(context.service, number)
        anchor = _anchor_of(context, number)
        try:
            replace(anchor, called=called, image=image, volumes=volumes).have()
        except (EngineRefusedError, FailedError) as error:
            lost.append(f"nothing anchors {', '.join(volumes)}: {error.message}")
        else:
            again.append(f"data set {number}")
    warning = {"warning": "; ".join(lost)} if lost else {}
    return {"said": ", ".join(again) or "nothing", **warning}


def _unanchored(context: StepContext, data: DataSets) -> Mapping[int, tuple[str, ...]]:
    return unanchored(context.engine, context.journal, context.service, data)


@dataclass(frozen=True, slots=True)
class UnanchorVolumes(Step):
    """Have nothing anchor the volumes of a data set, whichever operation had them anchored."""

    name: ClassVar[str] = step_names.UNANCHOR_VOLUMES
    number: int

    def seen(self, context: StepContext) -> Result | None:
        """Whether nothing does."""
        anchored = _anchor_of(context, self.number).lender.there()
        return None if anchored else {"said": "let go"}

    def apply(self, context: StepContext) -> Result:
        """Remove the container that does."""
        _anchor_of(context, self.number).clear()
        return {"said": "let go"}


def _anchor_of(context: StepContext, number: int) -> Anchor:
    return Anchor(
        engine=context.engine,
        journal=context.journal,
        service=context.service,
        operation=context.operation.number,
        number=number,
    )
