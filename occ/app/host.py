"""The host before planning: its containers, whose they are, and whether they are ours."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from occ.domain.events import NumbersAdvanced
from occ.domain.request import Found
from occ.domain.spec import Spec
from occ.domain.versions import Ledger
from occ.engine.port import Engine
from occ.engine.values import LEAVING, Container, EngineInfo
from occ.errors import (
    EngineUnreachableError,
    ForeignContainerError,
    HostAheadError,
    OtherEngineError,
    OtherJournalError,
)
from occ.journal.port import Head, Journal
from occ.operations import labels
from occ.operations.answers import HealthLook
from occ.operations.gate import deadline, look_at_health
from occ.operations.healthcheck import effective_healthcheck
from occ.settings import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """The containers of a service that our journal made, one of which counts."""

    current: Container | None
    others: tuple[Container, ...]

    @property
    def all(self) -> tuple[Container, ...]:
        """The one that counts first."""
        return (*((self.current,) if self.current else ()), *self.others)


def ours(engine: Engine, journal: str, service: str, ledger: Ledger) -> Ours:
    """Find our containers: by label, and an adopted container by its id.

    A container that was forgotten is not ours, whatever its labels say. The container that runs
    counts; else that of the current version; else that with its name; else the newest. A dead one,
    or one that is being removed, never counts: nothing can start it, or read its files.
    """
    labelled = engine.containers(labels.mine(journal, service)) if journal else ()
    found = [c for c in labelled if c.id not in ledger.forgotten and not ledger.adopted(c.id)]
    found += _adopted(engine, journal, service, ledger)

    def rank(container: Container) -> tuple[bool, bool, bool, int]:
        return (
            container.running,
            labels.number(container.labels, labels.VERSION) == ledger.current,
            container.name == ledger.container_name(service),
            labels.number(container.labels, labels.OPERATION),
        )

    found.sort(key=rank, reverse=True)
    current = next((c for c in found if c.state not in LEAVING), None)
    return Ours(current=current, others=tuple(c for c in found if c is not current))


def _adopted(engine: Engine, journal: str, service: str, ledger: Ledger) -> Iterator[Container]:
    """The adopted container, if it is there, as if it carried our labels, and nobody else's."""
    adoption = ledger.adoption
    there = engine.inspect(adoption.container) if adoption else None
    if adoption is None or there is None:
        return
    record = ledger.versions.get(adoption.version)
    theirs = {name: value for name, value in there.labels.items() if not name.startswith("occ.")}
    own = {labels.VERSION: str(adoption.version)}
    if record is not None:
        own[labels.SPEC] = record.version.spec.digest()
    yield replace(there, labels={**theirs, **labels.mine(journal, service), **own})


def container_name(ledger: Ledger, declared: Service | None, service: str) -> str:
    """The name of the service's container; before there is one, the name that it will have."""
    if declared is not None and not ledger.current:
        return declared.container_name
    return ledger.container_name(service)


def refuse_foreign(engine: Engine, journal: str, service: str, ledger: Ledger, called: str) -> None:
    """Refuse when the container of this name is not the service's; it is never touched.

    Raises:
        OtherJournalError: it carries another journal's labels.
        ForeignContainerError: occ did not make it, or it is another service's.
    """
    holder = engine.names().get(called)
    there = engine.inspect(holder) if holder else None
    if there is None or ledger.adopted(there.id):
        return
    if there.id in ledger.forgotten:
        raise ForeignContainerError(
            f"container {called} is there, and was forgotten", hint=_to_adopt(called, service)
        )
    if journal and there.labels.get(labels.JOURNAL) == journal:
        other = there.labels.get(labels.SERVICE, service)
        if other != service:
            raise ForeignContainerError(
                f"container {called} is that of service {other}",
                hint=f"occ repair --service {other}, or another name here: "
                f"occ config set services.{service}.container NAME",
            )
        return
    if labels.JOURNAL in there.labels:
        owner = there.labels.get(labels.OWNER, "an unknown journal")
        raise OtherJournalError(
            f"container {called} is looked after by {owner} (if that journal is lost: "
            f"{_to_adopt(called, service)} --take)",
            hint=f"occ --journal {owner.rpartition(':')[2] or 'PATH'} status",
        )
    way = _to_adopt(called, service)
    if ledger.current and called != ledger.container_name(service):
        way = f"another name: occ config set services.{service}.container NAME"
    raise ForeignContainerError(
        f"a container named {called} exists that occ did not make",
        hint=f"{way}, or make room: docker rename {called} {called}-mine",
    )


def _to_adopt(called: str, service: str) -> str:
    return f"occ adopt {called}" if called == service else f"occ adopt {called} --service {service}"


