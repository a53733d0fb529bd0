"""The facts for metrics: of each service by journal and engine, of each target by its notices."""

from dataclasses import dataclass

from occ.app import host
from occ.app.desk import Desk
from occ.app.ledgers import any_unfinished, ledger_of, operations_of, snapshots_of
from occ.app.outbox import backlog, reading
from occ.domain.history import outcome
from occ.errors import EngineUnreachableError


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSeen:
    """One service. Times are ms since 1970; None for what is not, or not known."""

    service: str
    up: bool | None
    """Whether its container runs; None where the engine does not answer."""
    up_at: int
    """When that was looked at."""
    version: int
    """The current one; 0 for none."""
    ended_at: int | None
    """When the last operation ended that changed something, or was to."""
    kind: str
    good: bool
    """Whether that one was done."""
    downtime_ms: int | None
    """The last downtime that is known."""
    unfinished_since: int | None
    snapshot_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSeen:
    """One target."""

    target: str
    waiting: int
    delivered_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All of it, at one moment."""

    at: int
    services: tuple[ServiceSeen, ...]
    targets: tuple[TargetSeen, ...]


def observed(desk: Desk) -> Seen:
    """Look at every service of the config and every target; nothing is written.

    Raises:
        JournalError: the journal cannot be read.
    """
    targets = (
        TargetSeen(
            target=name,
            waiting=count,
            delivered_at=reading.last_delivered(desk.journal, name),
        )
        for name, count in backlog.waiting(desk).items()
    )
    return Seen(
        at=desk.clock.now(),
        services=tuple(_service(desk, name) for name in desk.settings.services),
        targets=tuple(targets),
    )


def _service(desk: Desk, service: str) -> ServiceSeen:
    ended_at, kind, good, downtime = None, "", False, None
    for operation in operations_of(desk.journal, service):
        told = operation.ending not in {None, "unchanged"}
        if told and ended_at is None:
            ended_at, kind = operation.ended_at, operation.planned.kind
            good = outcome(operation) == "done"
        if told and operation.downtime_ms is not None:
            downtime = operation.downtime_ms
            break
    unfinished = any_unfinished(desk.journal, service)
    taken = snapshots_of(desk.journal, service)
    return ServiceSeen(
        service=service,
        up=_up(desk, service),
        up_at=desk.clock.now(),
        version=ledger_of(desk.journal, service).current,
        ended_at=ended_at,
        kind=kind,
        good=good,
        downtime_ms=downtime,
        unfinished_since=unfinished.at if unfinished else None,
        snapshot_at=taken[max(taken)].taken_at if taken else None,
    )


def _up(desk: Desk, service: str) -> bool | None:
    ledger = ledger_of(desk.journal, service)
    try:
        there = host.ours(desk.engine_of(service), desk.journal.id, service, ledger).current
    except EngineUnreachableError:
        return None
    return there is not None and there.running
