"""The snapshots and data sets that are gone, as the journal remembers them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from occ.domain import versions
from occ.domain.data_sets import DataSetRemoved, Left
from occ.domain.events import Entry
from occ.domain.snapshots import Record, SnapshotRemoved, SnapshotTaken


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """The end of a snapshot or a data set."""

    at: int
    """In ms since 1970 UTC."""
    operation: int
    reason: str
    """The rule by which it was pruned; empty where somebody removed it."""


@dataclass(slots=True)
class RemovedData:
    """Everything that was removed, each with its end."""

    snapshots: dict[int, tuple[Record, Removal]] = field(default_factory=dict)
    sets: dict[int, tuple[Left, Removal]] = field(default_factory=dict)


def fold(entries: Iterable[Entry]) -> RemovedData:
    """The removals that a service's entries tell; other entries are passed over."""
    found, ledger, taken = RemovedData(), versions.Ledger(), dict[int, Record]()
    for entry in entries:
        match entry.event:
            case SnapshotTaken(snapshot):
                taken[snapshot.number] = Record(snapshot=snapshot, taken_at=entry.at)
            case SnapshotRemoved(number, reason) if number in taken:
                found.snapshots[number] = (taken.pop(number), _end(entry, reason))
            case DataSetRemoved(number, reason) if number in ledger.data.left:
                found.sets[number] = (ledger.data.left[number], _end(entry, reason))
            case _:
                pass
        ledger = versions.apply_event(ledger, entry.event, entry.at, entry.operation)
    return found


def missing(removed: RemovedData, version: int) -> tuple[tuple[str, Removal], ...]:
    """The data that a version had and has no more, by name, the newest end first."""
    ends = [
        (f"snapshot {number}", end)
        for number, (record, end) in removed.snapshots.items()
        if record.snapshot.version == version
    ]
    ends += [
        (f"data set {number}", end)
        for number, (left, end) in removed.sets.items()
        if left.version == version
    ]
    return tuple(sorted(ends, key=lambda one: one[1].at, reverse=True))


def _end(entry: Entry, reason: str) -> Removal:
    return Removal(at=entry.at, operation=entry.operation, reason=reason)
