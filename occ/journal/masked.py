"""A journal to which no value of a known secret is written, whoever appends."""

from collections.abc import Callable, Sequence
from typing import Any

from occ.domain.events import Event
from occ.domain.secrets.masking import masked
from occ.journal.port import Journal, Stamp


class MaskedJournal:
    """Another journal, all of whose appends come through here.

    `hidden` tells the values that belong to a service. Reading is the other journal's own.
    """

    def __init__(self, journal: Journal, hidden: Callable[[str], Sequence[str]]) -> None:
        self._journal = journal
        self._hidden = hidden

    def open_operation(self, events: Sequence[Event], stamp: Stamp) -> int:
        """Append the first events of a new operation, and return its number."""
        return self._journal.open_operation(self._masked(events, stamp), stamp)

    def append(self, operation: int, seq: int, events: Sequence[Event], stamp: Stamp) -> int:
        """Append to an operation in one commit; see the port."""
        return self._journal.append(operation, seq, self._masked(events, stamp), stamp)

    def note(self, events: Sequence[Event], stamp: Stamp) -> None:
        """Append facts that belong to no operation; see the port."""
        self._journal.note(self._masked(events, stamp), stamp)

    def _masked(self, events: Sequence[Event], stamp: Stamp) -> tuple[Event, ...]:
        values = self._hidden(stamp.service)
        return tuple(masked(event, values) for event in events)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - each method's own
        return getattr(self._journal, name)
