"""The service as it runs, against what the journal says."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from occ.app import host
from occ.app.desk import Desk
from occ.app.knowledge import data_sets, volumes
from occ.app.knowledge.advice import advice, ways_out
from occ.app.knowledge.clockwork import clockwork
from occ.app.knowledge.snapshots import without_snapshot
from occ.app.knowledge.turns import opening
from occ.app.knowledge.why_down import restarted_since, why_service_down
from occ.app.ledgers import any_unfinished, ledger_of, snapshots_of, unfinished_of
from occ.app.secret_values import login_at_hand
from occ.app.service_status import AutoStatus, HealthWord, Status, Unfinished
from occ.app.view.comparison import keys_not_in_force
from occ.app.view.news import known_reasons, last_operation, newer_here
from occ.domain.operation import Operation
from occ.domain.spec import Health, Spec
from occ.domain.versions import Ledger
from occ.engine.values import Container
from occ.errors import RefusedError
from occ.operations import labels
from occ.operations.answers import HealthLook, lacks_version, way_to_ask
from occ.operations.gate import look_at_health
from occ.operations.problems import different
from occ.settings import Service

_NOT_RUNNING: Final = "not running"


def status(desk: Desk, service: str) -> Status:
    """The service as the engine has it, with every difference from the journal.

    Raises:
        EngineUnreachableError: the engine does not answer.
    """
    wanted, engine = desk.settings.service(service), desk.engine_of(service)
    ledger = ledger_of(desk.journal, service)
    operation = unfinished_of(desk.journal, service)
    info, taken = engine.info(), snapshots_of(desk.journal, service)
    drilled = max((number for number, one in taken.items() if one.drill is not None), default=0)
    drill = taken[drilled].drill if drilled else None
    base = Status(
        service=service,
        state="absent",
        health="unknown",
        recorded=ledger.current,
        wanted=wanted.reference,
        snapshot=max(taken, default=0),
        snapshot_at=taken[max(taken)].taken_at if taken else 0,
        drilled=drilled,
        drilled_at=drill.at if drill else 0,
        drill_passed=drill is not None and drill.passed,
        unfinished=_unfinished(desk, any_unfinished(desk.journal, service)),
        staged=ledger.staged,
        last=last_operation(desk, service),
        auto=_auto(desk, wanted),
        reasons=known_reasons(desk, wanted, ledger),
        engine=f"{info.address} ({info.version})",
        config=str(desk.settings.path) if desk.settings.exists else "",
        journal=desk.journal.address,
    )
    drift = [*_refusals(desk, service, ledger)]
    there = host.ours(engine, desk.journal.id, service, ledger)
    if there.current is None:
        missing = [f"version {ledger.current} has no container"] if ledger.current else []
        left = [f"container {c.name} is {c.state}, and cannot be started" for c in there.others]
        if operation is None:
            missing = [_advised(one, "container_missing", service) for one in missing]
            left = [_advised(one, "leftover_container", service) for one in left]
        return replace(base, drift=(*drift, *missing, *left))
    found = _running(desk, base, there.current, ledger, info.now or desk.clock.now())
    if operation is not None:
        notes = (*found.notes, *restarted_since(desk, operation))
        return replace(found, notes=notes, drift=tuple(drift))
    drift += [
        _advised(f"container {c.name} is left over", "leftover_container", service)
        for c in there.others
    ]
    drift += [*_drift(there.current, ledger, service), *_changed_inside(found, ledger)]
    lost = () if there.current.running else engine.networks_lost(there.current.id)
    drift += [
        _advised(
            f"network {name}, which its container was put in, is gone", "network_gone", service
        )
        for name in lost
    ]
    down = why_service_down(desk, service, there.current)
    drift += [_advised(down, "container_stopped", service)] if down else []
    without = without_snapshot(desk.journal, service)
    notes = (
        *filter(None, (_unwell(found),)),
        *found.notes,
        *volumes.told(desk, service, ledger),
        *data_sets.told(service, ledger),
        *filter(None, (without,)),
    )
    found = _with_news(desk, wanted, ledger, found)
    return replace(found, notes=notes, drift=tuple(drift))


def _auto(desk: Desk, service: Service) -> AutoStatus | None:
    timer = clockwork(desk)
    if timer is None or not service.auto.enabled:
        return None
    return AutoStatus(
        next_at=opening(desk, service).at,
        ran_at=timer.ran_at,
        should_at=timer.should_at,
        late=timer.late,
    )


def _with_news(desk: Desk, wanted: Service, ledger: Ledger, found: Status) -> Status:
    """With the config's keys that are not in force, and an update that this host knows of."""
    record = ledger.versions.get(found.version)
    if record is None:
        return found
    newer = newer_here(desk, wanted, ledger, found.image)
    why = known_reasons(desk, wanted, ledger, newer)
    keys = keys_not_in_force(wanted, record.version, ledger)
    return replace(found, not_in_force=keys, update=newer.image, caution=newer.caution, reasons=why)


