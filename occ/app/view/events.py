"""The events of the journal as they come, one line each; notices are none of them."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from occ.app.desk import Desk
from occ.domain.events import Entry
from occ.domain.notices import EVENTS as NOTICES
from occ.journal.codec import NAMES

_TICK_MS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """The events that are shown; an empty text stands for all."""

    service: str = ""
    since: int = 0
    """ms since 1970."""
    after: int = 0
    """A position: only later entries."""
    follow: bool = False
    """Go on with those to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One entry."""

    position: int
    operation: int
    seq: int
    at: int
    service: str
    operator: str
    event: str
    """Its lasting name."""
    body: dict[str, Any]
    """Its fields, as the page of events has them."""


def events(desk: Desk, wanted: EventFilter) -> Iterator[EventRow]:
    """The entries that fit, oldest first; with `follow` it waits for more and never ends.

    Raises:
        JournalNewerError: a newer occ wrote one of them.
    """
    last = wanted.after
    while True:
        for entry in desk.journal.entries(after=last):
            last = entry.position
            if _fits(entry, wanted):
                yield _row(entry)
        if not wanted.follow:
            return
        desk.clock.sleep(_TICK_MS)


def _fits(entry: Entry, wanted: EventFilter) -> bool:
    return (
        NAMES[type(entry.event)] not in NOTICES
        and wanted.service in {"", entry.service}
        and entry.at >= wanted.since
    )


def _row(entry: Entry) -> EventRow:
    return EventRow(
        position=entry.position,
        operation=entry.operation,
        seq=entry.seq,
        at=entry.at,
        service=entry.service,
        operator=entry.operator,
        event=NAMES[type(entry.event)],
        body=asdict(entry.event),
    )
