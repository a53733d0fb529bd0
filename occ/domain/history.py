"""An operation as an auditor reads it: who, when, what, why, how long, how it ended."""

from dataclasses import dataclass, replace

from occ.domain.events import Kind
from occ.domain.kinds import works_aside
from occ.domain.operation import Operation
from occ.domain.step_names import PROVE_HEALTH

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
    """The version that it left the service with."""
    wanted: int
    """The version that it led to, also where it was put back; `after` where that is not known."""
    outcome: str
    duration_ms: int | None
    downtime_ms: int | None
    down_since: int | None
    """When an outage began that goes on, as far as the journal knows; ms by the engine's clock."""
    reason: str
    planner: str = ""
    """Who says to have made the plan that was carried out by its token; empty without one."""


def row(operation: Operation) -> Row:
    """The line of one operation. A duration is never negative, whatever the clock did."""
    planned = operation.planned
    after = operation.reached
    return Row(
        operation=operation.number,
        service=operation.service,
        at=operation.at,
        operator=planned.actor.operator,
        via=planned.actor.via,
        kind=planned.kind,
        before=planned.current,
        after=after,
        wanted=_wanted(operation) or after,
        outcome=outcome(operation),
        duration_ms=max(0, operation.ended_at - operation.at) if operation.ending else None,
        downtime_ms=operation.downtime_ms,
        down_since=_down_since(operation),
        reason=planned.reason,
        planner=planned.planner,
    )


def _wanted(operation: Operation) -> int:
    """The version that an operation leads to and did not reach; 0 where there is none."""
    reached = operation.activated or operation.ending in {"done", "unchanged"}
    if reached or works_aside(operation.planned.kind):
        return 0
    return operation.version or operation.planned.request.version


def _down_since(operation: Operation) -> int | None:
    """When the service went down that nothing of this operation has brought up again.

    A stop that was asked for is no outage.
    """
    if operation.up_at is not None:
        return None
    under_way = operation.ending is None and operation.has(PROVE_HEALTH)
    return operation.down_at if under_way or left_down(operation) else None


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
