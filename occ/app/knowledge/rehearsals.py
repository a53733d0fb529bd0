"""Sentences on a rehearsal before it is made: on which data, and how well it is isolated."""

from collections.abc import Iterator

from occ.app.desk import Desk
from occ.app.ledgers import snapshots_of
from occ.domain.rehearsal import Rehearsing
from occ.domain.request import Request
from occ.domain.spec import Spec
from occ.domain.values import seconds_text
from occ.settings import Service


def rehearsal_words(desk: Desk, service: Service, request: Request) -> Iterator[str]:
    """How a version is tried beside the service, in sentences; none where it is not."""
    planned = request.rehearsing
    if planned is None or planned.why:
        return
    copy = _copy_words(desk, service, planned)
    yield f"the new version is tried beside the old one first, on {copy}"
    spec = request.spec or Spec()
    copied = {*planned.volumes}
    if planned.snapshot:
        record = snapshots_of(desk.journal, service.name)[planned.snapshot]
        copied = {one.name for one in record.snapshot.volumes}
    empty = sorted({one.name for one in spec.volumes} - copied)
    if empty:
        yield f"empty volumes stand there for {', '.join(empty)}"
    if planned.networks:
        names = ", ".join(planned.networks)
        yield (
            f"it joins {names}: what it does there is done to the real one, and whatever is "
            "reached from there it reaches"
        )
    yield from reach_words(desk, service)


def _copy_words(desk: Desk, service: Service, planned: Rehearsing) -> str:
    about = f"about {seconds_text(max(100, round(planned.ms, -2)))}"
    bound = seconds_text(planned.most_paused_ms)
    atmost = f", at most {bound}" if planned.most_paused_ms else ""
    match planned.copy:
        case "paused":
            return f"a copy of the data, for which the service is paused ({about}{atmost})"
        case "live":
            return "a copy of the data, read while the service writes: it may be torn"
        case "snapshot":
            taken = snapshots_of(desk.journal, service.name)[planned.snapshot].taken_at
            hours = max(0, desk.clock.now() - taken) / 3_600_000
            return f"snapshot {planned.snapshot}, which is {hours:.0f} h old"
        case "none":
            return "empty volumes"


def reach_words(desk: Desk, service: Service) -> Iterator[str]:
    """A sentence on the places that a closed network lets through; none where it is closed."""
    reached = desk.engine_of(service.name).reached()
    if "bridge" in reached:
        yield (
            "there it reaches what listens on any address of the host but the loopback, through "
            "its network's gateway: docker0 and all others; and wherever the host has a route to, "
            "if the engine sets no packet filter (root's occ rehearses without any of it)"
        )
    elif reached:
        yield (
            "there it reaches what listens on all addresses of the host, through its network's "
            "gateway"
        )


def unrehearsed_words(planned: Rehearsing | None) -> str:
    """A sentence on why none is made; empty where one is, or nobody wants one."""
    return f"it is not rehearsed: {planned.why}" if planned is not None and planned.why else ""
