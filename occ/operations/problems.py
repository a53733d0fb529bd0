"""Problems of a service's containers and keep tags: repair mends them, and doctor tells them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields

from occ.domain.kinds import KINDS
from occ.domain.operation import Operation
from occ.domain.versions import Ledger, Record
from occ.engine.port import Engine
from occ.engine.values import Container
from occ.operations import labels
from occ.operations.anchoring import unanchored
from occ.operations.steps.containers import StartContainer


@dataclass(frozen=True, slots=True, kw_only=True)
class Untagged:
    """A version whose image is on the host without its keep tag."""

    version: int
    image: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problems:
    """Everything that is wrong; nothing is when no field says anything.

    `stranded` are the networks of a stopped container that are gone: no start of it can succeed.
    `stopped` means that it should run by what was last asked for, and does not. `second` are
    other containers of the service that run, `leftovers` those that do not. `policy` is the
    declared restart policy where the container has another one. `absent` are versions whose image
    is at its registry alone. `beside` is what an abandoned rehearsal or drill has left, for people.
    """

    missing: bool = False
    different: tuple[str, ...] = ()
    stranded: tuple[str, ...] = ()
    stopped: bool = False
    name: str = ""
    policy: str = ""
    second: tuple[Container, ...] = ()
    leftovers: tuple[Container, ...] = ()
    untagged: tuple[Untagged, ...] = ()
    absent: tuple[Record, ...] = ()
    beside: tuple[str, ...] = ()
    unanchored: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """The data sets that were left and that nothing anchors, with their volumes."""

    @property
    def made_again(self) -> bool:
        """Whether the container is to be made again from the journal."""
        return self.missing or bool(self.different or self.stranded)

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) for one in fields(self))


def problems_of(
    engine: Engine,
    ledger: Ledger,
    current: Container | None,
    others: Iterable[Container],
    *,
    journal: str,
    service: str,
    asked: bool,
) -> Problems:
    """The problems of the containers found, against the ledger.

    `asked` says whether the service was last asked to run (`asked_to_run`). `absent` is left to
    who may ask a registry.
    """
    others = tuple(others)
    untagged = tuple(_untagged(engine, ledger, journal, service))
    loose = unanchored(engine, journal, service, ledger.data) if ledger.data.left else {}
    record = ledger.versions.get(ledger.current)
    if current is None or record is None:
        missing = record is not None
        return Problems(
            missing=missing,
            stopped=missing and asked,
            leftovers=others,
            untagged=untagged,
            unanchored=loose,
        )
    declared, called = record.version.spec.restart, ledger.container_name(service)
    return Problems(
        different=tuple(different(current, ledger)),
        stranded=() if current.running else engine.networks_lost(current.id),
        stopped=asked and not current.running,
        name="" if ledger.adopted(current.id) or current.name == called else current.name,
        policy=declared if current.policy != declared else "",
        second=tuple(c for c in others if c.running),
        leftovers=tuple(c for c in others if not c.running),
        untagged=untagged,
        unanchored=loose,
    )


def different(container: Container, ledger: Ledger) -> Iterator[str]:
    """In what a container is not the current version, for people."""
    number = labels.number(container.labels, labels.VERSION)
    record = ledger.versions.get(number)
    if number != ledger.current:
        yield f"version {number} is there, the journal says {ledger.current}"
    if record is None:
        return
    if container.image != record.version.image:
        yield f"it runs image {container.image[:19]}, version {number} is another"
    if container.labels.get(labels.SPEC) != record.version.spec.digest():
        yield f"it was made from another spec than version {number}"


def asked_to_run(operations: Iterable[Operation]) -> bool:
    """Whether the newest operation that decided it was to leave the service running.

    `operations` are newest first. A start and a stop decide it also where they had nothing to do.
    Replacing a service while it is down decides nothing; what was before it was forgotten counts
    no more.
    """
    said = (one for one in map(_said, operations) if one is not None)
    return next(said, False)


def _said(operation: Operation) -> bool | None:
    """Whether an operation wants its service running from then on; None where it does not say."""
    facts, ending = KINDS[operation.planned.kind], operation.ending
    asked = facts.leaves in {"running", "stopped"}  # also where there was nothing to do
    if facts.works == "aside" or not (ending == "done" or (ending == "unchanged" and asked)):
        return None
    if facts.leaves in {"stopped", "gone"}:
        return False
    started = any(step.plan.name == StartContainer.name for step in operation.steps)
    runs = started or facts.leaves == "running" or operation.planned.found.running
    return True if runs else None


def _untagged(engine: Engine, ledger: Ledger, journal: str, service: str) -> Iterator[Untagged]:
    for number, record in ledger.versions.items():
        image = record.version.image
        if record.standing == "bad" or record.pruned or engine.image(image) is None:
            continue
        # A version has its number before its keep tag: an operation may have ended between them,
        # and a rehearsal alone keeps nothing.
        if not (record.last_run_at or record.standing == "proven"):
            continue
        kept = engine.image(labels.keep_reference(journal, service, number))
        if kept is None or kept.id != image:
            yield Untagged(version=number, image=image)
