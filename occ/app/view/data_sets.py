"""The data sets of a service as people see them."""

from collections.abc import Iterator
from dataclasses import dataclass

from occ.app.desk import Desk
from occ.app.ledgers import ledger_of
from occ.domain.data_sets import DataSets


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSetRow:
    """One data set whose data is there."""

    number: int
    current: bool
    version: int
    """The version that last ran on it; 0 where nobody knows."""
    left_at: int
    """When it was left, ms since 1970; 0 for the current one and for one that was never used."""
    snapshot: int
    """The snapshot that it was restored from; 0 for none."""
    volumes: tuple[str, ...]
    """The volumes of the engine that the current version mounts; of one that was left, those that
    are its own."""
    unused: bool = False
    """An operation that was abandoned made it, and no container of the service ever had it."""


def data_sets(desk: Desk, service: str) -> tuple[DataSetRow, ...]:
    """The current data set and those that are kept, newest first; then those never used.

    After the service was forgotten no set is the current one.
    """
    ledger = ledger_of(desk.journal, service)
    sets, current = ledger.data, ledger.versions.get(ledger.current)
    rows = list[DataSetRow]()
    if current is not None:
        mounted = tuple(sets.current.real(volume.name) for volume in current.version.spec.volumes)
        now = DataSetRow(
            number=sets.number,
            current=True,
            version=ledger.current,
            left_at=0,
            snapshot=sets.current.snapshot,
            volumes=tuple(dict.fromkeys(mounted)),
        )
        rows.append(now)
    rows += [
        DataSetRow(
            number=number,
            current=False,
            version=left.version,
            left_at=left.at,
            snapshot=sets.get(number).snapshot,
            volumes=sets.apart(number, sets.number),
        )
        for number, left in sets.left.items()
    ]
    rows += [
        DataSetRow(
            number=number,
            current=False,
            version=0,
            left_at=0,
            snapshot=sets.get(number).snapshot,
            volumes=volumes,
            unused=True,
        )
        for number, volumes in _unused(desk, service, sets)
    ]
    return tuple(sorted(rows, key=lambda row: (row.current, row.left_at), reverse=True))


def _unused(desk: Desk, service: str, sets: DataSets) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The sets that no container ever had, with those of their volumes that are there."""
    if not sets.unused:
        return
    engine = desk.engine_of(service)
    for number in sets.unused:
        own = sets.apart(number, sets.number, *sets.left)
        there = tuple(volume for volume in own if engine.volume(volume) is not None)
        if there:
            yield number, there
