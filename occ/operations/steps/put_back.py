"""Steps of the way back alone: the data that the new version changed, as it was before it.

They are written with the plan, before anything is stopped, and carried out when the replacement
has been stopped again. Nothing is written over: the old version is made again on new volumes, and
those that were touched stay.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from occ.archives import manifest
from occ.archives.manifest import Listing
from occ.archives.store import Store
from occ.archives.tar import BrokenTarError, Tar
from occ.domain import step_names
from occ.domain.data_sets import DataSet, DataSetRecorded, VolumeRestored
from occ.domain.events import Event
from occ.domain.snapshots import Record, SnapshotVolume
from occ.domain.values import Json
from occ.errors import (
    NotFoundError,
    RefusedError,
    SnapshotDamagedError,
    UnhealthyError,
)
from occ.operations.anchoring import anchor_name
from occ.operations.describing import manifest_of
from occ.operations.gate import prove
from occ.operations.reading import writers
from occ.operations.step_context import StepContext
from occ.operations.steps.anchor import AnchorVolumes
from occ.operations.steps.images import exactly
from occ.operations.steps.restore import RestoreVolume
from occ.operations.steps.snapshot import reader_of, recorded, ticking
from occ.operations.steps.snapshot_files import DescribeSnapshot, unverified
from occ.operations.steps.step import Result, Step


@dataclass(frozen=True, slots=True)
class CompareData(Step):
    """Have it known which volumes are not any more as this operation's snapshot has them.

    A volume that was read through the engine counts as changed, and so does one whose snapshot
    cannot be read. With `restore` the changed ones get a data set, in which new volumes stand for
    them.
    """

    name: ClassVar[str] = step_names.COMPARE_DATA
    folder: str
    """Where the service's snapshots lie."""
    data: int
    """The number of that data set."""
    image: str
    """The id of an image for the helper."""
    restore: bool = True

    def seen(self, context: StepContext) -> Result | None:
        """Nothing has run on the volumes since they were compared."""
        return recorded(context, self.name)

    def apply(self, context: StepContext) -> Result:
        """Make the manifests, and read the volumes against them.

        Raises:
            FailedError: a manifest cannot be made, for want of room or for another reason.
        """
        number = context.operation.number
        record = context.snapshots().get(number)
        if record is None:
            return {"changed": [], "said": "there is no snapshot to compare with"}
        described = self._described(context)
        manifests = _manifests(described)
        record = replace(record, manifests=manifests)
        current = context.data().current
        serves_again(context)  # it is no writer where it is sick
        volumes = [one for one in record.snapshot.volumes if not one.name.startswith("/")]
        real = {one.name: current.real(one.name) for one in volumes}
        running = writers(context.engine, list(real.values()))
        busy = {source: names for source, names in running.items() if names}
        changed = [one.name for one in volumes if self._changed(context, record, one, real)]
        back = [
            name
            for name in changed
            if self.restore and name in manifests and real[name] not in busy
        ]
        kept = [name for name in changed if name not in back]
        warnings = (described.get("warning"), _kept(context, kept, busy, real) if kept else "")
        warning = "; ".join(str(one) for one in warnings if one)
        return {
            "described": described.get("described", []),
            "number": number,
            "changed": list[Json](changed),
            "said": f"changed: {', '.join(changed)}" if changed else "not changed",
            "data": self.data,
            "version": record.snapshot.version,
            "volumes": {name: f"{name}.occ-{self.data}-{number}" for name in back},
            "others": dict[str, Json](current.volumes),
            **({"warning": warning} if warning else {}),
        }

    def settle(self, context: StepContext) -> None:
        """Have no helper."""
        reader_of(context, self.image).clear()

    def facts(self, result: Result) -> tuple[Event, ...]:
        """The manifests, and the data set that the old version is made again on."""
        described = DescribeSnapshot(self.folder).facts(result)
        new = _texts(result.get("volumes"))
        if not new:
            return described
        snapshot, version = result.get("number"), result.get("version")
        data = DataSet(
            number=self.data,
            volumes={**_texts(result.get("others")), **new},
            snapshot=snapshot if isinstance(snapshot, int) else 0,
            version=version if isinstance(version, int) else 0,
        )
        return (*described, DataSetRecorded(data))

    def _described(self, context: StepContext) -> Result:
        """The manifests; none where the snapshot is damaged, and nothing can be restored from it.

        Any other failure is the step's: there may be no room, and then the old one must not begin
        on data that it does not know.
        """
        describe = DescribeSnapshot(self.folder)
        try:
            return describe.described(context)
        except (NotFoundError, SnapshotDamagedError) as error:
            return unverified(context.operation.number, error)

    def _changed(
        self,
        context: StepContext,
        record: Record,
        volume: SnapshotVolume,
        real: Mapping[str, str],
    ) -> bool:
        if volume.way == "engine":
            return True
        reader, tick = reader_of(context, self.image), ticking(context)
        try:
            before = manifest_of(Store(Path(self.folder)), record, volume)
            listing = Listing(tick)
            tar = Tar(listing)
            way, _ = reader.read(real[volume.name], tar.feed, tick=tick)
            tar.finish()
        except (BrokenTarError, NotFoundError, RefusedError, SnapshotDamagedError):
            return True
        coarse = way == "engine"
        return any(True for _ in manifest.differences(before, listing.members(), coarse=coarse))


