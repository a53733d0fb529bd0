"""Checks of one service: its containers, images and volumes against the journal."""

import shlex
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from occ.app import host
from occ.app.desk import Desk
from occ.app.knowledge import data_sets, neighbours, volumes
from occ.app.knowledge.advice import advice, ways_out
from occ.app.knowledge.availability import why_not
from occ.app.knowledge.rehearsals import reach_words
from occ.app.knowledge.starts import last_slow
from occ.app.knowledge.why_down import why_service_down
from occ.app.ledgers import any_unfinished, ledger_of, operations_of
from occ.app.secret_values import login_at_hand, secrets_found
from occ.domain.findings import Finding
from occ.domain.kinds import works_aside
from occ.domain.operation import Operation
from occ.domain.versions import Ledger, Record, previous
from occ.engine.port import Engine
from occ.engine.values import Container
from occ.errors import ConfigError, OccError, RegistryError
from occ.operations import labels
from occ.operations.enclosure import enclosed, left_beside
from occ.operations.gate import look_at_health
from occ.operations.kept_images import published
from occ.operations.problems import Problems, asked_to_run, problems_of


def service_findings(desk: Desk, name: str) -> Iterator[Finding]:
    """Everything about one service; while an operation on it is unfinished, that alone.

    An unfinished operation that works aside leaves the service as it is: the checks go on.
    """
    ledger, operation = ledger_of(desk.journal, name), any_unfinished(desk.journal, name)
    if operation is not None:
        yield _unfinished(desk, operation)
        if not works_aside(operation.planned.kind):
            return
    engine, journal = desk.engine_of(name), desk.journal.id
    there = host.ours(engine, journal, name, ledger)
    try:
        host.refuse_other_engine(ledger, engine.info(), name)
        called = host.container_name(ledger, desk.settings.services.get(name), name)
        host.refuse_foreign(engine, journal, name, ledger, called)
        host.refuse_ahead(engine, there, ledger, journal, desk.journal.last_operation(), name)
    except OccError as error:
        yield finding_of(error, name)
        return
    wrong = service_problems(desk, name, ledger, there)
    down = why_service_down(desk, name, there.current)
    for code, says in _told(wrong, ledger.current, down):
        yield Finding(code=code, says=says, fix=advice(code, name), service=name)
    if there.current is not None and there.current.running:
        yield from _health(desk, name, ledger, there.current)
        yield from _start(desk, name)
    yield from _volumes(desk, name, ledger)
    yield from _mounts(desk, name, ledger)
    yield from volumes.findings(desk, name, ledger)
    yield from data_sets.findings(name, ledger)
    yield from _reaches(desk, name)
    yield from neighbours.findings(desk, name)
    yield from _secrets(desk, name)
    yield from _images(desk, name, ledger, {r.version.number for r in wrong.absent})


def service_problems(desk: Desk, name: str, ledger: Ledger, there: host.Ours) -> Problems:
    """Everything wrong with a service's containers and keep tags, as they are found now."""
    engine = desk.engine_of(name)
    found = problems_of(
        engine,
        ledger,
        there.current,
        there.others,
        journal=desk.journal.id,
        service=name,
        asked=asked_to_run(operations_of(desk.journal, name)),
    )
    busy = any_unfinished(desk.journal, name)  # then it is what is at work
    known = enclosed(desk.journal.id, name)
    beside = () if busy is not None else left_beside(engine, known)
    return replace(found, absent=tuple(_absent(engine, ledger)), beside=beside)


def _reaches(desk: Desk, name: str) -> Iterator[Finding]:
    """The places that a rehearsal of a service could reach on this engine."""
    service = desk.settings.services.get(name)
    if service is None or not (service.rehearse or service.rehearse_required):
        return
    for says in reach_words(desk, service):
        yield Finding(
            code="rehearsal_reaches",
            says=f"a version that is rehearsed: {says}",
            fix="sudo occ, which isolates it wholly",
            service=name,
        )


def _absent(engine: Engine, ledger: Ledger) -> Iterator[Record]:
    """The current version and the one before it, where their image is at the registry alone.

    The images of older versions may have been removed to make room.
    """
    for number in sorted({ledger.current, previous(ledger, partial(why_not, engine)).number}):
        record = ledger.versions.get(number)
        if record is None or engine.image(record.version.image) is not None:
            continue
        with suppress(RegistryError):  # then nobody knows
            if published(engine, record.version.digests):
                yield record


def finding_of(error: OccError, service: str = "") -> Finding:
    """A failure as a finding, of a service or of none."""
    return Finding(code=error.code, says=error.message, fix=error.hint, service=service)


def _unfinished(desk: Desk, operation: Operation) -> Finding:
    service = operation.service
    named = f"operation {operation.number} ({operation.planned.kind})"
    if desk.driven(operation):
        says = f"{named} is {operation.direction}, {desk.driven_by(operation)}"
        fix = f"occ status --service {service}"
        return Finding(code="driven", says=says, fix=fix, service=service)
    says = f"{named} stopped while {operation.direction}; nobody drives it"
    return Finding(code="unfinished", says=says, fix=ways_out(operation), service=service)


