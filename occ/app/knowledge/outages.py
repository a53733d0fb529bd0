"""The outage that a replacement is predicted to have, from the journal."""

from collections.abc import Iterator
from itertools import islice

from occ.app.desk import Desk
from occ.domain.events import OperationPlanned
from occ.domain.outages import LAST, Outage, outage_of, predicted
from occ.errors import JournalDamagedError, JournalNewerError


def outage(desk: Desk, service: str) -> Outage | None:
    """The outage of a service's next replacement; None where the journal knows too few.

    An entry of an earlier day that cannot be read is no reason to refuse a change.
    """
    try:
        return predicted(list(islice(_outages(desk, service), LAST)))
    except (JournalDamagedError, JournalNewerError):
        return None


def _outages(desk: Desk, service: str) -> Iterator[int]:
    """The outages of its earlier replacements in ms, newest first; others are not even read."""
    for entry in desk.journal.latest(service=service):
        if isinstance(entry.event, OperationPlanned) and entry.event.stages > 1:
            ms = outage_of(desk.operation(entry.operation))
            if ms is not None:
                yield ms
