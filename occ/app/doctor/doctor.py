"""Doctor: everything that is not as it should be, each with the command that mends it."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from occ.app.desk import Desk
from occ.app.doctor import journal, machine
from occ.app.doctor.service import service as service_findings
from occ.domain.findings import Finding
from occ.engine.values import EngineInfo
from occ.errors import EngineUnreachableError, JournalError, OccError

_OLDEST_API = (1, 41)  # Docker Engine 20.10


@dataclass(frozen=True, slots=True)
class Doctor:
    """Looks at one desk's journal, engine, machine and services; writes nothing."""

    desk: Desk

    def examine(self, services: Sequence[str]) -> tuple[Finding, ...]:
        """All findings, those of the machine first."""
        return tuple(self._examine(services))

    def _examine(self, services: Sequence[str]) -> Iterator[Finding]:
        whole = yield from self._journal(services)
        info = yield from self._engine()
        yield from machine.room(self.desk.journal.files(), info)
        yield from machine.pruners(Path("/"), Path(self.desk.environ.get("HOME", "/")))
        yield from machine.sqlite()
        if info is None:
            return
        try:
            yield from machine.updaters(self.desk.engine)
            for name in services if whole else ():
                yield from service_findings(self.desk, name, info)
        except EngineUnreachableError as error:
            yield _of(error)

    def _journal(self, services: Sequence[str]) -> Generator[Finding, None, bool]:
        """Whether it can be read to its end; the generator's value says so."""
        try:
            journal.verify(self.desk, services)
        except JournalError as error:
            yield _of(error)
            return False
        yield from self.desk.journal.findings()
        return True

    def _engine(self) -> Generator[Finding, None, EngineInfo | None]:
        """Which engine answers; the generator's value is None when none does."""
        try:
            info = self.desk.engine.info()
        except EngineUnreachableError as error:
            yield _of(error)
            return None
        if _numbers(info.api) < _OLDEST_API:
            yield Finding(
                code="engine_old",
                says=f"the engine at {info.address} speaks API {info.api}; occ is "
                "tested from 1.41 on (Docker Engine 20.10)",
                fix="update the engine; which it is: docker version",
            )
        return info


def _of(error: OccError) -> Finding:
    return Finding(code=error.code, says=error.message, fix=error.hint)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
