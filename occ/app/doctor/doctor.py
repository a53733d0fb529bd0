"""Doctor: everything that is not as it should be, each with the command that mends it."""

from collections.abc import Generator, Iterator, Sequence
from itertools import chain
from pathlib import Path

from occ.app import host
from occ.app.desk import Desk
from occ.app.doctor import machine
from occ.app.doctor.service import finding_of, service_findings
from occ.app.knowledge.clockwork import clockwork
from occ.app.secret_values import open_to_others
from occ.clock import local_time
from occ.domain.findings import Finding
from occ.domain.total import whole_number
from occ.engine.values import EngineInfo
from occ.errors import EngineUnreachableError, JournalDamagedError, JournalError
from occ.operations import labels

_OLDEST_API = (1, 41)  # Docker Engine 20.10
_OLDEST_PODMAN = 5  # which changes a restart policy after create


def findings(desk: Desk, services: Sequence[str]) -> Iterator[Finding]:
    """Everything found of journal, engine, machine and services, those last; writes nothing."""
    whole = yield from _journal(desk, services)
    yield from _secrets(desk, services)
    yield from _timer(desk)
    info = yield from _engine(desk)
    yield from machine.room(desk.journal.files(), info)
    yield from machine.pruners(Path("/"), Path(desk.environ.get("HOME", "/")))
    if info is None:
        return
    try:
        yield from machine.updaters(desk.engine)
        for name in services if whole else ():
            yield from service_findings(desk, name)
    except EngineUnreachableError as error:
        yield finding_of(error)


def _journal(desk: Desk, services: Sequence[str]) -> Generator[Finding, None, bool]:
    """Whether it can be read to its end, as the generator's value."""
    try:
        _verify(desk, services)
    except JournalError as error:
        yield finding_of(error)
        return False
    yield from desk.journal.findings()
    return True


def _secrets(desk: Desk, services: Sequence[str]) -> Iterator[Finding]:
    """Each file of secrets that others may read, told once."""
    declared = desk.settings.services
    said = (open_to_others(desk, declared[name]) for name in services if name in declared)
    for one in dict.fromkeys(chain.from_iterable(said)):
        says, _, fix = one.partition("; run ")
        yield Finding(code="secrets_readable", says=says, fix=fix)


def _verify(desk: Desk, services: Sequence[str]) -> None:
    """Walk the chain, and compare it with the heads that our containers carry.

    Where a container of ours is ahead of it, heads of its future are no damage: each of these
    services then has the finding `host_ahead`.

    Raises:
        JournalError: it cannot be read, or does not verify.
    """
    try:
        desk.journal.verify(host.noted_heads(desk.engine, desk.journal) or ())
    except JournalDamagedError:
        if not services or not _ahead(desk):
            raise
        desk.journal.verify()


def _ahead(desk: Desk) -> bool:
    last = desk.journal.last_operation()
    try:
        there = desk.engine.containers({labels.JOURNAL: desk.journal.id})
    except EngineUnreachableError:
        return False
    return any(labels.number(c.labels, labels.OPERATION) > last for c in there)


def _timer(desk: Desk) -> Iterator[Finding]:
    """The timer of this config, where it does not run."""
    timer = clockwork(desk)
    if timer is None or not timer.late:
        return
    says = "services of this config update themselves, but occ auto run never ran"
    if timer.ran_at:
        ran, should = local_time(timer.ran_at), local_time(timer.should_at)
        says = f"occ auto run last ran {ran}, and should have {should}"
    yield Finding(code="auto_late", says=says, fix="occ install --auto")


def _engine(desk: Desk) -> Generator[Finding, None, EngineInfo | None]:
    """The engine that answers, as the generator's value; None when it does not answer."""
    try:
        info = desk.engine.info()
    except EngineUnreachableError as error:
        yield finding_of(error)
        return None
    if tuple(whole_number(part, 9_999) or 0 for part in info.api.split(".")) < _OLDEST_API:
        yield Finding(
            code="engine_old",
            says=f"the engine at {info.address} speaks API {info.api}; occ is "
            "tested from 1.41 on (Docker Engine 20.10)",
            fix="update the engine; which it is: docker version",
        )
    if info.podman:
        yield _podman(info)
    return info


def _podman(info: EngineInfo) -> Finding:
    told = f"the engine at {info.address} is Podman {info.version}"
    if (whole_number(info.version.partition(".")[0], 9_999) or 0) < _OLDEST_PODMAN:
        return Finding(
            code="engine_old",
            says=f"{told}, which changes no restart policy after create: no update is safe on it",
            fix="use Podman 5.4 or newer, or Docker Engine",
        )
    return Finding(
        code="engine_podman",
        says=f"{told}; paused services, the group of /etc/shadow and more are otherwise there",
        fix="read docs/podman.md",
    )
