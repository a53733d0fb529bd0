"""Doctor: everything that is not as it should be, each with the command that mends it."""

import stat
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from occ.app.checks import machine
from occ.app.checks.service import service as service_findings
from occ.app.desk import Desk
from occ.domain.findings import Finding
from occ.engine.values import EngineInfo
from occ.errors import EngineUnreachableError, JournalError, OccError
from occ.journal.place import network_type

_OLDEST_API = (1, 41)  # Docker Engine 20.10


@dataclass(frozen=True, slots=True)
class Doctor:
    """Looks at one desk's journal, engine, machine and services; writes nothing."""

    desk: Desk

    def examine(self, services: Sequence[str]) -> tuple[Finding, ...]:
        """All findings, those of the machine first."""
        return tuple(self._examine(services))

    def _examine(self, services: Sequence[str]) -> Iterator[Finding]:
        whole = yield from self._journal()
        info = yield from self._engine()
        yield from machine.room(self.desk.settings.data, info)
        names = self.desk.engine.names() if info else ()
        home = Path(self.desk.environ.get("HOME", "/"))
        yield from machine.pruners(Path("/"), home, names)
        yield from machine.sqlite()
        if info is None or not whole:
            return
        for name in services:
            try:
                yield from service_findings(self.desk, name, info)
            except EngineUnreachableError as error:
                yield _of(error)
                return

    def _journal(self) -> Generator[Finding, None, bool]:
        """Whether it can be read to its end; the generator's value says so."""
        try:
            self.desk.journal.verify(self.desk.noted_heads() or ())
        except JournalError as error:
            yield _of(error)
            return False
        path = Path(self.desk.journal.address)
        if kind := network_type(path):
            yield Finding(
                code="journal_network",
                says=f"{path} is on a network file system ({kind}); occ only reads it there",
                fix="copy it to a disk of this machine, and name it: occ --journal PATH doctor",
            )
        if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Finding(
                code="journal_readable",
                says=f"others can read or write the journal {path}",
                fix=f"chmod 600 {path}",
            )
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
                fix="docker version",
            )
        return info


def _of(error: OccError) -> Finding:
    return Finding(code=error.code, says=error.message, fix=error.hint)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
