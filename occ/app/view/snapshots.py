"""Looks at snapshots: which there are, whether they are whole, one written out for people."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from occ.app.desk import Desk
from occ.app.knowledge.snapshots import snapshot_of, store_of
from occ.app.ledgers import operation_of, removed_data_of, snapshots_of
from occ.archives import manifest, parcel
from occ.archives.manifest import Listing
from occ.archives.packing import unpacked
from occ.archives.store import DATA, Store
from occ.archives.tar import BrokenTarError
from occ.domain.snapshots import Record, Way
from occ.errors import FailedError, RefusedError
from occ.operations.describing import damaged, manifest_of


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeRow:
    """One volume in a snapshot."""

    name: str
    way: Way
    """`engine` or `host`: how it was read."""
    bytes: int
    """The size of its file."""
    raw_bytes: int
    """The size of the tar in that file."""
    sha256: str
    """The digest of its file."""
    manifest: str
    """The digest of its manifest; empty while it is unverified."""
    same_as: int
    """The earlier snapshot whose file it shares; 0 where it has its own."""
    fuzzy: tuple[str, ...]
    """The containers that ran with it mounted writable while it was read."""
    not_carried: tuple[str, ...]
    file: str
    """The path of its file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRow:
    """One snapshot."""

    number: int
    """That of the operation which took it."""
    taken_at: int
    """ms since 1970."""
    version: int
    """The version that had last run on the data; 0 where that is not known."""
    verified: bool
    """Whether its manifests were made, from files that were whole."""
    fuzzy: tuple[str, ...]
    """The containers that may have written while it was taken; none of an exact one."""
    bytes: int
    """The size of its files, shared ones left out."""
    raw_bytes: int
    reason: str
    imported: str
    """The service and number that an imported one had; else empty."""
    volumes: tuple[VolumeRow, ...]
    pinned: bool = False
    """No rule removes it."""
    removed_at: int = 0
    """When its files were removed, ms since 1970; 0 while they are there."""
    pruned: str = ""
    """The rule by which they were; empty where somebody removed them."""


def rows(desk: Desk, service: str, *, removed: bool = False) -> tuple[SnapshotRow, ...]:
    """The snapshots of a service, newest first; with `removed` also those that are gone."""
    known = snapshots_of(desk.journal, service)
    found = {number: _row(desk, service, record) for number, record in known.items()}
    gone = removed_data_of(desk.journal, service).snapshots if removed else {}
    for number, (record, end) in gone.items():
        row = _row(desk, service, record)
        found[number] = replace(row, removed_at=end.at, pruned=end.reason)
    return tuple(found[number] for number in sorted(found, reverse=True))


def row(desk: Desk, service: str, number: int) -> SnapshotRow:
    """One snapshot.

    Raises:
        NotFoundError: there is none of this number.
    """
    return _row(desk, service, snapshot_of(desk, service, number))


def check(desk: Desk, service: str, number: int) -> None:
    """See that the files of a verified snapshot are as they were recorded; all of them are read.

    Raises:
        NotFoundError: there is no such snapshot, or a file of it is not there.
        SnapshotDamagedError: a file is not as it was; named with the first member that differs.
    """
    record, store = snapshot_of(desk, service, number), store_of(desk, service)
    for volume in record.snapshot.volumes:
        kept = manifest_of(store, record, volume)
        listing, path = Listing(), store.path(volume.file + DATA)
        try:
            with store.reading(volume.file + DATA) as file:
                packed = unpacked(file, listing)
        except BrokenTarError as error:
            raise damaged(path, str(error)) from None
        for one in manifest.differences(kept, listing.members(), coarse=False):
            raise damaged(path, f"{one.path!r} differs from its manifest ({one.what})")
        if packed.sha256 != volume.sha256:
            raise damaged(path, "its hash is not the recorded one")


def export(desk: Desk, service: str, number: int, target: Path | BinaryIO) -> None:
    """Write a snapshot into one file, or onto a stream.

    Raises:
        NotFoundError: there is no such snapshot, or no such folder.
        RefusedError: the file is there already.
        SnapshotDamagedError: a file of the snapshot is not as it was recorded.
        FailedError: it cannot be written.
    """
    record, store = snapshot_of(desk, service, number), store_of(desk, service)
    if not isinstance(target, Path):
        parcel.wrap(store, service, record, target)
        return
    try:
        there, folder = target.exists(), target.parent.is_dir()
    except OSError as error:  # its folder may not be looked into, or its name is too long
        raise FailedError(
            f"{target} cannot be written ({error.strerror})", hint=f"ls -la {target.parent}"
        ) from None
    if there:
        raise RefusedError(f"{target} is there already", hint="name another file: --file FILE")
    if not folder:
        raise FailedError(f"there is no folder {target.parent}", hint=f"mkdir {target.parent}")
    with Store(target.parent).draft(target.name) as draft:
        parcel.wrap(store, service, record, draft.file)
        draft.keep()


def _row(desk: Desk, service: str, record: Record) -> SnapshotRow:
    snapshot, store = record.snapshot, store_of(desk, service)
    own = [one for one in snapshot.volumes if one.name not in record.same_as]
    return SnapshotRow(
        number=snapshot.number,
        taken_at=record.taken_at,
        version=snapshot.version,
        verified=record.verified,
        fuzzy=snapshot.fuzzy,
        bytes=sum(one.bytes for one in own),
        raw_bytes=sum(one.raw_bytes for one in snapshot.volumes),
        reason=operation_of(desk.journal, snapshot.number).planned.reason,
        imported=snapshot.imported,
        pinned=record.pinned,
        volumes=tuple(
            VolumeRow(
                name=one.name,
                way=one.way,
                bytes=one.bytes,
                raw_bytes=one.raw_bytes,
                sha256=one.sha256,
                manifest=record.manifests.get(one.name, ""),
                same_as=record.same_as.get(one.name, 0),
                fuzzy=one.writers,
                not_carried=one.not_carried,
                file=str(store.path(one.file + DATA)),
            )
            for one in snapshot.volumes
        ),
    )
