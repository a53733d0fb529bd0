"""Steps that take a snapshot of a service's data, and that remove one. Neither touches the service.

A snapshot counts from the event on that belongs to the result of its step. Before that its files
are nobody's: taken anew by a resume, and removed on the way back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from occ.archives.packing import Packed, Packing
from occ.archives.store import DATA, Store, stem
from occ.archives.tar import BrokenTarError
from occ.domain import step_names
from occ.domain.events import Event
from occ.domain.snapshots import (
    NOT_CARRIED,
    Snapshot,
    SnapshotRemoved,
    SnapshotTaken,
    SnapshotVolume,
    Way,
    few,
)
from occ.errors import (
    FailedError,
    JournalConflictError,
    RefusedError,
    StoppedByOperatorError,
)
from occ.operations.reading import VolumeReader, writers
from occ.operations.step_context import StepContext
from occ.operations.steps.step import Result, Step

_LOOK_MS = 1_000


def ticking(
    context: StepContext, timeout_ms: int = 0, *, noun: str = "snapshot", verb: str = "read"
) -> Callable[[], None]:
    """A look, to be called often, at whether something that takes long is to end.

    Raises, when it is called:
        StoppedByOperatorError: the operator asked for an end.
        JournalConflictError: somebody else drives the operation now.
        FailedError: it took longer than `timeout_ms`; 0 is no bound.
    """
    clock = context.clock
    began = looked = clock.monotonic()

    def tick() -> None:
        nonlocal looked
        if context.end_asked():
            raise StoppedByOperatorError(f"the {noun} was ended as you asked")
        now = clock.monotonic()
        if timeout_ms and now - began > timeout_ms:
            raise FailedError(
                f"the data could not be {verb} within {timeout_ms // 1000} s",
                hint=f"occ config set services.{context.service}.snapshot_timeout 4h",
            )
        if now - looked > _LOOK_MS:
            looked = now
            refuse_superseded(context)

    return tick


def refuse_superseded(context: StepContext) -> None:
    """See that this process still drives the operation.

    Raises:
        JournalConflictError: somebody else has written to it.
    """
    if context.superseded():
        raise JournalConflictError(
            f"operation {context.operation.number} was ended by another occ", hint="occ history"
        )


def begin_files(context: StepContext, store: Store, step: str) -> None:
    """Have none of this operation's files, those of an earlier attempt among them.

    Raises:
        RefusedError: there are files of this number, and no attempt of ours can have made them: the
            journal is an older copy, or another one writes into the same folder.
    """
    number, state = context.operation.number, context.operation.step(step)
    there = store.names(number)
    if there and state is not None and state.attempts <= 1:
        raise RefusedError(
            f"{store.path(there[0])} is there already, and would be written over",
            hint=f"if nothing needs it: rm {store.path(there[0])}",
        )
    store.remove(number)
    store.remove(0)  # a comparison that died left it; the lock is ours, so none is at work


def remove_files(context: StepContext, store: Store, step: str) -> None:
    """Have none of this operation's files; those that its step refused to write over stay.

    Raises:
        FailedError: one cannot be removed.
    """
    state = context.operation.step(step)
    if state is None or state.failure is None or state.failure.code != RefusedError.code:
        store.remove(context.operation.number)


def recorded(context: StepContext, step: str) -> Result | None:
    """The result of this operation's step where the journal has it, with its facts; else None."""
    state = context.operation.step(step)
    return state.result if state is not None and state.result else None


def removed(context: StepContext, step: str) -> tuple[Event, ...]:
    """The removal of the snapshot that this operation's step had recorded, if it had."""
    taken = recorded(context, step) is not None
    return (SnapshotRemoved(context.operation.number),) if taken else ()


def said_of(snapshot: Snapshot) -> str:
    """A snapshot in a few words."""
    count, size = len(snapshot.volumes), sum(volume.bytes for volume in snapshot.volumes)
    fuzzy = ", fuzzy" if snapshot.fuzzy else ""
    return f"{count} volume{'' if count == 1 else 's'}, {size / 1_000_000:.1f} MB{fuzzy}"


