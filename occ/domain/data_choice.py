"""The data that a version can have again: a set that it left behind, or a snapshot of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from occ.domain.data_sets import DataSets
from occ.domain.snapshots import Record

SET: Final = "set:"
"""Before the number of a data set, where a bare number is a snapshot's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Data of another day."""

    version: int
    """The version that had last run on it; 0 where nobody knows."""
    at: int
    """When it was left or read, in ms since 1970 UTC."""
    snapshot: int = 0
    """The snapshot that it is restored from; 0 where its volumes are kept."""
    data: int = 0
    """The data set that is kept; 0 for a snapshot."""
    fuzzy: bool = False
    """Something could write while it was read."""


def own_data(version: int, snapshots: Mapping[int, Record], data: DataSets) -> Source | None:
    """The newest data of a version: what it left, or the newest snapshot; None without any."""
    kept = (
        Source(version=version, at=left.at, data=number)
        for number, left in data.left.items()
        if left.version == version
    )
    taken = (of_snapshot(r) for r in snapshots.values() if r.snapshot.version == version)
    return max((*kept, *taken), key=lambda source: source.at, default=None)


def of_snapshot(record: Record) -> Source:
    """The data in a snapshot."""
    snapshot = record.snapshot
    return Source(
        version=snapshot.version,
        at=record.taken_at,
        snapshot=snapshot.number,
        fuzzy=bool(snapshot.fuzzy),
    )
