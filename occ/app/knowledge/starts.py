"""Earlier starts of a service: the deadline that they taught, and whether the last one was slow."""

from collections.abc import Iterator
from itertools import islice

from occ.app.desk import Desk
from occ.domain.events import OperationPlanned, VersionRecorded
from occ.domain.kinds import works_aside
from occ.domain.operation import Operation
from occ.domain.request import Found
from occ.domain.starts import LAST, Run, learned_ms, runs_of, slow_words, starts_of
from occ.domain.versions import Ledger
from occ.errors import JournalDamagedError, JournalNewerError
from occ.journal.port import Journal
from occ.settings import Service

_MOST = 200
"""So many operations are read at most."""


def learned_deadline(desk: Desk, service: Service, found: Found, ledger: Ledger) -> int:
    """How long the gate of the container found may take at its next start, in ms.

    0 where its usual deadline holds: its version was not proven here on the data of today, or the
    config wants no other.
    """
    wanted = service.proven_timeout
    if not found.container or wanted == "timeout" or not ledger.proven(found.version):
        return 0
    try:
        first = _recorded_in(desk.journal, service.name, found.version)
        starts = starts_of(_runs(desk, service.name, since=first), found.version)
    except (JournalDamagedError, JournalNewerError):
        return 0  # an entry of an earlier day is no reason to refuse a change
    if starts is None:
        return 0
    if isinstance(wanted, int):
        return min(found.deadline_ms, wanted)
    health = ledger.versions[found.version].version.spec.health
    return learned_ms(starts, health.min_healthy_ms, found.deadline_ms)


def slow_start(desk: Desk, operation: Operation) -> str:
    """The note on an operation's start that took unusually long; empty where it did not."""
    ran = next((run for run in runs_of(operation) if run.good_after_ms), None)
    if ran is None:
        return ""
    try:
        before = _measured(_runs(desk, operation.service, before=operation.number))
    except (JournalDamagedError, JournalNewerError):
        return ""
    words = slow_words(ran.good_after_ms, before)
    return f"version {ran.version} {words}: occ logs may tell why" if words else ""


def last_slow(desk: Desk, service: str) -> tuple[int, str]:
    """The operation of the last start and the note on it; an empty note where it was as usual."""
    try:
        last = next(_runs(desk, service), None)
    except (JournalDamagedError, JournalNewerError):
        last = None  # whoever asks tells that by itself
    if last is None:
        return 0, ""
    return last.operation, slow_start(desk, desk.operation(last.operation))


def _measured(runs: Iterator[Run]) -> list[int]:
    return list(islice((run.good_after_ms for run in runs if run.good_after_ms), LAST))


def _runs(desk: Desk, service: str, *, before: int = 0, since: int = 0) -> Iterator[Run]:
    """The runs of a service's versions, newest first, of operations from `since` to `before`."""
    planned = (
        entry.operation
        for entry in desk.journal.latest(service=service, before=before)
        if isinstance(entry.event, OperationPlanned) and not works_aside(entry.event.kind)
    )
    for number in islice(planned, _MOST):
        if number < since:
            return
        yield from runs_of(desk.operation(number))


def _recorded_in(journal: Journal, service: str, version: int) -> int:
    """The operation that recorded a version: it ran in none before."""
    for entry in journal.entries(service=service, names=("version.recorded",)):
        if isinstance(entry.event, VersionRecorded) and entry.event.version.number == version:
            return entry.operation
    return 0