def _unfinished(desk: Desk, operation: Operation | None) -> Unfinished | None:
    if operation is None:
        return None
    driver, driven = operation.driver, desk.driven(operation)
    return Unfinished(
        operation=operation.number,
        kind=operation.planned.kind,
        state=operation.state,
        since=operation.at,
        driver=f"{driver.operator}, process {driver.pid} on {driver.machine}",
        driver_since=operation.driver_since,
        driven=driven,
        direction=operation.direction,
        ways="" if driven else ways_out(operation),
    )


def _advised(says: str, state: str, service: str) -> str:
    return f"{says}: {advice(state, service)}"


def _refusals(desk: Desk, service: str, ledger: Ledger) -> Iterator[str]:
    engine = desk.engine_of(service)
    try:
        host.refuse_other_engine(ledger, engine.info(), service)
        called = host.container_name(ledger, desk.settings.services.get(service), service)
        host.refuse_foreign(engine, desk.journal.id, service, ledger, called)
    except RefusedError as error:
        yield f"{error.message}: {error.hint}" if error.hint else error.message


def _running(desk: Desk, base: Status, container: Container, ledger: Ledger, now: int) -> Status:
    engine = desk.engine_of(base.service)
    number = labels.number(container.labels, labels.VERSION)
    record = ledger.versions.get(number)
    spec = record.version.spec if record else Spec()
    seen = (
        look_at_health(engine, container, spec.health, login_at_hand(desk, base.service, spec))
        if container.running
        else HealthLook(_NOT_RUNNING)
    )
    image = engine.image(container.image)
    up = now - container.started_at
    return replace(
        base,
        state=container.state,
        health=_health(container, spec.health, seen),
        why=seen.problem or seen.unasked or (way_to_ask(base.service) if seen.steady else ""),
        uptime_ms=max(0, up) if container.running and container.started_at else None,
        container=container.id,
        version=number,
        standing=record.standing if record else None,
        reported=seen.reported,
        reference=record.version.reference if record else "",
        image=container.image,
        digests=image.digests if image else (),
        ports=tuple(str(port) for port in container.ports),
        exposed=any(port.exposed for port in container.ports),
        volumes=tuple(f"{source}:{path}" for path, source in sorted(container.mounts.items())),
        policy=container.policy,
        notes=(
            *_notes(container, ledger),
            *filter(None, (lacks_version(seen, spec.health),)),
        ),
    )


def _unwell(found: Status) -> str:
    """The advice for a service that runs and is not well; empty for any other."""
    if found.health != "unhealthy":
        return ""
    logs = f"occ logs --service {found.service} may tell why"
    return f"{advice('unhealthy', found.service)} starts it anew; {logs}"


def _health(container: Container, health: Health, seen: HealthLook) -> HealthWord:
    if not container.running:
        return "unknown"
    if seen.problem:
        return "unhealthy"
    asked = health.path and not seen.unasked
    return "healthy" if asked or container.health else "unknown"


def _notes(container: Container, ledger: Ledger) -> Iterator[str]:
    if ledger.adopted(container.id):
        yield f"adopted as {container.name}: the first update replaces it by a container of occ's"
    project = container.labels.get("com.docker.compose.project")
    if project:
        service = container.labels.get("com.docker.compose.service", "?")
        yield (
            f"it carries the labels of Compose (project {project}, service {service}): "
            "`docker compose` still takes it for its own"
        )


def _changed_inside(found: Status, ledger: Ledger) -> Iterator[str]:
    """The line on a program that was replaced within its container."""
    record = ledger.versions.get(found.version)
    recorded = record.reported if record else ""
    if found.reported and recorded and found.reported != recorded:
        yield (
            f"it reports version {found.reported}; version {found.version} reported {recorded} "
            "when it was proven"
        )


def _drift(container: Container, ledger: Ledger, service: str) -> Iterator[str]:
    record = ledger.versions.get(labels.number(container.labels, labels.VERSION))
    if container.name != ledger.container_name(service) and not ledger.adopted(container.id):
        yield _advised(f"its container is named {container.name}", "container_name", service)
    for one in different(container, ledger):
        yield _advised(one, "container_different", service)
    if record is not None and container.policy != record.version.spec.restart:
        other = f"its restart policy is {container.policy}, not {record.version.spec.restart}"
        yield _advised(other, "restart_policy", service)