def _told(wrong: Problems, current: int, down: str) -> Iterator[tuple[str, str]]:
    if wrong.missing:
        yield "container_missing", f"version {current} is current and has no container"
    for difference in wrong.different:
        yield "container_different", difference
    for network in wrong.stranded:
        yield "network_gone", f"the network {network} that its container was put in is gone"
    if wrong.stopped and not wrong.missing:
        yield "container_stopped", down or "it is stopped, and was last asked to run"
    if wrong.name:
        yield "container_name", f"its container is named {wrong.name}"
    if wrong.policy:
        yield "restart_policy", f"its restart policy is not {wrong.policy}, as declared"
    yield from _beside(wrong)


def _beside(wrong: Problems) -> Iterator[tuple[str, str]]:
    """The problems beside the container that counts."""
    if wrong.beside:
        yield "rehearsal_left", f"a rehearsal has left {', '.join(wrong.beside)}"
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
    for number, loose in wrong.unanchored.items():
        yield (
            "data_unheld",
            f"nothing anchors {', '.join(loose)} of data set {number}: a prune of volumes takes it",
        )
    for record in wrong.absent:
        yield (
            "image_absent",
            f"the image of version {record.version.number} is at its registry, and not here",
        )


def _health(desk: Desk, name: str, ledger: Ledger, container: Container) -> Iterator[Finding]:
    record = ledger.versions.get(labels.number(container.labels, labels.VERSION))
    if record is None:
        return
    spec = record.version.spec
    login = login_at_hand(desk, name, spec)
    seen = look_at_health(desk.engine_of(name), container, spec.health, login)
    if seen.problem:
        yield Finding(
            code="unhealthy",
            says=f"{seen.problem} (occ logs --service {name} may tell why)",
            fix=advice("unhealthy", name),
            service=name,
        )


def _start(desk: Desk, name: str) -> Iterator[Finding]:
    number, says = last_slow(desk, name)
    if says:
        yield Finding(code="start_slow", says=says, fix=f"occ show {number}", service=name)


def _volumes(desk: Desk, name: str, ledger: Ledger) -> Iterator[Finding]:
    current = ledger.versions.get(ledger.current)
    waiting = set(ledger.adoption.volumes.values()) if ledger.adoption else set()
    for volume in current.version.spec.volumes if current else ():
        real = ledger.data.current.real(volume.name)
        if volume.name not in waiting and desk.engine_of(name).volume(real) is None:
            next_time = "an empty one would be made at the next replacement"
            if real != volume.name:
                next_time = "no replacement can be made without it"
            yield Finding(
                code="volume_missing",
                says=f"volume {real} ({volume.path}) does not exist; {next_time}",
                fix=f"docker volume create {real}, and fill it from a backup",
                service=name,
            )


def _mounts(desk: Desk, name: str, ledger: Ledger) -> Iterator[Finding]:
    """Mounted folders that are gone: without them no container of the service can start."""
    current = ledger.versions.get(ledger.current)
    if current is None or not desk.engine_of(name).info().local:
        return
    for mount in current.version.spec.mounts:
        if not _there(mount.source):
            yield Finding(
                code="mount_missing",
                says=f"{mount.source}, mounted at {mount.path}, is gone: no start can succeed",
                fix=f"mkdir -p {shlex.quote(mount.source)}, and fill it from a backup",
                service=name,
            )


def _there(path: str) -> bool:
    """Whether a file of this machine is there; one that may not be looked at counts as there."""
    try:
        Path(path).stat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def _secrets(desk: Desk, name: str) -> Iterator[Finding]:
    """Secrets without a value: the next replacement would be refused for them."""
    declared = desk.settings.services.get(name)
    if declared is None:
        return
    try:
        there = secrets_found(desk, declared, declared.spec)
    except ConfigError as error:
        yield finding_of(error, name)
        return
    for secret in declared.spec.secrets:
        if secret not in there:
            yield Finding(
                code="secret_missing",
                says=f"the secret {secret} has no value",
                fix=f"occ secret set {secret} --service {name}",
                service=name,
            )


def _images(desk: Desk, name: str, ledger: Ledger, told: Collection[int]) -> Iterator[Finding]:
    """Images that are not on the host; `told` are the versions whose image repair gets."""
    engine = desk.engine_of(name)
    for number, record in ledger.versions.items():
        version = record.version
        passed_over = number in told or record.standing == "bad" or record.pruned
        if passed_over or engine.image(version.image):
            continue
        fix = "docker load -i FILE, where it was saved to one"
        if version.digests:
            fix = f"docker pull {version.digests[0]} && occ repair --service {name}"
        yield Finding(
            code="image_gone",
            says=f"the image of version {number} is not on the host",
            fix=fix,
            service=name,
        )
