"""The facts for metrics: of each service by journal and engine, of each target by its notices."""

from dataclasses import dataclass

from occ.app import host
from occ.app.desk import Desk
from occ.app.knowledge.clockwork import clockwork
from occ.app.ledgers import any_unfinished, ledger_of, operations_of, snapshots_of
from occ.app.outbox import backlog, reading
from occ.domain.history import outcome
from occ.domain.sightings import ImageSeen
from occ.domain.versions import Ledger
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
    held: bool
    """Whether an operator holds it at this moment."""
    update_since: int | None
    """Since when a newer image is known, where the journal has that: `auto.min_age` has it kept."""


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
    auto_ran_at: int | None
    """When the timer ran last, 0 for never; None where no service updates itself."""
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
    timer = clockwork(desk)
    return Seen(
        at=desk.clock.now(),
        auto_ran_at=timer.ran_at if timer else None,
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
    taken, ledger = snapshots_of(desk.journal, service), ledger_of(desk.journal, service)
    return ServiceSeen(
        service=service,
        up=_up(desk, service),
        up_at=desk.clock.now(),
        version=ledger.current,
        ended_at=ended_at,
        kind=kind,
        good=good,
        downtime_ms=downtime,
        unfinished_since=unfinished.at if unfinished else None,
        snapshot_at=taken[max(taken)].taken_at if taken else None,
        held=ledger.hold is not None and ledger.hold.counts(desk.clock.now()),
        update_since=_update_since(desk, service, ledger),
    )


def _update_since(desk: Desk, service: str, ledger: Ledger) -> int | None:
    """When the newest image was first seen, unless it is the current version's."""
    record = ledger.versions.get(ledger.current)
    if record is None:
        return None
    last = next(desk.journal.latest(service=service, name="image.seen", limit=1), None)
    if last is None or not isinstance(last.event, ImageSeen):
        return None
    image, version = last.event.image, record.version
    known = (version.image, *(digest.rpartition("@")[2] for digest in version.digests))
    taken = image in known or last.at < record.created_at
    return None if taken else last.at


def _up(desk: Desk, service: str) -> bool | None:
    ledger = ledger_of(desk.journal, service)
    try:
        there = host.ours(desk.engine_of(service), desk.journal.id, service, ledger).current
    except EngineUnreachableError:
        return None
    return there is not None and there.running
