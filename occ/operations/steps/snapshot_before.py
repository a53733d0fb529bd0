"""Steps that come before a snapshot: its size found out, and the place for it made."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from occ.archives.store import Store
from occ.domain import step_names
from occ.domain.events import Event
from occ.domain.kinds import works_aside
from occ.domain.snapshots import SnapshotRemoved
from occ.errors import EngineUnreachableError, FailedError, NotFoundError, RefusedError
from occ.operations.retaining import refusal
from occ.operations.step_context import StepContext
from occ.operations.steps.snapshot import reader_of, recorded, ticking
from occ.operations.steps.step import Result, Step

_PACKED_PER_MS = 100_000
"""The bytes that are compressed and written in a ms; cautious, as first guesses are."""


@dataclass(frozen=True, slots=True)
class MeasureData(Step):
    """Know how much data there is and how long it takes to be read, while the service serves.

    Nothing is kept of it. The time has the compression added, which reading alone does not tell.
    """

    name: ClassVar[str] = step_names.MEASURE_DATA
    volumes: tuple[str, ...]
    """Their names for people."""
    sources: tuple[str, ...]
    """The volume of the engine, or the folder of the host, behind each."""
    image: str
    """The id of an image for the helper."""
    timeout_ms: int
    needed: bool = False
    """Data that cannot be read is a failure, and not only a reason to take no snapshot."""
    folder: str = ""
    """Where the snapshot will lie."""
    min_free: int = 0
    """The bytes that stay free there beside it."""

    def seen(self, context: StepContext) -> Result | None:
        """Whether it was measured: that is not done again."""
        return recorded(context, self.name)

    def apply(self, context: StepContext) -> Result:
        """Read each volume to its end.

        Raises:
            FailedError: one cannot be read, or `min_free` would not be kept, and that is needed.
        """
        reader, tick = reader_of(context, self.image), ticking(context, self.timeout_ms)
        began, size = context.clock.monotonic(), 0

        def count(piece: bytes) -> None:
            nonlocal size
            size += len(piece)

        reader.clear()
        try:
            for source in self.sources:
                reader.read(source, count, tick=tick)
        except EngineUnreachableError:
            raise
        except (FailedError, NotFoundError) as error:
            if self.needed:
                raise
            return {"left": error.message, "said": "it cannot be read"}
        finally:
            reader.clear()
        full = refusal(context.service, Path(self.folder), size, self.min_free)
        if self.min_free and full is not None:
            if self.needed:
                raise full
            return {"left": f"{full.message} (try: {full.hint})", "said": "the disk is too full"}
        took = max(0, context.clock.monotonic() - began) + size // _PACKED_PER_MS
        return {"bytes": size, "took_ms": took, "said": f"{size / 1e6:.1f} MB"}

    def settle(self, context: StepContext) -> None:
        """Have every call that makes a helper come to its end."""
        reader_of(context, self.image).settle(self.sources)

    def revert(self, context: StepContext) -> Result:
        """Have no helper."""
        reader_of(context, self.image).clear()
        return {}


@dataclass(frozen=True, slots=True)
class ReserveSnapshot(Step):
    """Have a place for the files of this operation's number, and the helpers that reading takes.

    Only behind this step are files of the number ours. Undone, they are gone again, and so is the
    snapshot; but it stays where it was compared with the data and that had changed.
    """

    name: ClassVar[str] = step_names.RESERVE_SNAPSHOT
    folder: str
    """Where the service's snapshots lie."""
    volumes: tuple[str, ...] = ()
    """Their names for people; none for a snapshot that is brought from elsewhere."""
    sources: tuple[str, ...] = ()
    """The volume of the engine, or the folder of the host, behind each."""
    image: str = ""
    """The id of an image for the helpers."""

    def seen(self, context: StepContext) -> Result | None:
        """Whether it is reserved and the helpers are there, or are needed no more."""
        done = recorded(context, self.name)
        if done is None:
            return None
        taken = _taken(context)
        return done if taken or reader_of(context, self.image).lends(self.sources) else None

    def apply(self, context: StepContext) -> Result:
        """See that nobody's files are in the way, make the folder, and make the helpers.

        Raises:
            RefusedError: there are files of this number: the journal is an older copy, or another
                one writes into the same folder.
            FailedError: the folder or a helper cannot be made.
        """
        store, number = Store(Path(self.folder)), context.operation.number
        there = () if recorded(context, self.name) else store.names(number)
        if there:
            raise RefusedError(
                f"{store.path(there[0])} is there already, and would be written over",
                hint=f"if nothing needs it: rm {store.path(there[0])}",
            )
        store.make()
        reader = reader_of(context, self.image)
        if works_aside(context.operation.planned.kind):
            # a comparison that died left them; the lock is ours, so none is at work
            store.remove(0)
            replace(reader, operation=0).clear()
        reader.clear()
        reader.lend(self.sources)
        return {"said": self.folder}

    def settle(self, context: StepContext) -> None:
        """Have every call that makes a helper come to its end."""
        reader_of(context, self.image).settle(self.sources)

    def revert(self, context: StepContext) -> Result:
        """Remove the helpers, and the files where they are not to stay."""
        reader_of(context, self.image).clear()
        if recorded(context, self.name) is None:
            return {}  # files that are there are somebody else's
        if _stays(context):
            return {"said": f"snapshot {context.operation.number} stays: the data has changed"}
        Store(Path(self.folder)).remove(context.operation.number)
        return {}

    def unfacts(self, context: StepContext) -> tuple[Event, ...]:
        """There is no snapshot, if there was one."""
        gone = _taken(context) and not _stays(context)
        return (SnapshotRemoved(context.operation.number),) if gone else ()


def _taken(context: StepContext) -> bool:
    """Whether the snapshot is recorded."""
    makers = (step_names.TAKE_SNAPSHOT, step_names.IMPORT_SNAPSHOT)
    return any(recorded(context, maker) is not None for maker in makers)


def _stays(context: StepContext) -> bool:
    """Whether the data was found to differ from a snapshot that is recorded."""
    changed = context.operation.result(step_names.COMPARE_DATA).get("changed")
    return bool(changed) and _taken(context)
