"""How the data of a service differs from a snapshot of it, or one snapshot from another."""

from collections.abc import Mapping
from dataclasses import dataclass

from occ.app.change.observed import observe
from occ.app.change.to_take import snapshot_volumes
from occ.app.desk import Desk
from occ.app.knowledge.snapshots import snapshot_of, store_of
from occ.archives import manifest
from occ.archives.manifest import Listing
from occ.archives.members import Members
from occ.archives.packing import Packing, unpacked
from occ.archives.store import DATA, Store, stem
from occ.archives.tar import BrokenTarError
from occ.domain.snapshots import Way
from occ.errors import FailedError
from occ.operations.describing import manifest_of
from occ.operations.reading import VolumeReader


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeDifference:
    """A path at which two states of a volume differ."""

    volume: str
    path: str
    """Below the volume; `.` is the volume's own folder."""
    what: str
    """`added`, `removed`, or the facts that differ, such as `content, mtime`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotDifference:
    """How the data differs between a snapshot and another one, or now."""

    before: int
    after: int
    """0 is the data as it is now."""
    coarse: bool
    """Times below the second, ACLs and extended attributes were left out."""
    differences: tuple[VolumeDifference, ...]
    left_out: tuple[str, ...] = ()
    """The volumes that only one side has, so that nothing can be said of them."""


def difference(desk: Desk, service: str, before: int, after: int) -> SnapshotDifference:
    """How the data of one snapshot differs from another one's, or with 0 from that of now.

    The data of now is read as for a snapshot, and not kept.

    Raises:
        NotFoundError: there is no such snapshot.
        RefusedError: one of them is unverified, so that there is no manifest.
        SnapshotDamagedError: a manifest is damaged.
    """
    first = _manifests(desk, service, before)
    second = _manifests(desk, service, after) if after else _now(desk, service, frozenset(first))
    coarse = "engine" in {way for side in (first, second) for way, _ in side.values()}
    found = tuple(
        VolumeDifference(volume=name, path=one.path, what=one.what)
        for name in sorted(first.keys() & second.keys())
        for one in manifest.differences(first[name][1], second[name][1], coarse=coarse)
    )
    return SnapshotDifference(
        before=before,
        after=after,
        coarse=coarse,
        differences=found,
        left_out=tuple(sorted(first.keys() ^ second.keys())),
    )


def _manifests(desk: Desk, service: str, number: int) -> Mapping[str, tuple[Way, Members]]:
    record, store = snapshot_of(desk, service, number), store_of(desk, service)
    return {
        volume.name: (volume.way, manifest_of(store, record, volume))
        for volume in record.snapshot.volumes
    }


def _now(desk: Desk, service: str, wanted: frozenset[str]) -> Mapping[str, tuple[Way, Members]]:
    """The data of these volumes as it is; no snapshot is taken meanwhile."""
    with desk.lock(service, aside=True):
        observed = observe(desk, "snapshot", service)
        volumes, _ = snapshot_volumes(desk, desk.settings.service(service), observed)
        store = store_of(desk, service)
        reader = VolumeReader(
            engine=desk.engine_of(service),
            journal=desk.journal.id,
            service=service,
            operation=0,
            image=volumes.image,
        )
        reader.clear()
        store.remove(0)
        try:
            return {
                name: _read(store, reader, name, source)
                for name, source in zip(volumes.names, volumes.sources, strict=True)
                if name in wanted
            }
        finally:
            reader.clear()


def _read(store: Store, reader: VolumeReader, name: str, source: str) -> tuple[Way, Members]:
    listing = Listing()
    with store.draft(stem(0, name) + DATA) as draft:
        packing = Packing(draft.file)
        try:
            way, _ = reader.read(source, packing.take, tick=lambda: None)
            packing.finish()
            draft.file.seek(0)
            unpacked(draft.file, listing)
        except BrokenTarError as error:
            raise FailedError(f"the data of {name} could not be read whole: {error}") from None
    return way, listing.members()
