"""The data sets of a service as people see them."""

from dataclasses import dataclass

from occ.app.desk import Desk
from occ.app.ledgers import ledger_of


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSetRow:
    """One data set whose data is there."""

    number: int
    current: bool
    version: int
    """The version that last ran on it; 0 where nobody knows."""
    left_at: int
    """When it was left, ms since 1970; 0 for the current one."""
    snapshot: int
    """The snapshot that it was restored from; 0 for none."""
    volumes: tuple[str, ...]
    """The volumes of the engine that the current version mounts; of one that was left, those that
    are its own."""


def data_sets(desk: Desk, service: str) -> tuple[DataSetRow, ...]:
    """The current data set and those that are kept, newest first."""
    ledger = ledger_of(desk.journal, service)
    sets, current = ledger.data, ledger.versions.get(ledger.current)
    if current is None:
        return ()
    mounted = tuple(sets.current.real(volume.name) for volume in current.version.spec.volumes)
    rows = [
        DataSetRow(
            number=sets.number,
            current=True,
            version=ledger.current,
            left_at=0,
            snapshot=sets.current.snapshot,
            volumes=tuple(dict.fromkeys(mounted)),
        )
    ]
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
    return tuple(sorted(rows, key=lambda row: (row.current, row.left_at), reverse=True))
