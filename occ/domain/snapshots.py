"""The snapshots of a service: the facts that are recorded of them, and the fold over these.

A snapshot has the number of the operation that took it, so no number is ever given twice.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from occ.domain.values import Json

if TYPE_CHECKING:
    from occ.domain.events import Entry

Way: TypeAlias = Literal["engine", "host"]

NOT_CARRIED: Final[Mapping[Way, tuple[str, ...]]] = {
    "engine": (
        "ACLs",
        "extended attributes",
        "times below the second",
        "holes (they are filled)",
        "sockets",
    ),
    "host": ("sockets",),
}
"""The things that a way of reading leaves out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotVolume:
    """One volume in a snapshot."""

    name: str
    """The volume's name, or the path of a folder of the host."""
    file: str
    """The beginning of its files' names."""
    way: Way
    """How it was read: by the engine's archive call, or by tar on the engine's host."""
    bytes: int
    """The size of its file."""
    raw_bytes: int
    """The size of the tar in that file."""
    sha256: str
    """The digest of the file, in hexadecimal digits."""
    writers: tuple[str, ...] = ()
    """The containers that ran with it mounted writable while it was read; any makes it fuzzy."""
    not_carried: tuple[str, ...] = ()
    """The things of the volume that the file does not have."""
    ms: int = 0
    """How long it took to be read; 0 where that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The data of a service's volumes, as it was when it was taken."""

    number: int
    volumes: tuple[SnapshotVolume, ...]
    version: int = 0
    """The version that had last run on the data; 0 where that is not known."""
    imported: str = ""
    """Where an imported one was from: its service and its number there; else empty."""
    exit_code: int | None = None
    """The exit code of the service's container, which had ended; None where it had not, or where
    that is not known."""

    @property
    def fuzzy(self) -> tuple[str, ...]:
        """The containers that may have written while it was taken; none of an exact one."""
        return tuple(sorted({name for volume in self.volumes for name in volume.writers}))

    def to_json(self) -> Mapping[str, Json]:
        """The snapshot as a step's result has it."""
        return {
            "number": self.number,
            "volumes": [_volume_json(volume) for volume in self.volumes],
            "version": self.version,
            "imported": self.imported,
            "exit_code": self.exit_code,
        }

    @classmethod
    def from_json(cls, result: Mapping[str, Json]) -> "Snapshot":
        """Read the result of a step; what is missing has its default."""
        told, version, number = (result.get(key) for key in ("volumes", "version", "number"))
        code = result.get("exit_code")
        return cls(
            number=number if isinstance(number, int) else 0,
            volumes=tuple(_volume(one) for one in told if isinstance(one, Mapping))
            if isinstance(told, list)
            else (),
            version=version if isinstance(version, int) else 0,
            imported=_text(result.get("imported")),
            exit_code=code if isinstance(code, int) else None,
        )


@dataclass(frozen=True, slots=True)
class SnapshotTaken:
    """A snapshot is whole, and safe on the disk."""

    snapshot: Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """The manifest of one volume; where the file is shared, that file as it was recorded."""

    name: str
    """The volume's."""
    manifest: str
    """The digest of the manifest, in hexadecimal digits."""
    same_as: int = 0
    """The earlier snapshot with the same manifest, whose file it shares; 0 where it has its own."""
    sha256: str = ""
    """The shared file's, as `bytes` and `raw_bytes`."""
    bytes: int = 0
    raw_bytes: int = 0


@dataclass(frozen=True, slots=True)
class SnapshotDescribed:
    """The manifests of a snapshot were made from its files, which were whole."""

    number: int
    volumes: tuple[Described, ...]


@dataclass(frozen=True, slots=True)
class SnapshotRemoved:
    """The files of a snapshot are gone."""

    number: int
    reason: str = ""
    """The rule by which it was pruned; empty where somebody removed it."""


@dataclass(frozen=True, slots=True)
class SnapshotPinned:
    """A snapshot goes by no rule from now on, or again does."""

    number: int
    pinned: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotDrilled:
    """A snapshot was restored beside the service, and its version run on it."""

    number: int
    version: int
    passed: bool
    after_ms: int = 0
    """How long it took to its first good answer; 0 where none came."""
    said: str = ""
    """Why it did not pass; empty where it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """The last drill of a snapshot."""

    passed: bool
    at: int
    """In ms since 1970 UTC."""
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A snapshot that is kept."""

    snapshot: Snapshot
    taken_at: int
    """In ms since 1970 UTC; of an imported one, when it was imported."""
    manifests: Mapping[str, str] = field(default_factory=dict)
    """Volume -> the digest of its manifest; empty while the snapshot is unverified."""
    same_as: Mapping[str, int] = field(default_factory=dict)
    """Volume -> the earlier snapshot whose file it shares."""
    pinned: bool = False
    """It goes by no rule."""
    drill: Drill | None = None

    @property
    def verified(self) -> bool:
        """Whether every volume has its manifest."""
        return all(volume.name in self.manifests for volume in self.snapshot.volumes)


