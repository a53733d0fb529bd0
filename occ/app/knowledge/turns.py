"""The turns of services that update themselves: from config, journal and now, and nobody else."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, tzinfo
from hashlib import sha256
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from occ.app.desk import Desk
from occ.app.ledgers import unfinished_of
from occ.clock import local_time
from occ.domain.eligibility import Point, Situation
from occ.domain.events import OperationPlanned
from occ.domain.reasons import REASONS
from occ.domain.schedules.due import WEEK_MS, Opening, Past, next_opening
from occ.domain.schedules.turns import EVENT, UPDATED, past_of
from occ.settings import Service

_LOCAL: Final = Path("/etc/localtime")


def zone_of(service: Service) -> tzinfo:
    """The time zone of a service's schedule: the config's, else the machine's, else UTC.

    `TZ` has no say: a timer would not have a login's.
    """
    if service.auto.timezone:
        return ZoneInfo(service.auto.timezone)
    try:
        with _LOCAL.open("rb") as file:
            return ZoneInfo.from_file(file, key="local")
    except (OSError, ValueError):  # none is set, or it is no zone
        return UTC


def zone_name(service: Service) -> str:
    """The same in words."""
    return service.auto.timezone or "the machine's time"


def past(desk: Desk, service: Service) -> Past:
    """The turns that a service has had, and its updates of the last week."""
    tried = desk.journal.latest(service=service.name, name=EVENT)
    updates = _updates(desk, service) if service.auto.max_per_week else ()
    return past_of(tried, updates)


def opening(desk: Desk, service: Service) -> Opening:
    """When the service may be updated by itself next."""
    seed, now = f"{desk.journal.id} {service.name}", desk.clock.now()

    def delay(turn: int) -> int:
        return int.from_bytes(sha256(f"{seed} {turn}".encode()).digest()[:2])

    return next_opening(service.auto, zone_of(service), past(desk, service), now, delay)


def with_auto(desk: Desk, service: Service, seen: Situation) -> Situation:
    """A situation with what keeps occ by itself from an update."""
    if not service.auto.enabled:
        return replace(seen, auto_off=Point())
    next_one, failed = opening(desk, service), failed_before(desk, service)
    clock = local_time(next_one.at)
    waits = Point(text=f"it may begin at {clock}", until=next_one.at)
    if failed:
        text = f"{failed}, which is updated first, failed"
        seen = replace(seen, dependency_failed=Point(text=text))
    if next_one.due:
        return seen
    if next_one.scheduled:
        return replace(seen, outside_window=waits)
    return replace(seen, not_scheduled=waits)


def failed_before(desk: Desk, service: Service) -> str:
    """The first service, of those that are updated before this one, that failed; else empty."""
    for name in service.after:
        before = desk.settings.services[name]
        if before.auto.enabled and _failed(desk, before):
            return name
        if found := failed_before(desk, before):
            return found
    return ""


def _failed(desk: Desk, service: Service) -> bool:
    """Whether its last turn failed, or is to be tried again, and nothing went well since."""
    last = past(desk, service)
    if unfinished_of(desk.journal, service.name) is not None:
        return True
    if not last.again and last.ended in {"", UPDATED, *REASONS}:
        return False
    newest = next(desk.journal.latest(service=service.name, limit=1), None)
    done = newest is not None and desk.operation(newest.operation).ending == "done"
    return newest is None or newest.at < last.tried_at or not done


def _updates(desk: Desk, service: Service) -> Iterator[int]:
    """When updates of its own began that brought a version, in the last seven days."""
    since = desk.clock.now() - WEEK_MS
    for entry in desk.journal.latest(service=service.name):
        if entry.at < since:
            return
        planned = entry.event
        ours = isinstance(planned, OperationPlanned) and planned.actor.unattended
        if ours and desk.operation(entry.operation).activated:
            yield entry.at