@dataclass(frozen=True, slots=True)
class RestoreChanged(Step):
    """Have the changed volumes as they were, in new ones."""

    name: ClassVar[str] = step_names.RESTORE_CHANGED
    folder: str
    data: int
    """The number of the data set of the new volumes."""
    image: str

    def seen(self, context: StepContext) -> Result | None:
        """The volumes count when the journal says that they are restored, while they are there."""
        there = recorded(context, self.name)
        gone = any(context.engine.volume(real) is None for real in new_volumes_of(context).values())
        return None if gone else there

    def apply(self, context: StepContext) -> Result:
        """Make, fill and read back each of them."""
        new = new_volumes_of(context)
        if not new:
            return {"said": "nothing to restore"}
        version = context.versions[context.operation.planned.found.version]
        exactly(context, self.image, version.reference, version.digests)
        AnchorVolumes(
            called=anchor_name(context.service, self.data),
            volumes=tuple(new.values()),
            image=self.image,
            number=self.data,
            make=True,
        ).apply(context)
        ways = dict[str, Json]()
        for restore in self._restores(context):
            ways[restore.volume] = restore.apply(context).get("way", "")
        return {
            "said": ", ".join(new.values()),
            "ways": ways,
            "volumes": dict[str, Json](new),
            "snapshot": context.operation.number,
        }

    def settle(self, context: StepContext) -> None:
        """Have every call that makes a helper, or writes by one, come to its end."""
        for restore in self._restores(context):
            restore.settle(context)

    def _restores(self, context: StepContext) -> Iterator[RestoreVolume]:
        for name, real in new_volumes_of(context).items():
            yield RestoreVolume(
                folder=self.folder,
                snapshot=context.operation.number,
                volume=name,
                target=real,
                image=self.image,
            )

    def facts(self, result: Result) -> tuple[Event, ...]:
        """The volumes are restored."""
        ways, new = _texts(result.get("ways")), _texts(result.get("volumes"))
        snapshot = result.get("snapshot")
        return tuple(
            VolumeRestored(
                name=name,
                volume=new[name],
                snapshot=snapshot if isinstance(snapshot, int) else 0,
                way="host" if way == "host" else "engine",
            )
            for name, way in ways.items()
        )


def _manifests(described: Result) -> dict[str, str]:
    """Volume -> the digest of its manifest, for those that could be made."""
    told = described.get("described")
    found = [one for one in told if isinstance(one, Mapping)] if isinstance(told, list) else []
    return {str(one.get("name")): str(one.get("manifest")) for one in found}


def serves_again(context: StepContext) -> bool:
    """Whether the old one runs as it was found: then people may have written since.

    It was started while the journal could not be written. Where the data that the new one left
    makes it sick, nobody can have written, and it is stopped.
    """
    found = context.operation.planned.found
    there = context.engine.inspect(found.container)
    if there is None or not there.running:
        return False
    if not found.healthy:
        return True
    health = context.spec(found.version or context.operation.planned.current).health
    try:
        prove(context, there, health, found.deadline_ms)
    except UnhealthyError:
        context.engine.stop(there.id, context.grace_ms)
        return False
    return True


def new_volumes_of(context: StepContext) -> Mapping[str, str]:
    """Volume name -> the new volume for it, as the comparison decided."""
    return _texts(context.operation.result(CompareData.name).get("volumes"))


def _kept(
    context: StepContext,
    kept: Collection[str],
    busy: Mapping[str, Collection[str]],
    real: Mapping[str, str],
) -> str:
    """The sentence on volumes that changed and are not put back."""
    operation = context.operation
    found = operation.planned.found.version
    others = sorted({name for one in kept for name in busy.get(real[one], ())})
    why = f" ({', '.join(others)} writes there too)" if others else ""
    return (
        f"version {operation.version} changed {', '.join(sorted(kept))}, and version {found} runs "
        f"on that{why}; the data of before: occ rollback --to {found} --data {operation.number}"
    )


def _texts(value: Json) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    return {key: text for key, text in value.items() if isinstance(text, str)}