_ROOM: Final = 14_000
"""The bytes of an event that the volumes of a snapshot may take."""
_EACH: Final = 400
_WRITERS: Final = 1_200
"""The bytes beside these that the names of writers may take."""


def fits(names: Collection[str]) -> bool:
    """Whether a snapshot of so many volumes can be recorded: an event holds 16 KiB."""
    return sum(2 * len(json.dumps(name)) + _EACH for name in names) <= _ROOM


def few(writers: Collection[str], volumes: int) -> tuple[str, ...]:
    """As many names of one volume's writers as an event of so many volumes has room for.

    The last one tells how many more there are, so that a fuzzy volume stays fuzzy.
    """
    room, kept = _WRITERS // max(volumes, 1), list[str]()
    for name in sorted(writers):
        room -= len(json.dumps(name)) + 1
        if room < 0:
            break
        kept.append(name)
    more = len(writers) - len(kept)
    return (*kept, f"{more} more") if more else tuple(kept)


EVENTS: Final = (
    "snapshot.taken",
    "snapshot.described",
    "snapshot.pinned",
    "snapshot.drilled",
    "snapshot.removed",
)
"""The lasting names of the events that the fold reads."""


def fold(entries: "Iterable[Entry]") -> dict[int, Record]:
    """The snapshots that a service's entries tell, by number; other entries are passed over."""
    found: dict[int, Record] = {}
    for entry in entries:
        match entry.event:
            case SnapshotTaken(snapshot):
                found[snapshot.number] = Record(snapshot=snapshot, taken_at=entry.at)
            case SnapshotDescribed(number, volumes) if number in found:
                found[number] = _described(found[number], volumes)
            case SnapshotPinned(number, pinned) if number in found:
                found[number] = replace(found[number], pinned=pinned)
            case SnapshotDrilled(number=number) if number in found:
                drill = Drill(passed=entry.event.passed, at=entry.at, said=entry.event.said)
                found[number] = replace(found[number], drill=drill)
            case SnapshotRemoved(number) if number in found:
                gone = found.pop(number)
                found = {other: _without(record, gone) for other, record in found.items()}
            case _:
                pass
    return dict(sorted(found.items()))


def _described(record: Record, told: tuple[Described, ...]) -> Record:
    shared = {one.name: one for one in told if one.same_as}
    volumes = tuple(
        replace(volume, sha256=one.sha256, bytes=one.bytes, raw_bytes=one.raw_bytes)
        if (one := shared.get(volume.name))
        else volume
        for volume in record.snapshot.volumes
    )
    return replace(
        record,
        snapshot=replace(record.snapshot, volumes=volumes),
        manifests={one.name: one.manifest for one in told},
        same_as={name: one.same_as for name, one in shared.items()},
    )


def _without(record: Record, gone: Record) -> Record:
    """A record after another one's removal: its file is its own, or that of one still earlier."""
    same_as = {
        name: gone.same_as.get(name, 0) if number == gone.snapshot.number else number
        for name, number in record.same_as.items()
    }
    return replace(record, same_as={name: number for name, number in same_as.items() if number})


def _volume_json(volume: SnapshotVolume) -> dict[str, Json]:
    return {
        "name": volume.name,
        "file": volume.file,
        "way": volume.way,
        "bytes": volume.bytes,
        "raw_bytes": volume.raw_bytes,
        "sha256": volume.sha256,
        "writers": list(volume.writers),
        "not_carried": list(volume.not_carried),
        "ms": volume.ms,
    }


def _volume(told: Mapping[str, Json]) -> SnapshotVolume:
    way = told.get("way")
    return SnapshotVolume(
        name=_text(told.get("name")),
        file=_text(told.get("file")),
        way="host" if way == "host" else "engine",
        bytes=_number(told.get("bytes")),
        raw_bytes=_number(told.get("raw_bytes")),
        sha256=_text(told.get("sha256")),
        writers=_texts(told.get("writers")),
        not_carried=_texts(told.get("not_carried")),
        ms=_number(told.get("ms")),
    )


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


def _number(value: Json) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
