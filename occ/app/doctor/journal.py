"""The check of the journal's chain; its place is the affair of the journal itself."""

from collections.abc import Sequence

from occ.app import host
from occ.app.desk import Desk
from occ.errors import EngineUnreachableError, JournalDamagedError
from occ.operations import labels


def verify(desk: Desk, services: Sequence[str]) -> None:
    """Walk the chain, and compare it with the heads that our containers carry.

    Where a container of ours is ahead of it, heads of its future are no damage: `host_ahead` is
    then what is found of each of these services.

    Raises:
        JournalError: it cannot be read, or does not verify.
    """
    try:
        desk.journal.verify(host.noted_heads(desk.engine, desk.journal) or ())
    except JournalDamagedError:
        if not services or not _ahead(desk):
            raise
        desk.journal.verify()


def _ahead(desk: Desk) -> bool:
    last = desk.journal.last_operation()
    try:
        there = desk.engine.containers({labels.JOURNAL: desk.journal.id})
    except EngineUnreachableError:
        return False
    return any(labels.number(c.labels, labels.OPERATION) > last for c in there)
