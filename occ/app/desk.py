"""The composition root: settings, journal, engine and clock brought together, each when needed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from secrets import token_bytes
from typing import TYPE_CHECKING

from occ.clock import Clock, SystemClock
from occ.domain.events import NumbersAdvanced
from occ.domain.operation import Operation, fold
from occ.errors import (
    BusyError,
    ConfigError,
    EngineUnreachableError,
    ImageMissingError,
    NoTargetError,
    NotFoundError,
    RegistryError,
)
from occ.journal.port import Head, Journal, Stamp
from occ.operations import labels
from occ.settings import Service, Settings, fingerprint, fingerprint_key, resolve_secrets
from occ.settings.secret_values.fingerprints import known_key
from occ.settings.secret_values.stores import stores_of
from occ.settings.secret_values.values import at_hand, is_text, locate

if TYPE_CHECKING:
    from occ.domain.events import Version
    from occ.domain.spec import Spec
    from occ.domain.values import Actor
    from occ.domain.versions import Ledger
    from occ.engine.port import Engine
    from occ.engine.values import Container
    from occ.journal.sqlite.lock import ServiceLock

_VERSION_NAMES = (
    "version.recorded",
    "version.activated",
    "version.judged",
    "users.recorded",
    "container.adopted",
    "service.forgotten",
    "host.recorded",
    "numbers.advanced",
)


@dataclass(slots=False, kw_only=True)
class Desk:
    """What every verb works with. Nothing is opened before it is asked for."""

    settings: Settings
    environ: Mapping[str, str] = field(repr=False)
    argv: tuple[str, ...]
    clock: Clock = field(default_factory=SystemClock)

    @cached_property
    def journal(self) -> Journal:
        """The journal that the settings name."""
        from occ.journal.open import open_journal  # noqa: PLC0415 - --help needs no SQLAlchemy

        return open_journal(self.settings.journal)

    @cached_property
    def engine(self) -> "Engine":
        """The engine that the environment names."""
        from occ.engine.docker.engine import DockerEngine  # noqa: PLC0415 - history needs no docker

        return DockerEngine()

    @cached_property
    def actor(self) -> "Actor":
        """Who is typing."""
        from occ.app.actor import whoami  # noqa: PLC0415 - readers sign nothing

        return whoami(self.environ, self.argv)

    @property
    def owner(self) -> str:
        """Who looks after our containers: user@machine:journal."""
        return f"{self.actor.operator}@{self.actor.machine}:{self.journal.address}"

    def stamp(self, service: str) -> Stamp:
        """What entries written now have in common."""
        return Stamp(service=service, operator=self.actor.operator, at=self.clock.now())

    def ledger(self, service: str) -> "Ledger":
        """The versions of a service."""
        from occ.domain import versions  # noqa: PLC0415 - history needs none

        return versions.fold(self.journal.entries(service=service, names=_VERSION_NAMES))

    def operation(self, number: int) -> Operation:
        """One operation.

        Raises:
            NotFoundError: there is none of this number.
        """
        operation = fold(self.journal.entries(operation=number)) if number else None
        if operation is None:
            raise NotFoundError(f"there is no operation {number}", hint="occ history")
        return operation

    def operations(self, service: str = "", *, before: int = 0) -> Iterable[Operation]:
        """Operations, newest first."""
        for entry in self.journal.latest(service=service, before=before):
            yield self.operation(entry.operation)

    def unfinished(self, service: str) -> Operation | None:
        """The operation of this service that has not ended; there is at most one."""
        newest = next(iter(self.journal.latest(service=service, limit=1)), None)
        operation = self.operation(newest.operation) if newest else None
        return operation if operation and operation.ending is None else None

    def fingerprints(
        self, service: Service, spec: "Spec", *, planning: bool = False
    ) -> Mapping[str, str]:
        """The keyed fingerprints of a spec's secrets.

        Raises:
            SecretMissingError: one has no value.
        """
        if not spec.secrets:
            return {}
        return fingerprint(self._resolved(service, spec), self.key(planning=planning))

    def key(self, *, planning: bool) -> bytes:
        """The key of fingerprints.

        Where there is none, one is made; not for a plan that will not be carried out, which gets
        a key of its own: it tells as unknown what nobody can compare.
        """
        folder = self.settings.path.parent
        return known_key(folder) or token_bytes(32) if planning else fingerprint_key(folder)

    def prints_of(self, values: Mapping[str, str]) -> Mapping[str, str]:
        """Fingerprints to compare with recorded ones; empty where no key was made yet."""
        key = known_key(self.settings.path.parent) if values else None
        return {} if key is None else fingerprint(values, key)

    def running_prints(self, service: str, before: int = 0) -> Mapping[str, str]:
        """The fingerprints of the secrets that the container of today was made with.

        With `before` those of the container before this operation.

        A rollback makes a recorded version again with the values of its day: so they are those
        of the operation that activated it, and not those recorded with the version.
        """
        entries = self.journal.entries(service=service, names=("version.activated",))
        numbers = [entry.operation for entry in entries]
        earlier = [number for number in numbers if number < before or not before]
        if not earlier:
            return {}
        return self.operation(earlier[-1]).planned.request.fingerprints

    def secrets_at_hand(self, service: Service, spec: "Spec") -> Mapping[str, str]:
        """Those secrets of a spec that can be had: whoever needs one that is missing will say so.

        What cannot be read counts as missing: a way back that needs no secret is not held up.
        """
        if not spec.secrets:
            return {}
        try:
            sources = stores_of(self.settings, service)
        except ConfigError:
            return {}
        return at_hand(spec.secrets, sources, self.environ)

    def secrets_found(self, service: Service, spec: "Spec") -> Mapping[str, str]:
        """Those secrets of a spec that have a value.

        Raises:
            ConfigError: where they are kept cannot be read, so nobody knows.
        """
        if not spec.secrets:
            return {}
        found = locate(spec.secrets, stores_of(self.settings, service), self.environ)
        return {name: at.value for name, at in found.items() if at.value and is_text(at.value)}

    def _resolved(self, service: Service, spec: "Spec") -> Mapping[str, str]:
        if not spec.secrets:
            return {}
        sources = stores_of(self.settings, service)
        return resolve_secrets(replace(service, spec=spec), sources, self.environ)

    def noted_heads(self) -> tuple[Head, ...] | None:
        """The journal's heads as our containers on the host carry them; None without an engine.

        Those of operations that the journal was advanced over are not among them: they were
        noted in the copy that was lost, and the operator has accepted that.
        """
        try:
            there = self.engine.containers({labels.JOURNAL: self.journal.id})
        except EngineUnreachableError:
            return None
        return tuple(
            Head.parse(c.labels[labels.HEAD])
            for c in there
            if labels.HEAD in c.labels and not self._advanced_over(c)
        )

    def _advanced_over(self, container: "Container") -> bool:
        """Whether it was made by an operation that this journal knows by an advance alone.

        The copy may have given its number to an operation of another service since.
        """
        number = labels.number(container.labels, labels.OPERATION)
        service = container.labels.get(labels.SERVICE, "")
        advances = (e.event for e in self.journal.entries(names=("numbers.advanced",)))
        within = any(isinstance(e, NumbersAdvanced) and number <= e.operation for e in advances)
        if not within:
            return False
        return not any(e.service == service for e in self.journal.entries(operation=number))

    def missing(self, version: "Version") -> NoTargetError | None:
        """Why a version's image cannot be had; None when it is on the host, or published."""
        if self.engine.image(version.image) is not None:
            return None
        try:
            published = self.published(version)
        except RegistryError as error:
            return NoTargetError(
                f"its image is not here, and its registry cannot be asked: {error.message}",
                hint=error.hint,
            )
        gone = "its image is gone, here and at its registry"
        return None if published else NoTargetError(gone, hint="occ versions --check")

    def why_not(self, version: "Version") -> str:
        """The same in words; empty where the image can be had."""
        missing = self.missing(version)
        return missing.message if missing else ""

    def published(self, version: "Version") -> bool:
        """Whether a version's image is still at its registry by digest.

        Raises:
            RegistryError: it cannot be asked, so nobody knows.
        """
        unknown: RegistryError | None = None
        for digest in version.digests:
            try:
                self.engine.registry_digest(digest)
            except ImageMissingError:
                continue
            except RegistryError as error:
                unknown = error
            else:
                return True
        if unknown is not None:
            raise unknown
        return False

    def lock(self, service: str) -> "ServiceLock":
        """Take the service's lock; it is released when used as a context manager, or we die.

        Raises:
            BusyError: another occ has it; named from the journal.
            JournalUnwritableError: its file cannot be made.
        """
        from occ.journal.open import file_of  # noqa: PLC0415 - --help needs no SQLAlchemy
        from occ.journal.sqlite.lock import ServiceLock  # noqa: PLC0415 - readers take none

        lock = ServiceLock(file_of(self.settings.journal), service)
        try:
            lock.acquire()
        except BusyError as error:
            raise self._busy(service) from error
        return lock

    def _busy(self, service: str) -> BusyError:
        operation = self.unfinished(service)
        if operation is None:
            return BusyError(
                f"another occ is about to begin an operation of {service}", hint="occ status"
            )
        since = max(0, self.clock.now() - operation.at) // 1000
        return BusyError(
            f"operation {operation.number} ({operation.planned.kind}) of {service} is driven by "
            f"process {operation.driver.pid} of {operation.driver.operator} since {since} s",
            hint=f"occ show {operation.number}",
        )

    def close(self) -> None:
        """Let go of what was opened."""
        if "journal" in self.__dict__:
            self.journal.close()
