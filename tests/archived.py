"""Tars of volumes, and snapshots of them, for tests."""

import hashlib
import io
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import replace

from occ.archives.manifest import Listing
from occ.archives.members import written
from occ.archives.packing import Packed, Packing, unpacked
from occ.archives.store import DATA, MANIFEST, Store, stem
from occ.domain.snapshots import NOT_CARRIED, Record, Snapshot, SnapshotVolume


def folder(name: str = "volume/") -> tarfile.TarInfo:
    """A folder's header."""
    member = tarfile.TarInfo(name.rstrip("/"))
    member.type, member.mode = tarfile.DIRTYPE, 0o755
    return member


def file(name: str, size: int = 0) -> tarfile.TarInfo:
    """A file's header."""
    member = tarfile.TarInfo(name)
    member.size = size
    return member


def tar(members: Iterable[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    """A whole tar of these, whatever they are."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as made:
        for member, content in members:
            made.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def tar_of(files: Mapping[str, bytes], root: str = "volume") -> bytes:
    """The tar of a volume with these files, by their path below it."""
    inside = [(file(f"{root}/{name}", len(data)), data) for name, data in files.items()]
    return tar([(folder(f"{root}/"), b""), *inside])


def pack(store: Store, name: str, raw: bytes) -> Packed:
    """Have a tar in the store under a file's name."""
    with store.draft(name) as draft:
        packing = Packing(draft.file)
        packing.take(raw)
        packed = packing.finish()
        draft.keep()
    return packed


def kept(store: Store, number: int, volume: str, files: Mapping[str, bytes]) -> Record:
    """A snapshot of one volume with these files, unverified."""
    packed = pack(store, stem(number, volume) + DATA, tar_of(files))
    one = SnapshotVolume(
        name=volume,
        file=stem(number, volume),
        way="engine",
        bytes=packed.bytes,
        raw_bytes=packed.raw_bytes,
        sha256=packed.sha256,
        not_carried=NOT_CARRIED["engine"],
    )
    snapshot = Snapshot(number=number, volumes=(one,), version=1)
    return Record(snapshot=snapshot, taken_at=1_700_000_000_000)


def described(store: Store, record: Record) -> Record:
    """The same snapshot with its manifests, verified."""
    digests = dict[str, str]()
    for volume in record.snapshot.volumes:
        listing = Listing()
        with store.reading(volume.file + DATA) as made:
            unpacked(made, listing)
        text = written(listing.members())
        store.write(volume.file + MANIFEST, text)
        digests[volume.name] = hashlib.sha256(text).hexdigest()
    return replace(record, manifests=digests)
