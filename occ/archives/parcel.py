"""A snapshot in one file for people: a plain tar of its facts, its volumes and its manifests.

`snapshot.json` comes first and tells what the others are. Whoever has the file needs no occ:
`tar -xf`, then `tar --zstd -xf` for each volume.
"""

import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import replace
from typing import BinaryIO, Final, cast

from occ.archives.packing import Hashed, unpacked
from occ.archives.store import DATA, MANIFEST, Store, stem
from occ.archives.tar import BrokenTarError
from occ.domain.snapshots import NOT_CARRIED, Record, Snapshot, SnapshotVolume, few, fits
from occ.errors import SnapshotDamagedError

FACTS: Final = "snapshot.json"
_SCHEMA: Final = 1
_MOST_FACTS: Final = 1 << 20
_PIECE: Final = 1 << 18
_MOST_WORD: Final = 60
_WRONG: Final = (tarfile.TarError, ValueError, OverflowError, EOFError, RecursionError)


def wrap(store: Store, service: str, record: Record, out: BinaryIO) -> None:
    """Write a snapshot as one tar.

    Raises:
        SnapshotDamagedError: a file is not as it was recorded; what was written is of no use.
        NotFoundError: a file is not there.
        OSError: `out` cannot be written.
    """
    snapshot = record.snapshot
    head = {"occ": "snapshot", "schema": _SCHEMA, "service": service, "taken_at": record.taken_at}
    facts = json.dumps({**head, **snapshot.to_json()}, indent=2).encode()
    seconds = record.taken_at // 1000
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(_member(FACTS, len(facts), seconds), io.BytesIO(facts))
        for volume in snapshot.volumes:
            name = volume.file + DATA
            with store.reading(name) as file:
                if (size := _size(file)) != volume.bytes:
                    raise _damaged(store, name, f"it has {size} bytes, and had {volume.bytes}")
                hashed = Hashed(file)
                tar.addfile(_member(name, size, seconds), cast("BinaryIO", hashed))
            if hashed.digest() != volume.sha256:
                raise _damaged(store, name, "its hash is not the recorded one")
            if volume.name in record.manifests:
                with store.reading(volume.file + MANIFEST) as file:
                    text = file.read()
                member = _member(volume.file + MANIFEST, len(text), seconds)
                tar.addfile(member, io.BytesIO(text))


def unwrapped(
    file: BinaryIO, called: str, store: Store, number: int, *, tick: Callable[[], None]
) -> Snapshot:
    """Store the volumes of an exported snapshot under a number; the snapshot as it is here.

    Each is whole, by its hash and by the end of its tar, before its file has its name. Manifests
    stay out, and so does the version, whose number is another service's.

    Raises:
        SnapshotDamagedError: the file is no whole export; `called` names it in the message.
        FailedError: a file cannot be written.
    """
    try:
        with tarfile.open(fileobj=file, mode="r:") as tar:
            told, origin = _facts(tar, called)
            count = len(told.volumes)
            volumes = [
                replace(
                    _volume(tar, one, called, store, number, tick),
                    writers=few({_word(each) for each in one.writers}, count),
                )
                for one in told.volumes
            ]
    except _WRONG as error:
        raise _no_export(called, str(error)) from None
    return replace(told, number=number, volumes=tuple(volumes), version=0, imported=origin)


def _facts(tar: tarfile.TarFile, called: str) -> tuple[Snapshot, str]:
    first = tar.next()
    if first is None or first.name != FACTS or not 0 < first.size <= _MOST_FACTS:
        raise _no_export(called, f"it does not begin with {FACTS}")
    content = tar.extractfile(first)
    facts = json.loads(content.read()) if content else None
    known = ("snapshot", _SCHEMA)
    if not isinstance(facts, dict) or (facts.get("occ"), facts.get("schema")) != known:
        raise _no_export(called, "another occ wrote it, or none")
    snapshot = Snapshot.from_json(facts)
    names = [volume.name for volume in snapshot.volumes]
    unusable = "" in names or "\0" in "".join(names) or len({*names}) != len(names)
    if unusable or not names or not fits(names):
        raise _no_export(called, "its volumes cannot be used")
    return snapshot, f"{_word(facts.get('service'))} {_word(str(snapshot.number))}"


def _volume(
    tar: tarfile.TarFile,
    told: SnapshotVolume,
    called: str,
    store: Store,
    number: int,
    tick: Callable[[], None],
) -> SnapshotVolume:
    wanted = told.file + DATA
    member = next((one for one in tar.getmembers() if one.name == wanted and _plain(one)), None)
    content = tar.extractfile(member) if member else None
    if content is None:
        raise _no_export(called, f"it has no {_word(wanted)}")
    name = stem(number, told.name)
    with store.draft(name + DATA) as draft:
        while piece := content.read(_PIECE):
            tick()
            draft.file.write(piece)
        draft.file.seek(0)
        try:
            packed = unpacked(draft.file, tick=tick)
        except BrokenTarError as error:
            raise _no_export(called, f"{_word(told.name)} is not whole: {error}") from None
        if packed.sha256 != told.sha256:
            raise _no_export(called, f"the hash of {_word(told.name)} is not the one in {FACTS}")
        draft.keep()
    return replace(
        told,
        file=name,
        bytes=packed.bytes,
        raw_bytes=packed.raw_bytes,
        not_carried=NOT_CARRIED[told.way],
    )


def _member(name: str, size: int, seconds: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = size, 0o600, seconds
    return member


def _plain(member: tarfile.TarInfo) -> bool:
    """Whether it is a file without holes: a few bytes of a tar can tell of a hole of any size."""
    return member.isreg() and not member.issparse()


def _size(file: BinaryIO) -> int:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    return size


def _word(value: object) -> str:
    """A text of the file as the journal can have it."""
    return value[:_MOST_WORD].replace("\0", "?") if isinstance(value, str) else "?"


def _damaged(store: Store, name: str, why: str) -> SnapshotDamagedError:
    return SnapshotDamagedError(
        f"{store.path(name)} is damaged: {why}", hint="occ snapshot list: another one may be whole"
    )


def _no_export(called: str, why: str) -> SnapshotDamagedError:
    return SnapshotDamagedError(
        f"{called} is no whole export of a snapshot: {why}",
        hint="make it again where the snapshot is: occ snapshot export N --file FILE",
    )
