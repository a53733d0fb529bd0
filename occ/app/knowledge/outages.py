"""The outage that a replacement is predicted to have, from the journal."""

from collections.abc import Iterator
from itertools import islice

from occ.app.ledgers import operation_of
from occ.domain.events import OperationPlanned
from occ.domain.outages import LAST, Outage, outage_of, predicted
from occ.journal.port import Journal


def outage(journal: Journal, service: str) -> Outage | None:
    """The outage of a service's next replacement; None where the journal knows too few."""
    return predicted(list(islice(_outages(journal, service), LAST)))


def _outages(journal: Journal, service: str) -> Iterator[int]:
    """The outages of its earlier replacements in ms, newest first; others are not even read."""
    for entry in journal.latest(service=service):
        if isinstance(entry.event, OperationPlanned) and entry.event.stages > 1:
            ms = outage_of(operation_of(journal, entry.operation))
            if ms is not None:
                yield ms
