"""The snapshots of a service: where their files lie, and which there are."""

from pathlib import Path

from occ.app.desk import Desk
from occ.app.ledgers import operations_of, removed_data_of, snapshots_of
from occ.archives.store import Store
from occ.clock import local_time
from occ.domain.operation import Operation
from occ.domain.removed_data import Removal
from occ.domain.snapshots import Record
from occ.domain.values import a_few
from occ.errors import NotFoundError
from occ.journal.port import Journal


def top_folder(desk: Desk) -> Path:
    """The folder of all snapshots: the config's, else one beside the journal."""
    if desk.settings.snapshot_dir is not None:
        return desk.settings.snapshot_dir
    files = desk.journal.files()
    return (files[0].parent if files else desk.settings.data) / "snapshots"


def store_of(desk: Desk, service: str) -> Store:
    """The files of a service's snapshots. Another journal's are never among them."""
    return Store(top_folder(desk) / desk.journal.id[:8] / service)


def no_snapshot(operation: Operation) -> str:
    """Why an operation that replaced the container took no snapshot; empty where nobody asks."""
    taking = operation.taking
    if taking is None or not operation.activated or operation.stage < operation.planned.stages:
        return ""
    return f"{taking.left}{way_to_take(operation.service) if taking.undecided else ''}"


def without_snapshot(journal: Journal, service: str) -> str:
    """The note on the last replacement of a service's container, where it took no snapshot."""
    for operation in operations_of(journal, service):
        planned = operation.planned
        if operation.activated and planned.stages > 1 and not planned.request.staging:
            why = no_snapshot(operation)
            return f"no snapshot was taken in operation {operation.number}: {why}" if why else ""
    return ""


def way_to_take(service: str) -> str:
    """The command after which data is taken whatever its size, behind a colon."""
    return f": occ config set services.{service}.snapshot replace"


def removal_words(end: Removal) -> str:
    """How and when data was removed: `was pruned on 2026-11-23 12:00 (beyond keep_last 5)`."""
    verb, why = ("pruned", f" ({end.reason})") if end.reason else ("removed", "")
    return f"was {verb} on {local_time(end.at, '%Y-%m-%d %H:%M')}{why}"


def snapshot_of(desk: Desk, service: str, number: int) -> Record:
    """A snapshot by its number.

    Raises:
        NotFoundError: there is none of this number, or it was removed.
    """
    known = snapshots_of(desk.journal, service)
    if number not in known:
        gone = removed_data_of(desk.journal, service).snapshots.get(number)
        if gone is not None:
            raise NotFoundError(
                f"snapshot {number} of {service} {removal_words(gone[1])}",
                hint="occ snapshot list --all",
            )
        there = a_few(known) or "none"
        raise NotFoundError(
            f"{service} has no snapshot {number}; there are: {there}", hint="occ snapshot list"
        )
    return known[number]
