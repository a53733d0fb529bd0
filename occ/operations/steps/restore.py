"""The step that puts the data of a snapshot into a new volume: beside the data of now, never over.

Nothing is written before the snapshot's file was found whole, and nothing counts before it was read
back and found the same.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from occ.archives.store import Store
from occ.domain import step_names
from occ.domain.data_sets import VolumeRestored
from occ.domain.events import Event
from occ.domain.snapshots import Record, SnapshotVolume, Way
from occ.domain.values import Json
from occ.errors import EngineRefusedError, NotFoundError
from occ.operations import labels
from occ.operations.restoring import Restoring
from occ.operations.step_context import StepContext
from occ.operations.steps.anchor import new_volumes
from occ.operations.steps.snapshot import reader_of, refuse_superseded, ticking
from occ.operations.steps.step import Result, Step
from occ.operations.writing import NOT_WRITTEN, VolumeWriter

_BYTES_A_MB = 1_000_000


@dataclass(frozen=True, slots=True)
class RestoreVolume(Step):
    """Have the data of a volume, as a snapshot has it, in a volume that this operation made."""

    name: ClassVar[str] = step_names.RESTORE_VOLUME
    folder: str
    """Where the service's snapshots lie."""
    snapshot: int
    volume: str
    """Its name in the snapshot."""
    target: str
    """The volume of the engine that gets the data."""
    image: str
    """The id of an image for the helpers."""
    timeout_ms: int = 0
    """0 is no bound."""

    def seen(self, context: StepContext) -> Result | None:
        """A recorded result counts, as long as that very volume is there."""
        result = self._recorded(context)
        try:
            there = new_volumes(context).own(self.target)
        except EngineRefusedError:
            return None
        same = there is not None and there.get(labels.MAKING, "") == result.get("making")
        return result if result and same else None

    def apply(self, context: StepContext) -> Result:
        """Look at the file, write it, and read back what was written.

        Raises:
            EngineRefusedError: the volume is not this operation's, or a container mounts it.
            SnapshotDamagedError: the file or the manifest is not as it was recorded; nothing was
                written.
            RefusedError: the snapshot is unverified.
            FailedError: it could not be written, or what was read back is not the same.
        """
        tick = ticking(context, self.timeout_ms, noun="restore", verb="written")
        reader, writer = reader_of(context, self.image), self._writer(context)
        if new_volumes(context).own(self.target) is None:
            raise NotFoundError(f"the volume {self.target} is not there", hint="occ resume")
        record, volume = self._volume(context)
        restoring = Restoring(
            store=Store(Path(self.folder)),
            reader=reader,
            writer=writer,
            tick=tick,
            called=f"snapshot {self.snapshot}",
        )
        wanted = restoring.whole(record, volume)
        writer.clear()
        reader.clear()
        refuse_superseded(context)
        if not restoring.empty(self.target):
            new_volumes(context).remake(self.target)
        making = (context.engine.volume(self.target) or {}).get(labels.MAKING, "")
        way = restoring.write(volume, self.target)
        restoring.compare(volume, wanted, self.target, way)
        refuse_superseded(context)
        lost = NOT_WRITTEN[way] if volume.way == "host" else ()
        told: dict[str, Json] = {
            "said": f"{volume.raw_bytes / _BYTES_A_MB:.1f} MB",
            "bytes": volume.raw_bytes,
            "way": way,
            "making": making,
            "not_carried": list[Json](dict.fromkeys((*volume.not_carried, *lost))),
        }
        return told

    def settle(self, context: StepContext) -> None:
        """Have every call that makes a helper, or writes by one, come to its end."""
        self._writer(context).settle(self.target)
        if context.engine.volume(self.target) is not None:
            reader_of(context, self.image).settle((self.target,))

    def revert(self, context: StepContext) -> Result:
        """Remove the helpers; the volume goes with the step that made it."""
        self._writer(context).clear()
        reader_of(context, self.image).clear()
        return {}

    def facts(self, result: Result) -> tuple[Event, ...]:
        """The volume has the data."""
        way: Way = "host" if result.get("way") == "host" else "engine"
        restored = VolumeRestored(
            name=self.volume, volume=self.target, snapshot=self.snapshot, way=way
        )
        return (restored,)

    def _recorded(self, context: StepContext) -> Result:
        """The result of this very step, of which an operation has one for each volume."""
        for state in context.operation.steps:
            if state.plan.name == self.name and state.plan.inputs.get("target") == self.target:
                return state.result
        return {}

    def _volume(self, context: StepContext) -> tuple[Record, SnapshotVolume]:
        """The snapshot, and the volume in it."""
        record = context.snapshots().get(self.snapshot)
        volumes = record.snapshot.volumes if record else ()
        volume = next((one for one in volumes if one.name == self.volume), None)
        if record is None or volume is None:
            raise NotFoundError(
                f"there is no snapshot {self.snapshot} of {self.volume}", hint="occ snapshot list"
            )
        return record, volume

    def _writer(self, context: StepContext) -> VolumeWriter:
        return writer_of(context, self.image)


def writer_of(context: StepContext, image: str) -> VolumeWriter:
    """The writer of this operation, with helpers of this image."""
    return VolumeWriter(
        engine=context.engine,
        journal=context.journal,
        service=context.service,
        operation=context.operation.number,
        image=image,
    )
