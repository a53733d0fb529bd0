"""Operations as the journal alone tells them: nothing here asks an engine."""

import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice

from occ.app.desk import Desk
from occ.app.ledgers import operation_of
from occ.domain.events import Entry, OperationPlanned
from occ.domain.history import Row, row, unread
from occ.domain.kinds import KINDS
from occ.domain.operation import Operation
from occ.domain.operation_fold import begin
from occ.errors import JournalNewerError

_NEWEST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFilter:
    """The operations that history lists; an empty text stands for all."""

    service: str = ""
    limit: int = 20
    """0 for all."""
    since: int = 0
    """ms since 1970."""
    kind: str = ""
    outcome: str = ""
    actor: str = ""
    """The operator."""
    everything: bool = False
    """Operations that changed nothing, too."""
    holds: bool = True
    """Also those that only say that the service is held, or is not any more."""


def history(desk: Desk, wanted: HistoryFilter) -> tuple[Row, ...]:
    """Operations, newest first; those that changed nothing only when asked for."""
    rows = (_line(desk, entry) for entry in desk.journal.latest(service=wanted.service))
    fitting = (line for line in rows if _fits(line, wanted))
    return tuple(islice(fitting, min(wanted.limit, sys.maxsize) or None))


def begun(desk: Desk, service: str = "") -> tuple[tuple[Entry, OperationPlanned], ...]:
    """The first entries of the newest operations, newest first; no operation is folded."""
    entries = desk.journal.latest(service=service, limit=_NEWEST)
    return tuple((e, e.event) for e in entries if isinstance(e.event, OperationPlanned))


def row_of(desk: Desk, operation: Operation) -> Row:
    """The line of one operation. An outage that it left behind goes on until the next proof."""
    line = row(operation)
    down = line.down_since
    if down is None or operation.ending is None:
        return line
    up: int | None = None
    for entry in desk.journal.latest(service=operation.service):
        if entry.operation <= operation.number:
            break
        with suppress(JournalNewerError):  # then nobody knows whether it served
            good = operation_of(desk.journal, entry.operation).up_at
            up = up if good is None else good  # the earliest comes last
    if up is None:
        return line
    return replace(line, downtime_ms=max(0, up - down), down_since=None)


def _line(desk: Desk, planned: Entry) -> Row:
    try:
        return row_of(desk, operation_of(desk.journal, planned.operation))
    except JournalNewerError:
        event = planned.event
        if not isinstance(event, OperationPlanned):
            raise
        return unread(begin(planned, event))


def _fits(row: Row, wanted: HistoryFilter) -> bool:
    return (
        (row.outcome != "unchanged" or wanted.everything or wanted.outcome == "unchanged")
        and row.at >= wanted.since
        and (wanted.holds or KINDS[row.kind].works != "at once")
        and wanted.kind in {"", row.kind}
        and (not wanted.outcome or row.outcome.startswith(wanted.outcome))
        and wanted.actor in {"", row.operator}
    )
