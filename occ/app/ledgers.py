"""Answers of the journal about services and operations, each a fold over its entries."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from occ.domain.events import OperationPlanned
from occ.domain.operation import Operation
from occ.domain.operation_fold import fold
from occ.errors import NotFoundError
from occ.journal.port import Journal

if TYPE_CHECKING:
    from occ.domain import removed_data, snapshots
    from occ.domain.versions import Ledger

_LEDGER_EVENTS = (
    "version.recorded",
    "version.activated",
    "version.judged",
    "version.rehearsed",
    "version.staged",
    "version.unstaged",
    "image.removed",
    "users.recorded",
    "container.adopted",
    "service.forgotten",
    "host.recorded",
    "numbers.advanced",
    "data.recorded",
    "data.bound",
    "data.removed",
    "service.held",
    "service.released",
)


def ledger_of(journal: Journal, service: str) -> "Ledger":
    """The versions of a service."""
    from occ.domain import versions  # noqa: PLC0415 - history needs none

    return versions.fold(journal.entries(service=service, names=_LEDGER_EVENTS))


def snapshots_of(journal: Journal, service: str) -> "dict[int, snapshots.Record]":
    """The snapshots of a service that are kept, by number."""
    from occ.domain import snapshots  # noqa: PLC0415 - history needs none

    return snapshots.fold(journal.entries(service=service, names=snapshots.EVENTS))


def removed_data_of(journal: Journal, service: str) -> "removed_data.RemovedData":
    """The snapshots and data sets of a service that are gone."""
    from occ.domain import removed_data, snapshots  # noqa: PLC0415 - as above

    names = (*_LEDGER_EVENTS, *snapshots.EVENTS)
    return removed_data.fold(journal.entries(service=service, names=names))


def operation_of(journal: Journal, number: int) -> Operation:
    """One operation.

    Raises:
        NotFoundError: the journal has no operation of this number.
    """
    operation = fold(journal.entries(operation=number)) if number else None
    if operation is None:
        raise NotFoundError(f"there is no operation {number}", hint="occ history")
    return operation


def operations_of(journal: Journal, service: str) -> Iterator[Operation]:
    """The operations of a service, newest first."""
    for entry in journal.latest(service=service):
        yield operation_of(journal, entry.operation)


def unfinished_of(journal: Journal, service: str, *, aside: bool = False) -> Operation | None:
    """The operation of this service that has not ended, None without one.

    At most one on the service itself is unfinished, and at most one that works aside. An operation
    that is written at once never is.
    """
    from occ.domain.kinds import KINDS  # noqa: PLC0415 - history asks for no kind's facts

    for entry in journal.latest(service=service):
        works = KINDS[entry.event.kind].works if isinstance(entry.event, OperationPlanned) else ""
        if works not in {"", "at once"} and (works == "aside") == aside:
            operation = operation_of(journal, entry.operation)
            return operation if operation.ending is None else None
    return None


def any_unfinished(journal: Journal, service: str) -> Operation | None:
    """The unfinished operation on the service itself, else the one that works aside."""
    return unfinished_of(journal, service) or unfinished_of(journal, service, aside=True)


def all_unfinished(journal: Journal, service: str) -> tuple[Operation, ...]:
    """The unfinished operations: that on the service itself, and that which works aside."""
    found = (unfinished_of(journal, service), unfinished_of(journal, service, aside=True))
    return tuple(operation for operation in found if operation)


def running_prints(journal: Journal, service: str, before: int = 0) -> Mapping[str, str]:
    """The fingerprints of the secrets that the container of today was made with.

    With `before` those of the container before the operation of that number.

    A rollback makes a recorded version again with the values of its day. Therefore the
    fingerprints are those of the operation that activated it, not those recorded with the version.
    """
    entries = journal.entries(service=service, names=("version.activated",))
    numbers = [entry.operation for entry in entries]
    earlier = [number for number in numbers if number < before or not before]
    if not earlier:
        return {}
    return operation_of(journal, earlier[-1]).planned.request.fingerprints
