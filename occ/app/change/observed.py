"""The host and the journal as a change finds them, once the lock is taken."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from occ.app import host
from occ.app.desk import Desk
from occ.app.host import Ours
from occ.app.knowledge.why_down import why_service_down
from occ.app.ledgers import ledger_of
from occ.app.secret_values import login_at_hand
from occ.domain.data_sets import DataSet, DataSetBound, DataSetEvent, DataSetRecorded
from occ.domain.events import Kind
from occ.domain.kinds import KINDS
from occ.domain.request import Found
from occ.domain.versions import Ledger, apply_event
from occ.engine.port import Engine
from occ.engine.values import Container, EngineInfo
from occ.operations import labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """The host and the journal as they were seen."""

    info: EngineInfo
    ours: Ours
    """The service's containers."""
    found: Found
    name: str
    """The name of the container found; empty without one."""
    ledger: Ledger
    """As the journal tells it, with the data set that the container found really has."""
    warnings: tuple[str, ...] = ()
    corrected: tuple[DataSetEvent, ...] = ()
    """The facts by which the journal follows the container; written together with a plan."""


def observe(desk: Desk, kind: Kind, service: str) -> Observed:
    """Look at the service's host and its journal, and refuse what is not ours to change.

    Raises:
        OtherEngineError, HostAheadError.
        ForeignContainerError, OtherJournalError: for kinds that touch the container.
    """
    engine = desk.engine_of(service)
    info = engine.info()
    ledger = ledger_of(desk.journal, service)
    host.refuse_other_engine(ledger, info, service)
    journal = desk.journal.id
    there = host.ours(engine, journal, service, ledger)
    touches = KINDS[kind].works == "on the container"
    if touches:
        declared = desk.settings.services.get(service)
        called = host.container_name(ledger, declared, service)
        host.refuse_foreign(engine, journal, service, ledger, called)
    host.refuse_ahead(engine, there, ledger, journal, desk.journal.last_operation(), service)
    specs = {n: r.version.spec for n, r in ledger.versions.items()}
    login = partial(login_at_hand, desk, service)
    found = host.found_of(engine, there, specs, service, login)
    name = there.current.name if there.current else ""
    if ledger.adopted(found.container):
        name = ledger.container_name(service)  # its name is its owner's until it is replaced
    warnings = _warnings(desk, service, there) if touches else ()
    corrected = tuple(_as_mounted(engine, labels.mine(journal, service), ledger, there.current))
    if corrected:
        now = ledger.data.current.volumes
        for event in corrected:
            ledger = apply_event(ledger, event, desk.clock.now(), 0)
        after = ledger.data.current.volumes
        other = sorted({*now.items()} ^ {*after.items()})
        named = ", ".join(dict.fromkeys(name for name, _ in other))
        said = f"its container has other volumes for {named} than the journal says, which follows"
        warnings = (*warnings, said)
    return Observed(
        info=info,
        ours=there,
        found=found,
        name=name,
        ledger=ledger,
        warnings=warnings,
        corrected=corrected,
    )


def _as_mounted(
    engine: Engine, mine: Mapping[str, str], ledger: Ledger, container: Container | None
) -> Iterator[DataSetEvent]:
    """The data set of a container, where that is not the current one.

    It is another one after an abandoned put-back, or where the journal is an older copy. Only
    volumes that occ restored are followed: anything else is a container to be mended.
    """
    number = labels.number(container.labels, labels.VERSION) if container else 0
    record = ledger.versions.get(number)
    if container is None or record is None:
        return
    waiting = {*ledger.adoption.volumes.values()} if ledger.adoption else set[str]()
    real = {
        volume.name: container.mounts[volume.path]
        for volume in record.version.spec.volumes
        if volume.path in container.mounts and volume.name not in waiting
    }
    sets = ledger.data
    other = {one for name, one in real.items() if one not in {name, sets.current.real(name)}}
    marks = [engine.volume(one) or {} for one in other]
    if not all(mine.items() <= mark.items() and labels.DATA in mark for mark in marks):
        return
    order = (sets.number, *sorted(sets.known, reverse=True))
    fits = (n for n in order if all(sets.get(n).real(name) == one for name, one in real.items()))
    found = next(fits, sets.next_number)
    if found == sets.number:
        return
    if found not in sets.known:
        volumes = {**sets.current.volumes, **real}
        named = {name: one for name, one in volumes.items() if name != one}
        yield DataSetRecorded(DataSet(number=found, volumes=named, version=number))
    yield DataSetBound(found)


def _warnings(desk: Desk, service: str, there: Ours) -> tuple[str, ...]:
    down = why_service_down(desk, service, there.current)
    return (down,) if down else ()
