"""The composition root: settings, journal, engine and clock brought together, each when needed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, cast

from occ.app.ledgers import operation_of, unfinished_of
from occ.clock import Clock, SystemClock
from occ.domain.operation import Operation
from occ.domain.values import Actor
from occ.errors import BusyError
from occ.journal.port import Journal, Lock, Stamp
from occ.settings import Settings

if TYPE_CHECKING:
    from occ.engine.port import Engine
    from occ.programs.port import Programs


def _journal_at(address: str) -> Journal:
    from occ.journal.open import open_journal  # noqa: PLC0415 - --help needs no SQLAlchemy

    return open_journal(address)


def _engine_of_the_environment() -> "Engine":
    from occ.engine.docker.engine import DockerEngine  # noqa: PLC0415 - history needs no docker

    return DockerEngine()


def _programs_of_this_machine(settings: Settings, environ: Mapping[str, str]) -> "Programs":
    from occ.programs.host import HostPrograms  # noqa: PLC0415 - few commands run one

    return HostPrograms(config=settings.path, folder=settings.data / "programs", environ=environ)


def _whoami(environ: Mapping[str, str], argv: Sequence[str]) -> Actor:
    from occ.app.actor import whoami  # noqa: PLC0415 - readers sign nothing

    return whoami(environ, argv)


@dataclass(slots=False, kw_only=True)
class Desk:
    """The tools of every verb. Nothing is opened before it is asked for."""

    settings: Settings
    environ: Mapping[str, str] = field(repr=False)
    argv: tuple[str, ...]
    """The words of the command line, for the journal."""
    clock: Clock = field(default_factory=SystemClock)
    open_journal: Callable[[str], Journal] = _journal_at
    """From the journal's address to the journal; called once."""
    open_engine: "Callable[[], Engine]" = _engine_of_the_environment
    """The engine; called once."""
    open_programs: "Callable[[Settings, Mapping[str, str]], Programs]" = _programs_of_this_machine
    """The programs of this machine, from the settings and the environment; called once."""
    identify: Callable[[Mapping[str, str], Sequence[str]], Actor] = _whoami
    """Who is typing, from the environment and the command line; called once."""
    _hidden: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False, repr=False)
    _ended: dict[int, Operation] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def journal(self) -> Journal:
        """The journal that the settings name; no value of a secret is written to it."""
        from occ.journal.masked import MaskedJournal  # noqa: PLC0415 - --help needs no events

        return cast("Journal", MaskedJournal(self.open_journal(self.settings.journal), self.hidden))

    def hidden(self, service: str) -> tuple[str, ...]:
        """The values of a service's secrets, looked up once: what is told twice is told the same.

        An append that is tried again must be the very same.
        """
        if service not in self._hidden:
            from occ.app.hidden_values import hidden_values  # noqa: PLC0415 - readers hide nothing

            self._hidden[service] = hidden_values(
                self.settings, self.environ, self.journal, service
            )
        return self._hidden[service]

    def operation(self, number: int) -> Operation:
        """One operation; one that has ended is read once, as nothing is written to it any more.

        Raises:
            NotFoundError: the journal has no operation of this number.
        """
        if number in self._ended:
            return self._ended[number]
        operation = operation_of(self.journal, number)
        if operation.ending is not None:
            self._ended[number] = operation
        return operation

    @cached_property
    def engine(self) -> "Engine":
        """The engine of this machine: for questions that are about no service."""
        return self.open_engine()

    def engine_of(self, service: str) -> "Engine":  # noqa: ARG002 - every service lives here so far
        """The engine on which a service lives."""
        return self.engine

    def engine_ahead(self, service: str) -> int:
        """The ms by which its engine's clock is ahead of this machine's; 0 where it tells none."""
        told = self.engine_of(service).info().now
        return told - self.clock.now() if told else 0

    @cached_property
    def programs(self) -> "Programs":
        """The programs of this machine."""
        return self.open_programs(self.settings, self.environ)

    @cached_property
    def actor(self) -> Actor:
        """Who is typing."""
        return self.identify(self.environ, self.argv)

    @property
    def owner(self) -> str:
        """Who looks after our containers: user@machine:journal."""
        return f"{self.actor.operator}@{self.actor.machine}:{self.journal.address}"

    def stamp(self, service: str) -> Stamp:
        """The service, operator and time of entries that are written now."""
        return Stamp(service=service, operator=self.actor.operator, at=self.clock.now())

    def lock(self, service: str, *, aside: bool = False) -> Lock:
        """Take the service's lock; the end of its `with` block, or of the process, releases it.

        Operations that work `aside` have a lock of their own.

        Raises:
            BusyError: another occ has it; named from the journal.
            JournalUnwritableError: the lock cannot be made.
        """
        lock = self.journal.lock(service, aside=aside)
        try:
            lock.acquire()
        except BusyError as error:
            raise self._busy(service, aside=aside) from error
        return lock

    def driven(self, operation: Operation) -> bool | None:
        """Whether a process drives an unfinished operation now; None where nobody can tell."""
        from occ.domain.kinds import works_aside  # noqa: PLC0415 - history asks for no kind's facts

        aside = works_aside(operation.planned.kind)
        return self.journal.lock(operation.service, aside=aside).taken()

    def driven_by(self, operation: Operation) -> str:
        """The words for the process that drives an operation, and how long it has."""
        since = max(0, self.clock.now() - operation.driver_since) // 1000
        by = f"process {operation.driver.pid} of {operation.driver.operator}"
        return f"driven by {by} since {since} s"

    def _busy(self, service: str, *, aside: bool) -> BusyError:
        operation = unfinished_of(self.journal, service, aside=aside)
        if operation is None:
            return BusyError(
                f"another occ is about to begin an operation of {service}", hint="occ status"
            )
        named = f"operation {operation.number} ({operation.planned.kind}) of {service}"
        return BusyError(
            f"{named} is {self.driven_by(operation)}",
            hint=f"occ show {operation.number}",
        )

    def close(self) -> None:
        """Let go of what was opened."""
        if "journal" in self.__dict__:
            self.journal.close()