@dataclass(frozen=True, slots=True)
class TakeSnapshot(Step):
    """Have the data of these volumes in files, under the operation's number."""

    name: ClassVar[str] = step_names.TAKE_SNAPSHOT
    folder: str
    """Where the service's snapshots lie."""
    volumes: tuple[str, ...]
    """Their names for people."""
    sources: tuple[str, ...]
    """The volume of the engine, or the folder of the host, behind each."""
    image: str
    """The id of an image for the helper."""
    version: int
    """The version that had last run on the data."""
    timeout_ms: int

    def seen(self, context: StepContext) -> Result | None:
        """Files that no event names are never believed."""
        return recorded(context, self.name)

    def apply(self, context: StepContext) -> Result:
        """Read each volume to its end, into a draft that becomes its file."""
        store, reader = Store(Path(self.folder)), self._reader(context)
        begin_files(context, store, self.name)
        reader.clear()
        tick = ticking(context, self.timeout_ms)
        before = writers(context.engine, self.sources)
        try:
            taken = [
                self._take(context, store, reader, tick, name, source)
                for name, source in zip(self.volumes, self.sources, strict=True)
            ]
            refuse_superseded(context)
        except JournalConflictError:
            store.remove(context.operation.number)  # nobody else looks after them any more
            raise
        after = writers(context.engine, self.sources)
        volumes = tuple(
            SnapshotVolume(
                name=name,
                file=stem(context.operation.number, name),
                way=way,
                bytes=packed.bytes,
                raw_bytes=packed.raw_bytes,
                sha256=packed.sha256,
                writers=few({*before[source], *after[source], *others}, len(taken)),
                not_carried=NOT_CARRIED[way],
            )
            for name, source, (packed, way, others) in zip(
                self.volumes, self.sources, taken, strict=True
            )
        )
        snapshot = Snapshot(number=context.operation.number, volumes=volumes, version=self.version)
        return {**snapshot.to_json(), "said": said_of(snapshot)}

    def settle(self, context: StepContext) -> None:
        """Have every call that makes a helper come to its end."""
        for source in self.sources:
            self._reader(context).settle(source)

    def revert(self, context: StepContext) -> Result:
        """Remove the helper and the files."""
        self._reader(context).clear()
        remove_files(context, Store(Path(self.folder)), self.name)
        return {}

    def facts(self, result: Result) -> tuple[Event, ...]:
        """The snapshot."""
        return (SnapshotTaken(Snapshot.from_json(result)),)

    def unfacts(self, context: StepContext) -> tuple[Event, ...]:
        """There is no snapshot, if there was one."""
        return removed(context, self.name)

    def _reader(self, context: StepContext) -> VolumeReader:
        return VolumeReader(
            engine=context.engine,
            journal=context.journal,
            service=context.service,
            operation=context.operation.number,
            image=self.image,
        )

    def _take(
        self,
        context: StepContext,
        store: Store,
        reader: VolumeReader,
        tick: Callable[[], None],
        name: str,
        source: str,
    ) -> tuple[Packed, Way, tuple[str, ...]]:
        with store.draft(stem(context.operation.number, name) + DATA) as draft:
            packing = Packing(draft.file)
            try:
                way, others = reader.read(source, packing.take, tick=tick)
                packed = packing.finish()
            except BrokenTarError as error:
                raise FailedError(
                    f"the data of {name} could not be read whole: {error}",
                    hint="try again while nothing writes there: occ stop, then occ snapshot create",
                ) from error
            draft.keep()
        return packed, way, others


@dataclass(frozen=True, slots=True)
class RemoveSnapshot(Step):
    """Have the files of a snapshot gone. Nothing brings them back."""

    name: ClassVar[str] = step_names.REMOVE_SNAPSHOT
    folder: str
    snapshot: int

    def seen(self, context: StepContext) -> Result | None:
        """The snapshot is removed when its files are and the journal says it."""
        return recorded(context, self.name)

    def apply(self, context: StepContext) -> Result:
        """Remove them; a file that another snapshot shares stays that one's."""
        count = Store(Path(self.folder)).remove(self.snapshot)
        state = context.operation.step(self.name)
        again = state is not None and state.attempts > 1  # an earlier attempt may have removed them
        lost = (
            f"no file of snapshot {self.snapshot} was in {self.folder}: if snapshot_dir named "
            "another folder when it was taken, its files are still there"
        )
        warning = None if count or again else lost
        return {"said": f"{count} files", "snapshot": self.snapshot, "warning": warning}

    def facts(self, result: Result) -> tuple[Event, ...]:
        """The removal."""
        return (SnapshotRemoved(self.snapshot),)
