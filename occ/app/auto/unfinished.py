"""An unfinished operation that a run meets: taken up, put back, or left to whoever began it."""

from typing import Final, Literal, TypeAlias

from occ.app.auto.results import ABORTED, DUE, LEFT, RESUMED, AutoLine
from occ.app.change.unfinished import end
from occ.app.desk import Desk
from occ.app.ledgers import unfinished_of
from occ.app.operator import Operator
from occ.app.results import Closed
from occ.clock import local_time
from occ.domain.events import OperationResumed
from occ.domain.operation import Operation
from occ.errors import (
    PENDING,
    BusyError,
    JournalConflictError,
    JournalError,
    OccError,
    RefusedError,
    StoppedByOperatorError,
    UnfinishedError,
)
from occ.settings import Service

Way: TypeAlias = Literal["resume", "abort"]

MOST_TRIES: Final = 3
"""How often a run takes up the same operation."""


def take_over(
    desk: Desk, service: Service, operator: Operator, *, dry_run: bool
) -> AutoLine | None:
    """Bring an unfinished operation to its end, or leave it; None where there is none.

    Its own is carried on. That of a person is too, where it is activated or the service is down:
    nobody is served by waiting. Where the old container serves, the person may come back to it.
    After `take_over` it is put back, and never carried forward, because nobody is there to look.

    Raises:
        JournalError: the journal cannot be used.
        StoppedByOperatorError: the operator asked for an end.
    """
    operation = unfinished_of(desk.journal, service.name)
    if operation is None:
        return None
    named = f"operation {operation.number} ({operation.planned.kind})"
    if desk.driven(operation):
        said = f"{named} is {desk.driven_by(operation)}"
        return _line(operation, LEFT, BusyError.exit_status, said)
    if _tries(desk, operation) >= MOST_TRIES:
        said = f"{named} was taken up {MOST_TRIES} times in vain"
        return _line(operation, LEFT, RefusedError.exit_status, said, operation.ways)
    try:
        return _taken(desk, service, operation, operator, dry_run=dry_run)
    except JournalConflictError as error:  # somebody else drives it now
        return _line(operation, LEFT, BusyError.exit_status, error.message, error.hint)
    except (JournalError, StoppedByOperatorError):
        raise
    except OccError as error:
        return _line(operation, error.code, error.exit_status, error.message, error.hint)


def _taken(
    desk: Desk, service: Service, operation: Operation, operator: Operator, *, dry_run: bool
) -> AutoLine:
    named = f"operation {operation.number} ({operation.planned.kind})"
    way = _way(desk, service, operation)
    if way is None:
        until = local_time(operation.driver_since + service.auto.take_over_ms)
        said = f"{named} is a person's, and the old container serves; it is put back at {until}"
        return _line(operation, LEFT, 0, said, operation.ways)
    if dry_run:
        return _line(operation, DUE, PENDING, f"{named} would be ended: occ {way}")
    return _ended(desk, service, operation, way, operator)


def _way(desk: Desk, service: Service, operation: Operation) -> Way | None:
    """The way out of it that a run may take; None where it is left."""
    if operation.planned.actor.unattended or operation.activated:
        return "resume"
    there = desk.engine_of(service.name).inspect(operation.planned.found.container)
    if there is None or not there.running:
        return "resume"
    waited = desk.clock.now() - operation.driver_since
    return "abort" if waited >= service.auto.take_over_ms else None


def _ended(
    desk: Desk, service: Service, operation: Operation, way: Way, operator: Operator
) -> AutoLine:
    """Take a way out; a change that failed and was put back has ended too."""
    said = ""
    try:
        outcome = end(desk, way, service.name, operator)
        if not isinstance(outcome, Closed):
            said = outcome.unchanged
    except (BusyError, JournalError, StoppedByOperatorError, UnfinishedError):
        raise
    except OccError as error:
        if unfinished_of(desk.journal, service.name) is not None:
            raise
        return _line(operation, error.code, error.exit_status, error.message, error.hint)
    return _line(operation, RESUMED if way == "resume" else ABORTED, 0, said)


def _tries(desk: Desk, operation: Operation) -> int:
    """How often a run has taken it up, with this journal as the witness."""
    entries = desk.journal.entries(operation=operation.number, names=("operation.resumed",))
    resumed = (e.event for e in entries)
    return sum(isinstance(e, OperationResumed) and e.actor.unattended for e in resumed)


def _line(operation: Operation, ended: str, status: int, says: str, hint: str = "") -> AutoLine:
    return AutoLine(
        service=operation.service,
        ended=ended,
        exit_status=status,
        operation=operation.number,
        says=says,
        hint=hint,
    )
