"""Checks of one service: its containers, images and volumes against the journal."""

from collections.abc import Iterator

from occ.app import observe
from occ.app.desk import Desk
from occ.app.down import why_service_down
from occ.domain.findings import Finding
from occ.domain.operation import Operation
from occ.domain.versions import Ledger
from occ.engine.values import Container, EngineInfo
from occ.errors import OccError
from occ.operations import labels
from occ.operations.gate import look
from occ.operations.ills import Ills, asked_to_run, ills


def service(desk: Desk, name: str, info: EngineInfo) -> Iterator[Finding]:
    """Everything about one service. While an operation is unfinished only that is told."""
    ledger = desk.ledger(name)
    operation = desk.unfinished(name)
    if operation is not None:
        yield _unfinished(operation)
        return
    journal = desk.journal.id
    there = observe.ours(desk.engine, journal, name, ledger)
    try:
        observe.refuse_other_engine(ledger, info, name)
        observe.refuse_foreign(desk.engine, journal, name, ledger)
        observe.refuse_ahead(desk.engine, there, ledger, journal, desk.journal.last_operation())
    except OccError as error:
        yield Finding(code=error.code, says=error.message, fix=error.hint, service=name)
        return
    wrong = ills_of(desk, name, ledger, there)
    down = why_service_down(desk, name, there.current)
    for code, says in _told(wrong, ledger.current, down):
        yield Finding(code=code, says=says, fix="occ repair", service=name)
    if there.current is not None and there.current.running:
        yield from _health(desk, name, ledger, there.current)
    yield from _data(desk, name, ledger)


def ills_of(desk: Desk, name: str, ledger: Ledger, there: observe.Ours) -> Ills:
    """What is wrong with a service's containers and keep tags, as they are found now."""
    return ills(
        desk.engine,
        ledger,
        there.current,
        there.others,
        journal=desk.journal.id,
        service=name,
        asked=asked_to_run(desk.operations(name)),
    )


def _unfinished(operation: Operation) -> Finding:
    return Finding(
        code="unfinished",
        says=f"operation {operation.number} ({operation.planned.kind}) is {operation.state}",
        fix="occ resume, or occ abort",
        service=operation.service,
    )


def _told(wrong: Ills, current: int, down: str) -> Iterator[tuple[str, str]]:
    if wrong.missing:
        yield "container_missing", f"version {current} is current and has no container"
    for difference in wrong.different:
        yield "container_different", difference
    if wrong.stopped:
        yield "container_stopped", down or "it is stopped, and was last asked to run"
    if wrong.name:
        yield "container_name", f"its container is named {wrong.name}"
    if wrong.policy:
        yield "restart_policy", f"its restart policy is not {wrong.policy}, as declared"
    for container in wrong.second:
        yield "second_container", f"container {container.name} ({container.id[:12]}) runs as well"
    for container in wrong.leftovers:
        yield (
            "leftover_container",
            f"container {container.name} ({container.id[:12]}, {container.state}) is left over",
        )
    for untagged in wrong.untagged:
        yield (
            "keep_missing",
            f"the image of version {untagged.version} has no keep tag: a prune would take it",
        )


def _health(desk: Desk, name: str, ledger: Ledger, container: Container) -> Iterator[Finding]:
    record = ledger.versions.get(labels.number(container.labels, labels.VERSION))
    if record is None:
        return
    seen = look(desk.engine, container, record.version.spec.health)
    if seen.problem:
        yield Finding(
            code="unhealthy", says=seen.problem, fix="occ logs, or occ restart", service=name
        )


def _data(desk: Desk, name: str, ledger: Ledger) -> Iterator[Finding]:
    current = ledger.versions.get(ledger.current)
    waiting = set(ledger.adoption.volumes.values()) if ledger.adoption else set()
    for volume in current.version.spec.volumes if current else ():
        if volume.name not in waiting and desk.engine.volume(volume.name) is None:
            yield Finding(
                code="volume_missing",
                says=f"volume {volume.name} ({volume.path}) does not exist; an empty one would be "
                "made at the next replacement",
                fix=f"restore it from a backup before that: docker volume create {volume.name}",
                service=name,
            )
    for number, record in ledger.versions.items():
        if record.standing != "bad" and desk.engine.image(record.version.image) is None:
            yield Finding(
                code="image_gone",
                says=f"the image of version {number} is not on the host",
                fix="occ versions --check tells whether its registry still has it",
                service=name,
            )
