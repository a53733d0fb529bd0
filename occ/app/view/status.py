"""The verbs that only look, at engine and journal: nothing here takes a lock or writes."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from occ.app import host
from occ.app.availability import published
from occ.app.desk import Desk
from occ.app.ledgers import ledger_of, unfinished_of
from occ.app.results import Check, HealthWord, Status, Unfinished, Verified, VersionRow
from occ.app.secret_values import secrets_found
from occ.app.why_down import restarted_since, why_service_down
from occ.domain.operation import Operation
from occ.domain.secrecy import redact_bytes
from occ.domain.spec import Health, Spec
from occ.domain.values import Reference
from occ.domain.versions import Ledger, Record
from occ.engine.port import Engine
from occ.engine.values import Container
from occ.errors import (
    EngineUnreachableError,
    NotFoundError,
    RefusedError,
    RegistryError,
)
from occ.operations import labels
from occ.operations.gate import HealthLook, look_at_health
from occ.operations.problems import different
from occ.operations.steps.images import on_host


@dataclass(frozen=True, slots=True)
class Reading:
    """What one desk's journal and engine tell."""

    desk: Desk

    def verified(self) -> Verified:
        """The journal's whole chain walked, and compared with the heads noted on containers.

        Raises:
            JournalDamagedError: naming the first entry that does not fit.
        """
        journal = self.desk.journal
        noted = host.noted_heads(self.desk.engine, self.desk.journal)
        head = journal.verify(noted or ())
        return Verified(
            journal=journal.address,
            entries=head.position,
            head=head.hash,
            noted=None if noted is None else len(noted),
        )

    def status(self, service: str) -> Status:
        """What runs, read off the engine, against what the journal says.

        Raises:
            EngineUnreachableError: the engine does not answer.
        """
        desk, wanted = self.desk, self.desk.settings.service(service)
        ledger = ledger_of(desk.journal, wanted.name)
        operation = unfinished_of(desk.journal, wanted.name)
        base = Status(
            service=wanted.name,
            state="absent",
            health="unknown",
            recorded=ledger.current,
            wanted=wanted.reference,
            unfinished=_unfinished(operation),
            config=str(desk.settings.path) if desk.settings.exists else "",
            journal=desk.journal.address,
        )
        info = desk.engine.info()
        base = replace(base, engine=f"{info.address} ({info.version})")
        drift = [*self._refusals(wanted.name, ledger)]
        there = host.ours(desk.engine, desk.journal.id, wanted.name, ledger)
        if there.current is None:
            way = "" if operation else ": occ start"
            missing = [f"version {ledger.current} has no container{way}"] if ledger.current else []
            return replace(base, drift=(*drift, *missing))
        status = self._running(base, there.current, ledger)
        if operation is None:
            drift += [f"container {c.name} is left over" for c in there.others]
            drift += _drift(there.current, ledger, wanted.name)
            down = why_service_down(desk, wanted.name, there.current)
            drift += [f"{down}: occ start"] if down else []
        else:
            notes = (*status.notes, *restarted_since(desk.engine, operation))
            status = replace(status, notes=notes)
        return replace(status, drift=tuple(drift))

    def _refusals(self, service: str, ledger: Ledger) -> Iterator[str]:
        try:
            host.refuse_other_engine(ledger, self.desk.engine.info(), service)
            host.refuse_foreign(self.desk.engine, self.desk.journal.id, service, ledger)
        except RefusedError as error:
            yield error.message

    def _running(self, base: Status, container: Container, ledger: Ledger) -> Status:
        engine = self.desk.engine
        number = labels.number(container.labels, labels.VERSION)
        record = ledger.versions.get(number)
        spec = record.version.spec if record else Spec()
        seen = (
            look_at_health(engine, container, spec.health)
            if container.running
            else HealthLook("not running")
        )
        image = engine.image(container.image)
        up = self.desk.clock.now() - container.started_at
        return replace(
            base,
            state=container.state,
            health=_health(container, spec.health, seen),
            why=seen.problem or seen.unasked,
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
            notes=tuple(_notes(container, ledger)),
        )

    def versions(self, service: str, *, ask_registry: bool) -> tuple[VersionRow, ...]:
        """All versions of a service, newest first."""
        wanted = self.desk.settings.service(service)
        ledger = ledger_of(self.desk.journal, wanted.name)
        if not ledger.versions:
            return ()
        engine = self._engine_or_none()
        return tuple(
            self._version(engine, record, ledger.current, ask_registry=ask_registry)
            for _, record in sorted(ledger.versions.items(), reverse=True)
        )

    def _engine_or_none(self) -> Engine | None:
        try:
            self.desk.engine.info()
        except EngineUnreachableError:
            return None
        return self.desk.engine

    def _version(
        self, engine: Engine | None, record: Record, current: int, *, ask_registry: bool
    ) -> VersionRow:
        version = record.version
        there = None
        if ask_registry and engine is not None:
            with suppress(RegistryError):  # then nobody knows
                there = published(self.desk.engine, version)
        return VersionRow(
            number=version.number,
            says=record.reported or version.labelled,
            reference=version.reference,
            digest=version.digests[0].rpartition("@")[2] if version.digests else "",
            image=version.image,
            created_at=record.created_at,
            last_run_at=record.last_run_at,
            standing=record.standing,
            current=version.number == current,
            here=engine.image(version.image) is not None if engine is not None else None,
            published=there,
            spec=version.spec,
        )

    def logs(
        self, service: str, *, tail: int | None, since: int, timestamps: bool, follow: bool
    ) -> Iterator[bytes]:
        """The container's output, with `***` for the values of its secrets.

        Raises:
            NotFoundError: there is no container.
            ConfigError: its secrets cannot be read, so they could not be hidden.
        """
        wanted = self.desk.settings.service(service)
        ledger = ledger_of(self.desk.journal, wanted.name)
        there = host.ours(self.desk.engine, self.desk.journal.id, wanted.name, ledger)
        if there.current is None:
            raise NotFoundError(f"{wanted.name} has no container", hint="occ start")
        record = ledger.versions.get(ledger.current)
        spec = record.version.spec if record else wanted.spec
        hidden = tuple(secrets_found(self.desk, wanted, spec).values())
        lines = self.desk.engine.logs(
            there.current.id, tail=tail, since=since, timestamps=timestamps, follow=follow
        )
        return (redact_bytes(line, hidden) for line in lines)

    def check(self, service: str) -> Check:
        """Ask the registry for the digest of the config's image; nothing is pulled or written.

        An index's digest is compared with every digest the running image is known by, so an
        image for several platforms is not "new" for ever. An image that is never pulled has no
        registry: there the one of that name on the host is compared, by its id.

        Raises:
            ImageMissingError: there is no image of the config's name.
        """
        wanted = self.desk.settings.service(service)
        reference = str(Reference.parse(wanted.reference))
        if wanted.build is not None:
            return Check(
                service=wanted.name,
                reference=reference,
                running=(),
                published="",
                available=False,
                built=wanted.build.context,
            )
        ledger = ledger_of(self.desk.journal, wanted.name)
        there = host.ours(self.desk.engine, self.desk.journal.id, wanted.name, ledger).current
        image = self.desk.engine.image(there.image) if there else None
        if wanted.pull == "never":
            here = on_host(self.desk.engine, reference)
            known: tuple[str, ...] = (there.image,) if there else ()
            newest = here.id
        else:
            known = image.digests if image else ()
            newest = self.desk.engine.registry_digest(reference)
        return Check(
            service=wanted.name,
            reference=reference,
            running=known,
            published=newest,
            available=not any(digest.endswith(newest) for digest in known),
        )


def _unfinished(operation: Operation | None) -> Unfinished | None:
    if operation is None:
        return None
    driver = operation.driver
    return Unfinished(
        operation=operation.number,
        kind=operation.planned.kind,
        state=operation.state,
        since=operation.at,
        driver=f"{driver.operator}, process {driver.pid} on {driver.machine}",
    )


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


def _drift(container: Container, ledger: Ledger, service: str) -> Iterator[str]:
    number = labels.number(container.labels, labels.VERSION)
    record = ledger.versions.get(number)
    if container.name != service and not ledger.adopted(container.id):
        yield f"its container is named {container.name}"
    yield from different(container, ledger)
    if record is None:
        return
    if container.policy != record.version.spec.restart:
        yield f"its restart policy is {container.policy}, not {record.version.spec.restart}"
