"""Steps of retention: what goes is chosen and written down first, and only then removed.

A removal frees room, and a choice made anew after a crash would be another one. Whatever
cannot be removed is told and left: neither step fails for it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Final

from occ.archives.store import Store
from occ.domain import step_names
from occ.domain.data_sets import DataSetRemoved
from occ.domain.events import Event, ImageRemoved
from occ.domain.kept_names import Name, Sort, name_of, read, told
from occ.domain.retention import Retention
from occ.domain.rules import Retain, Rules
from occ.domain.snapshots import SnapshotPinned, SnapshotRemoved
from occ.errors import (
    EngineUnreachableError,
    JournalError,
    NotFoundError,
    OccError,
)
from occ.operations.anchoring import Anchor
from occ.operations.retaining import Keeper
from occ.operations.step_context import StepContext
from occ.operations.steps.anchor import anchor_kept
from occ.operations.steps.snapshot import recorded, refuse_superseded
from occ.operations.steps.step import Result, Step

MOST: Final = 60
"""So many go at a time, the oldest first: an event has room for no more."""
_REMOVED: Final[Mapping[Sort, Callable[[int, str], Event]]] = {
    "snapshot": SnapshotRemoved,
    "data set": DataSetRemoved,
    "image": ImageRemoved,
}
_THROUGH: Final = (EngineUnreachableError, JournalError)
"""The failures that are not about what is removed."""


@dataclass(frozen=True, slots=True)
class ChoosePrunable(Step):
    """Have it written down what goes by the rules as things are now."""

    name: ClassVar[str] = step_names.CHOOSE_PRUNABLE
    folder: str
    """Where the service's snapshots lie."""
    keep_last: int
    keep_within_ms: int
    keep_healthy: int
    max_bytes: int
    min_free: int
    room: int
    """The bytes that the next snapshot is expected to need."""
    spared: tuple[str, ...] = ()
    """The volumes that are another service's too."""
    keep_images: int = 0

    def seen(self, context: StepContext) -> Result | None:
        """A choice that was made stays."""
        return recorded(context, self.name)

    def apply(self, context: StepContext) -> Result:
        """Ask the rules; where they cannot be asked, nothing goes."""
        try:
            answer = keeper_of(context, self._retain).decide(context.clock.now(), sized=False)
        except _THROUGH:
            raise
        except OccError as error:
            return {"said": "nothing", "warning": f"nothing was pruned: {error.message}"}
        gone = [(one.item.name, one.why) for one in answer.gone][:MOST]
        said = ", ".join(str(name) for name, _ in gone) or "nothing"
        return {"chosen": told(gone), "said": said, "warning": _short(answer)}

    @property
    def _retain(self) -> Retain:
        rules = Rules(
            keep_last=self.keep_last,
            keep_within_ms=self.keep_within_ms,
            keep_healthy=self.keep_healthy,
            max_bytes=self.max_bytes,
            min_free=self.min_free,
            keep_images=self.keep_images,
        )
        return Retain(folder=self.folder, rules=rules, room=self.room, spared=self.spared)


def _short(answer: Retention) -> str | None:
    lack = max(answer.short.values(), default=0)
    if not lack:
        return None
    return f"min_free is not kept: {lack / 1e6:.1f} MB are missing, and all that is left must stay"


def choosing(retain: Retain) -> ChoosePrunable:
    """The step that asks these rules."""
    rules = retain.rules
    return ChoosePrunable(
        folder=retain.folder,
        keep_last=rules.keep_last,
        keep_within_ms=rules.keep_within_ms,
        keep_healthy=rules.keep_healthy,
        max_bytes=rules.max_bytes,
        min_free=rules.min_free,
        room=retain.room,
        spared=retain.spared,
        keep_images=rules.keep_images,
    )


