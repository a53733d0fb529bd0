"""The events of the journal as they come, one line each; notices are none of them."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from occ.app.desk import Desk
from occ.domain.events import Entry
from occ.domain.notices import EVENTS as NOTICES

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
    from occ.journal.codec import NAMES  # noqa: PLC0415 - help needs no events

    last = wanted.after
    while True:
        for entry in desk.journal.entries(after=last):
            last = entry.position
            name = NAMES[type(entry.event)]
            if name not in NOTICES and _fits(entry, wanted):
                yield _row(entry, name)
        if not wanted.follow:
            return
        desk.clock.sleep(_TICK_MS)


def _fits(entry: Entry, wanted: EventFilter) -> bool:
    return wanted.service in {"", entry.service} and entry.at >= wanted.since


def _row(entry: Entry, name: str) -> EventRow:
    return EventRow(
        position=entry.position,
        operation=entry.operation,
        seq=entry.seq,
        at=entry.at,
        service=entry.service,
        operator=entry.operator,
        event=name,
        body=asdict(entry.event),
    )
