"""Steps that take a snapshot of a service's data, and that remove one. Neither touches the service.

A snapshot counts from the event on that belongs to the result of its step. Before that its files
are nobody's: taken anew by a resume, and removed on the way back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from occ.archives.packing import Packed, Packing
from occ.archives.store import DATA, Draft, Store, stem
from occ.archives.tar import BrokenTarError
from occ.domain import step_names
from occ.domain.events import Event
from occ.domain.kinds import works_aside
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
    StoppedByOperatorError,
)
from occ.operations.reading import VolumeReader, writers
from occ.operations.step_context import StepContext
from occ.operations.steps.step import Result, Step

_LOOK_MS = 1_000
_ENDED: Final = frozenset({"exited", "dead"})


def ticking(
    context: StepContext, timeout_ms: int = 0, *, noun: str = "snapshot", verb: str = "read"
) -> Callable[[], None]:
    """A look, to be called often, at whether something that takes long is to end.

    Raises, when it is called:
        StoppedByOperatorError: the operator asked for an end, and nothing is being put back: that
            is the end which was asked for.
        JournalConflictError: somebody else drives the operation now.
        FailedError: it took longer than `timeout_ms`; 0 is no bound.
    """
    clock = context.clock
    began = looked = clock.monotonic()

    def tick() -> None:
        nonlocal looked
        if context.end_asked() and not context.operation.reverting:
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


def give_up_files(context: StepContext, store: Store) -> None:
    """Remove the files of an operation that somebody else has ended; nobody else looks after them.

    An operation on the service itself is never ended from elsewhere, but driven on.
    """
    if works_aside(context.operation.planned.kind):
        store.remove(context.operation.number)


def reader_of(context: StepContext, image: str) -> VolumeReader:
    """The reader of this operation, with helpers of this image."""
    return VolumeReader(
        engine=context.engine,
        journal=context.journal,
        service=context.service,
        operation=context.operation.number,
        image=image,
    )


def recorded(context: StepContext, step: str) -> Result | None:
    """The result of this operation's step where the journal has it, with its facts; else None."""
    state = context.operation.step(step)
    return state.result if state is not None and state.result else None


def said_of(snapshot: Snapshot) -> str:
    """A snapshot in a few words."""
    count, size = len(snapshot.volumes), sum(volume.bytes for volume in snapshot.volumes)
    fuzzy = ", fuzzy" if snapshot.fuzzy else ""
    return f"{count} volume{'' if count == 1 else 's'}, {size / 1_000_000:.1f} MB{fuzzy}"


def packed_into(
    draft: Draft, reader: VolumeReader, name: str, source: str, tick: Callable[[], None]
) -> tuple[Packed, Way, tuple[str, ...]]:
    """Read a volume to its end, into a draft; its measures, the way, and who was seen to write.

    Raises:
        FailedError: it could not be read whole.
    """
    packing = Packing(draft.file)
    try:
        way, others = reader.read(source, packing.take, tick=tick, lent=True)
        return packing.finish(), way, others
    except BrokenTarError as error:
        raise FailedError(
            f"the data of {name} could not be read whole: {error}",
            hint="try again while nothing writes there",
        ) from error


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
    container: str = ""
    """The id of the service's container; empty where it has none."""

    def seen(self, context: StepContext) -> Result | None:
        """Files that no event names are never believed."""
        return recorded(context, self.name)

    def apply(self, context: StepContext) -> Result:
        """Read each volume to its end, into a draft that becomes its file.

        Whatever there is of this number is from an earlier attempt: its reservation is recorded.
        """
        store, reader = Store(Path(self.folder)), reader_of(context, self.image)
        began = context.clock.monotonic()
        store.remove(context.operation.number)
        tick = ticking(context, self.timeout_ms)
        before = writers(context.engine, self.sources)
        try:
            taken = [
                self._take(context, store, reader, tick, name, source)
                for name, source in zip(self.volumes, self.sources, strict=True)
            ]
            refuse_superseded(context)
        except JournalConflictError:
            give_up_files(context, store)
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
                ms=ms,
            )
            for name, source, (packed, way, others, ms) in zip(
                self.volumes, self.sources, taken, strict=True
            )
        )
        snapshot = Snapshot(
            number=context.operation.number,
            volumes=volumes,
            version=self.version,
            exit_code=self._exit_code(context),
        )
        took = max(0, context.clock.monotonic() - began)
        return {**snapshot.to_json(), "said": said_of(snapshot), "took_ms": took}

    def revert(self, context: StepContext) -> Result:
        """Leave it to the reservation: whatever was stopped starts again before files go."""
        return {}

    def facts(self, result: Result) -> tuple[Event, ...]:
        """The snapshot."""
        return (SnapshotTaken(Snapshot.from_json(result)),)

    def _exit_code(self, context: StepContext) -> int | None:
        told = context.operation.result(step_names.STOP_CONTAINER).get("exit_code")
        if isinstance(told, int):  # the service is down: it is not asked for again
            return told
        there = context.find(self.container) if self.container else None
        return there.exit_code if there is not None and there.state in _ENDED else None

    def _take(
        self,
        context: StepContext,
        store: Store,
        reader: VolumeReader,
        tick: Callable[[], None],
        name: str,
        source: str,
    ) -> tuple[Packed, Way, tuple[str, ...], int]:
        began = context.clock.monotonic()
        with store.draft(stem(context.operation.number, name) + DATA) as draft:
            packed, way, others = packed_into(draft, reader, name, source, tick)
            draft.keep()
        return packed, way, others, max(0, context.clock.monotonic() - began)


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