@dataclass(frozen=True, slots=True)
class PruneData(Step):
    """Have all that gone that was chosen, in this operation or when it was planned.

    Nothing brings data back. Whatever is needed, pinned or in use meanwhile stays.
    """

    name: ClassVar[str] = step_names.PRUNE_DATA
    folder: str
    """Where the service's snapshots lie."""
    chosen: tuple[str, ...] = ()
    """Each is a name and the reason, as `snapshot 3: beyond keep_last 5`; none for those that the
    step before chose."""
    spared: tuple[str, ...] = ()
    """The volumes that are another service's too."""

    def seen(self, context: StepContext) -> Result | None:
        """They are removed when they are gone and the journal says it."""
        return recorded(context, self.name)

    def apply(self, context: StepContext) -> Result:
        """Remove one after another."""
        gone, left = list[tuple[Name, str]](), list[str]()
        for name, why in self._chosen(context):
            refuse_superseded(context)
            try:
                stays = self._remove(context, name)
            except _THROUGH:
                raise
            except OccError as error:
                stays = error.message
            if stays:
                left.append(f"{name} stays: {stays}")
            else:
                gone.append((name, why))
        said = ", ".join(str(name) for name, _ in gone) or "nothing"
        warning = "; ".join(left) or None
        return {"removed": told(gone), "said": said, "warning": warning}

    def facts(self, result: Result) -> tuple[Event, ...]:
        """The removals."""
        return tuple(
            _REMOVED[name.sort](name.number, why) for name, why in read(result.get("removed"))
        )

    def _chosen(self, context: StepContext) -> Iterable[tuple[Name, str]]:
        if not self.chosen:
            return read(context.operation.result(step_names.CHOOSE_PRUNABLE).get("chosen"))
        parts = (one.partition(": ") for one in self.chosen)
        named = ((name_of(name), why) for name, _, why in parts)
        return [(name, why) for name, why in named if name]

    def _remove(self, context: StepContext, name: Name) -> str:
        """Have it gone; why it stays, where it does."""
        retain = Retain(folder=self.folder, rules=Rules(), spared=self.spared)
        keeper = keeper_of(context, retain)
        if stays := keeper.stays(name):
            return stays
        if name.sort == "snapshot":
            Store(Path(self.folder)).remove(name.number)
            return ""
        if name.sort == "image":
            keeper.images.remove(name.number)
            return ""
        volumes = keeper.volumes(name.number)
        anchor = Anchor(
            engine=context.engine,
            journal=context.journal,
            service=context.service,
            operation=context.operation.number,
            number=name.number,
        )
        images = [one.image for one in anchor.lender.there()]
        anchor.clear()
        for volume in volumes:
            context.engine.remove_volume(volume)
        self._hold_rest(context, name.number, images)
        return ""

    def _hold_rest(self, context: StepContext, number: int, images: list[str]) -> None:
        """Have the volumes anchored that the set which goes had in common with one that stays."""
        ledger = context.ledger()
        current = ledger.versions.get(ledger.current)
        images += [current.version.image] if current else []
        image = next((one for one in images if context.engine.image(one) is not None), "")
        if image:
            data = context.data()
            anchor_kept(context, data.after(DataSetRemoved(number), ledger.current, 0), image)


def keeper_of(context: StepContext, retain: Retain) -> Keeper:
    """The rules, with all that the journal knows now."""
    return Keeper(
        engine=context.engine,
        journal=context.journal,
        service=context.service,
        retain=retain,
        ledger=replace(context.ledger(), data=context.data()),
        snapshots=context.snapshots(),
        unfinished=context.unfinished(),
    )


@dataclass(frozen=True, slots=True)
class PinSnapshot(Step):
    """Have a snapshot go by no rule, or again by every rule."""

    name: ClassVar[str] = step_names.PIN_SNAPSHOT
    snapshot: int
    pinned: bool

    def seen(self, context: StepContext) -> Result | None:
        """Saying it twice is saying it once."""
        return recorded(context, self.name)

    def apply(self, context: StepContext) -> Result:
        """The engine has no part in it.

        Raises:
            NotFoundError: there is no such snapshot.
        """
        if self.snapshot not in context.snapshots():
            raise NotFoundError(f"there is no snapshot {self.snapshot}", hint="occ snapshot list")
        return {"said": "pinned" if self.pinned else "not pinned"}

    def facts(self, result: Result) -> tuple[Event, ...]:
        """The word."""
        return (SnapshotPinned(self.snapshot, pinned=self.pinned),)
