"""An operation as an auditor reads it: who, when, what, why, how long, how it ended."""

from dataclasses import dataclass, replace

from occ.domain.events import Kind
from occ.domain.operation import Operation

NEWER = "written by a newer occ"
_UNHEALTHY = "done, unhealthy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of history. Durations are ms, None while unknown; versions are 0 for none."""

    operation: int
    service: str
    at: int
    operator: str
    via: str
    kind: Kind
    before: int
    after: int
    outcome: str
    duration_ms: int | None
    downtime_ms: int | None
    reason: str


def row(operation: Operation) -> Row:
    """The line of one operation. A duration is never negative, whatever the clock did."""
    planned = operation.planned
    return Row(
        operation=operation.number,
        service=operation.service,
        at=operation.at,
        operator=planned.actor.operator,
        via=planned.actor.via,
        kind=planned.kind,
        before=planned.current,
        after=operation.version if operation.activated else planned.current,
        outcome=outcome(operation),
        duration_ms=max(0, operation.ended_at - operation.at) if operation.ending else None,
        downtime_ms=operation.downtime_ms,
        reason=planned.reason,
    )


def left_down(operation: Operation) -> bool:
    """Whether it ended while a service that was to run did not: abandoned, or not healthy."""
    return operation.ending == "abandoned" or outcome(operation) == _UNHEALTHY


def unread(planned: Operation) -> Row:
    """The line of an operation of which only the plan can be read: a newer occ went on with it."""
    return replace(row(planned), outcome=NEWER)


def outcome(operation: Operation) -> str:
    """How it ended, or how it stands; `done, unhealthy` when it was done and failed its gate."""
    proof = operation.proof
    if operation.ending == "done" and proof is not None and not proof.healthy:
        return _UNHEALTHY
    if operation.ending or operation.reverting:
        return operation.state
    return "unfinished"
