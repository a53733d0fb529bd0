"""How a failure is told: in an event of the journal, and to the person."""

from collections.abc import Callable, Iterable

from occ.domain.kinds import KINDS
from occ.domain.operation import Operation
from occ.domain.secrets.secrecy import clean, redact
from occ.domain.step_events import StepFailed, StepStuck
from occ.errors import BugError, OccError, UnfinishedError
from occ.operations import event_size

# Together less than the 16 KiB that the journal takes in one event.
MESSAGE_BYTES, HINT_BYTES, TAIL_BYTES = 4_096, 1_024, 8_192

_WAYS_OUT = ("occ resume", "occ abort", "occ abandon")

Report = Callable[[Operation, Exception], str]
"""Keeps the traceback of an error that nobody foresaw; the file's path, empty without a file."""


def foreseen(operation: Operation, error: Exception, report: Report) -> OccError:
    """The error as one of occ's; an error that nobody foresaw is a bug, and is reported."""
    if isinstance(error, OccError):
        return error
    said = f"a bug in occ, or an answer that nobody foresaw: {type(error).__name__}"
    if file := report(operation, error):
        said = f"{said}; its traceback is in {file}"
    return BugError(said, hint=f"occ show {operation.number}")


def failed_step(
    kind: type[StepFailed] | type[StepStuck], index: int, error: OccError, secrets: Iterable[str]
) -> StepFailed | StepStuck:
    """The event of a step that failed or cannot be undone, as much of it as an event holds."""
    said = clean(redact(error.message, secrets))
    return kind(
        index=index,
        code=error.code,
        message=event_size.beginning(said, MESSAGE_BYTES),
        hint=event_size.beginning(error.hint, HINT_BYTES),
        log_tail=event_size.last_lines(error.log_tail, TAIL_BYTES),
    )


def unfinished(operation: Operation, why: OccError | StepFailed | StepStuck) -> UnfinishedError:
    """The error of an operation that stays unfinished, with the reason."""
    number, service = operation.number, operation.service
    if operation.activated:
        told = KINDS[operation.planned.kind].unfinished.format(
            version=operation.version, service=service, number=number
        )
        return UnfinishedError(f"{told}: {why.message}", hint="occ resume")
    first = (why.hint,) if why.hint else ()
    out = any(way in why.hint for way in _WAYS_OUT)
    return UnfinishedError(
        f"operation {number} of {service} stopped while {operation.direction}: {why.message}",
        hint=why.hint if out else "; then: ".join((*first, operation.ways)),
        log_tail=why.log_tail,
    )
