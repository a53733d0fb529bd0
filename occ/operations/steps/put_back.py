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
from occ.domain.data_sets import DataSet, DataSetBound, DataSetRecorded, VolumeRestored
from occ.domain.events import Event
from occ.domain.snapshots import Record, SnapshotVolume
from occ.domain.values import Json
from occ.engine.values import Container
from occ.errors import (
    EngineRefusedError,
    NotFoundError,
    RefusedError,
    SnapshotDamagedError,
    UserClashError,
)
from occ.operations.holding import holder_name
from occ.operations.reading import writers
from occ.operations.step_context import StepContext
from occ.operations.steps.containers import RemoveContainer
from occ.operations.steps.create import make
from occ.operations.steps.hold import HoldVolumes, ReleaseVolumes
from occ.operations.steps.images import exactly
from occ.operations.steps.restore import RestoreVolume
from occ.operations.steps.snapshot import reader_of, recorded, ticking
from occ.operations.steps.snapshot_files import DescribeSnapshot, manifest_of
from occ.operations.steps.step import Result, Step
from occ.operations.steps.users import bring


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
        """Make the manifests, and read the volumes against them."""
        number = context.operation.number
        record = context.snapshots().get(number)
        if record is None:
            return {"changed": [], "said": "there is no snapshot to compare with"}
        described = DescribeSnapshot(self.folder).apply(context)
        manifests = _manifests(described)
        record = replace(record, manifests=manifests)
        current = context.data().current
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
        return {
            "described": described.get("described", []),
            "number": number,
            "changed": list[Json](changed),
            "said": f"changed: {', '.join(changed)}" if changed else "not changed",
            "data": self.data,
            "version": record.snapshot.version,
            "volumes": {name: f"{name}.occ-{self.data}-{number}" for name in back},
            "others": dict[str, Json](current.volumes),
            **({"warning": _kept(context, kept, busy, real)} if kept else {}),
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
        gone = any(context.engine.volume(real) is None for real in _new(context).values())
        return None if gone else there

    def apply(self, context: StepContext) -> Result:
        """Make, fill and read back each of them."""
        new = _new(context)
        if not new:
            return {"said": "nothing to restore"}
        HoldVolumes(
            called=holder_name(context.service, self.data),
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
        for name, real in _new(context).items():
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


@dataclass(frozen=True, slots=True)
class MakeAgain(Step):
    """Have the old version under its name on the restored volumes, where any had changed.

    The old container stays beside it, under another name and stopped, until the other one is
    proven. The volumes that were touched are held.
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
        if before is not None and not _new(context):
            return before
        return before if before and there and before.get("container") == there.id else None

    def apply(self, context: StepContext) -> Result:
        """Name the old one differently, and make the other one."""
        if not _new(context):
            return {"said": "the old container has its data"}
        version = context.versions[self.version]
        called, left = context.called or context.service, context.data().number
        old = context.engine.inspect(self.container)
        if old is not None and old.running:
            return self._serves(context, old, called)
        if old is not None and old.name == called:
            context.engine.rename(old.id, f"{called}.occ-before")
        exactly(context, version.image, version.reference, version.digests)
        made = make(context, version, called, "restored", self.data)
        warning = self._users(context, made.id)
        touched = context.data().apart(left, self.data) if left != self.data else ()
        if touched:
            HoldVolumes(
                called=holder_name(context.service, left),
                volumes=touched,
                image=self.image,
                number=left,
                make=False,
            ).apply(context)
        ReleaseVolumes(self.data).apply(context)
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
            f"{', '.join(_new(context).values())}; {listed} stays as it was left"
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


def _manifests(described: Result) -> dict[str, str]:
    """Volume -> the digest of its manifest, for those that could be made."""
    told = described.get("described")
    found = [one for one in told if isinstance(one, Mapping)] if isinstance(told, list) else []
    return {str(one.get("name")): str(one.get("manifest")) for one in found}


def _new(context: StepContext) -> Mapping[str, str]:
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
