"""The data sets of a service: which real volume stands behind each volume name of a spec.

A set is numbered per service and is no part of a version: an older version can run on the data of
its day without being another version. Set 1 is the names themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from occ.domain.snapshots import Way
from occ.domain.spec import Spec

FIRST: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """The real volumes behind the names."""

    number: int
    volumes: Mapping[str, str] = field(default_factory=dict)
    """Volume name -> the volume of the engine, only where they differ."""
    snapshot: int = 0
    """The snapshot that it was restored from; 0 for none."""
    version: int = 0
    """The version that had last run on its data before it was bound; 0 where nobody knows."""

    def real(self, name: str) -> str:
        """The volume of the engine behind a name."""
        return self.volumes.get(name, name)

    def name_of(self, real: str) -> str:
        """The name that a volume of the engine stands behind; empty where it stands for none."""
        for name, volume in self.volumes.items():
            if volume == real:
                return name
        return "" if real in self.volumes else real

    def bound(self, spec: Spec) -> Spec:
        """The spec with real volumes in place of names: a container is made from it."""
        if not self.volumes:
            return spec
        real = (replace(volume, name=self.real(volume.name)) for volume in spec.volumes)
        return replace(spec, volumes=tuple(real))

    def unbound(self, spec: Spec) -> Spec:
        """The opposite: a spec as it is recorded, from one with the engine's volumes."""
        if not self.volumes:
            return spec
        named = (replace(v, name=self.name_of(v.name) or v.name) for v in spec.volumes)
        return replace(spec, volumes=tuple(named))


@dataclass(frozen=True, slots=True)
class DataSetRecorded:
    """A data set has its number; its volumes may still have to be made."""

    data: DataSet


@dataclass(frozen=True, slots=True)
class DataSetBound:
    """The service's container has these volumes from now on."""

    number: int
    left_by: int = 0
    """The version that had last run on the set before it; 0 for the one that was current."""


@dataclass(frozen=True, slots=True)
class DataSetRemoved:
    """The volumes of a data set that was left are gone, but for those that others have too."""

    number: int
    reason: str = ""
    """The rule by which it was pruned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeRestored:
    """A new volume has the data of a snapshot: written, read back, and the same."""

    name: str
    """The volume's name in the spec, by which the snapshot has it."""
    volume: str
    """The engine's name of the new one."""
    snapshot: int
    way: Way
    """How it was written: by the engine's archive call, or by tar on the engine's host."""


DataSetEvent: TypeAlias = DataSetRecorded | DataSetBound | DataSetRemoved


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """The end of a data set's time as the current one."""

    version: int
    """The version that had last run on it."""
    at: int
    """In ms since 1970 UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSets:
    """All data sets of one service."""

    known: Mapping[int, DataSet] = field(default_factory=lambda: {FIRST: DataSet(number=FIRST)})
    number: int = FIRST
    """The current one's."""
    left: Mapping[int, Left] = field(default_factory=dict)
    """The sets that were current once, are not now, and are kept."""
    unused: Mapping[int, int] = field(default_factory=dict)
    """The sets that were never current, and when they were recorded, in ms since 1970 UTC. An
    operation that ended made volumes for them, or none."""

    @property
    def current(self) -> DataSet:
        """The set that the service's container has."""
        return self.known[self.number]

    @property
    def next_number(self) -> int:
        """The number of the next new set."""
        return max(self.known) + 1

    def get(self, number: int) -> DataSet:
        """A set by its number; the current one for 0, and for a number that nobody recorded."""
        return self.known.get(number, self.current)

    def writer(self, number: int, current_version: int) -> int:
        """The version that last ran on a set; 0 where nobody knows."""
        if number == self.number:
            return current_version
        if number in self.left:
            return self.left[number].version
        return self.get(number).version

    def after(self, event: DataSetEvent, version: int, at: int) -> "DataSets":
        """The sets after one more event; `version` is the current one."""
        match event:
            case DataSetRecorded(data):
                unused = {**self.unused, data.number: at}
                return replace(self, known={**self.known, data.number: data}, unused=unused)
            case DataSetRemoved(number):
                left = {n: one for n, one in self.left.items() if n != number}
                unused = {n: one for n, one in self.unused.items() if n != number}
                return replace(self, left=left, unused=unused)
            case DataSetBound(number, left_by):
                if number == self.number or number not in self.known:
                    return self
                ended = Left(version=left_by or version, at=at)
                left = {n: one for n, one in self.left.items() if n != number}
                unused = {n: one for n, one in self.unused.items() if n != number}
                left[self.number] = ended
                return replace(self, number=number, left=left, unused=unused)

    def apart(self, number: int, *others: int) -> tuple[str, ...]:
        """The volumes of the engine that a set has and none of the others."""
        names = sorted({name for data in self.known.values() for name in data.volumes})
        theirs = {self.get(other).real(name) for other in others for name in names}
        own = (self.get(number).real(name) for name in names)
        return tuple(real for real in own if real not in theirs)

    def fitting(self, reals: "frozenset[str]") -> DataSet:
        """The set of a container that mounts these volumes of the engine.

        It is the current one where that can be, else the newest that can; set 1 always can.
        """
        order = (self.number, *sorted(self.known, reverse=True))
        return next(
            self.known[number]
            for number in order
            if all(self.known[number].name_of(real) for real in reals)
        )