def refuse_other_engine(ledger: Ledger, info: EngineInfo, service: str) -> None:
    """Refuse when another engine answers than the one on which the service lives.

    Raises:
        OtherEngineError: showing both.
    """
    home = ledger.host
    if home is None or (home.engine_id, home.root) == (info.id, info.root):
        return
    raise OtherEngineError(
        f"{service} lives on the engine {home.address} ({home.engine_id}, {home.root}), but "
        f"{info.address} answers ({info.id}, {info.root})",
        hint=f"DOCKER_HOST={home.address} occ status",
    )


def refuse_ahead(
    engine: Engine, found: Ours, ledger: Ledger, journal: str, last: int, service: str
) -> None:
    """Refuse when the host carries numbers that this journal has not reached.

    The journal is then an older copy, and numbers given out twice would make history lie.

    Raises:
        HostAheadError: with both numbers.
    """
    numbers = host_numbers(engine, found, ledger, journal, service)
    if numbers.operation > last or numbers.version > ledger.highest:
        raise HostAheadError(
            f"the host has operation {numbers.operation} and version {numbers.version} of this "
            f"journal, which itself ends at operation {last} and version {ledger.highest}",
            hint=f"restore the newer journal, or go on from this one: "
            f"occ journal advance --service {service}",
        )


def host_numbers(
    engine: Engine, found: Ours, ledger: Ledger, journal: str, service: str
) -> NumbersAdvanced:
    """The greatest operation and version of this journal that the host's labels and tags name.

    Versions are numbered for each service, operations for all of them together: those of the
    others and of helpers count too.
    """
    every = engine.containers({labels.JOURNAL: journal}) if journal else ()
    operation = max((labels.number(c.labels, labels.OPERATION) for c in every), default=0)
    version = max((labels.number(c.labels, labels.VERSION) for c in found.all), default=0)
    following = max(ledger.highest, version) + 1
    while engine.image(labels.keep_reference(journal, service, following)):
        version, following = following, following + 1
    return NumbersAdvanced(operation, version)


def found_of(
    engine: Engine,
    there: Ours,
    specs: Mapping[int, Spec],
    service: str,
    login: Callable[[Spec], Mapping[str, str]] = lambda _: {},
) -> Found:
    """The service as found, one probe included.

    `specs` tells the gate of each version, and what it declares of its own HEALTHCHECK; `login` the
    secrets at hand that its probe carries.
    """
    container = there.current
    taken = f"{service}.occ-next" in engine.names()
    leftovers = tuple(c.id for c in there.others)
    if container is None:
        return Found(leftovers=leftovers, next_taken=taken)
    version = labels.number(container.labels, labels.VERSION)
    spec = specs.get(version, Spec())
    gate = spec.health
    image = engine.image(container.image)
    seen = (
        look_at_health(engine, container, gate, login(spec))
        if container.running
        else HealthLook("not running")
    )
    return Found(
        container=container.id,
        image=container.image,
        version=version,
        spec=container.labels.get(labels.SPEC, ""),
        state=_state(engine, container, seen),
        healthy=not (seen.problem or seen.unasked),
        policy=container.policy,
        started_at=container.started_at,
        leftovers=leftovers,
        next_taken=taken,
        deadline_ms=deadline(gate, effective_healthcheck(spec, image.health if image else None)),
    )


def _state(engine: Engine, container: Container, seen: HealthLook) -> str:
    if container.state == "running" and seen.problem and container.restarts:
        return "restarting"
    if not container.running and engine.networks_lost(container.id):
        return "stranded"
    return container.state


def noted_heads(engine: Engine, journal: Journal) -> tuple[Head, ...] | None:
    """The journal's heads as our containers on the host carry them; None when no engine answers.

    Heads of operations that the journal was advanced over are left out: they were noted in the
    copy that was lost, and the operator has accepted that.
    """
    try:
        there = engine.containers({labels.JOURNAL: journal.id})
    except EngineUnreachableError:
        return None
    return tuple(
        Head.parse(c.labels[labels.HEAD])
        for c in there
        if labels.HEAD in c.labels and not _advanced_over(journal, c)
    )


def _advanced_over(journal: Journal, container: Container) -> bool:
    """Whether the container's operation is known to this journal by an advance alone.

    The copy may have given its number to an operation of another service since.
    """
    number = labels.number(container.labels, labels.OPERATION)
    service = container.labels.get(labels.SERVICE, "")
    advances = (e.event for e in journal.entries(names=("numbers.advanced",)))
    within = any(isinstance(e, NumbersAdvanced) and number <= e.operation for e in advances)
    if not (number and within):
        return False
    return not any(e.service == service for e in journal.entries(operation=number))
