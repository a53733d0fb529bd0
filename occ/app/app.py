"""The app: every verb that occ can be asked for, one method each.

Each imports what it needs when it is asked: `occ history` reads a journal and plans nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from occ import settings as settings_module
from occ.app.desk import Desk
from occ.app.ledgers import operation_of

if TYPE_CHECKING:
    from occ.app.boot import Booted, Unbooted
    from occ.app.change.removal import Purge
    from occ.app.change.unfinished import Way
    from occ.app.config.config import ConfigFile
    from occ.app.config.import_config import Imported
    from occ.app.config.interview import Interview, SetUp, Writing
    from occ.app.config.secrets import Secrets
    from occ.app.config.setup import Given
    from occ.app.results import (
        Check,
        Closed,
        Operator,
        Options,
        Outcome,
        Status,
        UserRow,
        Verified,
        VersionRow,
    )
    from occ.app.view.comparison import Compared
    from occ.app.view.history import HistoryFilter
    from occ.app.view.status import Reading
    from occ.domain.events import Kind
    from occ.domain.findings import Finding
    from occ.domain.history import Row
    from occ.domain.operation import Operation
    from occ.engine.values import Change
    from occ.settings import Settings
    from occ.units.unit import Scope


@dataclass(frozen=True, slots=True)
class App:
    """One desk and what can be asked at it. A service of None is the only one, or the default."""

    desk: Desk

    @classmethod
    def open(
        cls,
        environ: Mapping[str, str],
        *,
        config: str | None = None,
        journal: str | None = None,
        argv: Sequence[str] = (),
        new: bool = False,
        unread: bool = False,
    ) -> "App":
        """Read the settings; journal and engine are opened when first needed.

        With `new` the config that is named need not exist yet; with `unread` it is not looked
        into: one that cannot be used is still found and edited.

        Raises:
            ConfigError: the configuration cannot be used.
        """
        read = settings_module.load(environ, config=config, journal=journal, new=new, unread=unread)
        return cls(Desk(settings=read, environ=environ, argv=tuple(argv)))

    @property
    def settings(self) -> "Settings":
        """The settings in force."""
        return self.desk.settings

    def service_name(self, name: str | None) -> str:
        """The service meant: the named one, the only one, or the default.

        Raises:
            NotFoundError: there is none of this name; those there are, are named.
        """
        if name is None or name in self.settings.services:
            return self.settings.service(name).name
        from occ.app.which_service import service_of  # noqa: PLC0415 - where the config has none

        return service_of(self.desk, name).name

    @property
    def _reading(self) -> "Reading":
        from occ.app.view.status import Reading  # noqa: PLC0415 - the past asks no engine

        return Reading(self.desk)

    def setup(self, given: "Given", interview: "Interview") -> "SetUp":
        """Have a service declared in the config, its values asked for."""
        from occ.app.config.setup import Setup  # noqa: PLC0415 - no other verb asks

        return Setup(self.desk).run(given, interview)

    def import_config(
        self,
        path: str | None,
        service: str | None,
        tell: Callable[[str], None],
        agree: "Callable[[Writing], bool]",
    ) -> "Imported":
        """Have what opencode-cloud's config declares declared in ours."""
        from occ.app.config.import_config import Importing  # noqa: PLC0415 - typed once in a life

        return Importing(self.desk).run(path, service, tell, agree)

    def change(
        self, kind: "Kind", service: str | None, options: "Options", operator: "Operator"
    ) -> "Outcome":
        """Make a change of a service: lock, observe, plan, ask, write the plan, carry it out."""
        from occ.app.change.sequence import change  # noqa: PLC0415 - reading plans nothing

        return change(self.desk, kind, service, options, operator)

    def end(self, way: "Way", service: str | None, operator: "Operator") -> "Closed | Outcome":
        """Resume, abort or abandon the unfinished operation of a service."""
        from occ.app.change.unfinished import WAYS  # noqa: PLC0415 - reading ends nothing

        return WAYS[way](self.desk, self.service_name(service), operator)

    def status(self, service: str | None) -> "Status":
        """What runs, against what the journal says."""
        return self._reading.status(self.service_name(service))

    def versions(self, service: str | None, *, ask_registry: bool) -> "tuple[VersionRow, ...]":
        """All versions of a service, newest first."""
        return self._reading.versions(self.service_name(service), ask_registry=ask_registry)

    def accounts(self, service: str | None) -> "tuple[UserRow, ...]":
        """The users of the config, and the people's accounts in the container."""
        from occ.app.change.users import listed  # noqa: PLC0415 - other commands need none of it

        return listed(self.desk, self.service_name(service))

    @property
    def config(self) -> "ConfigFile":
        """The config that the settings were read from."""
        from occ.app.config.config import ConfigFile  # noqa: PLC0415 - other commands only read it

        return ConfigFile(self.desk)

    def compared(self, service: str | None) -> "Compared":
        """The config against the version that runs."""
        from occ.app.view.comparison import compared  # noqa: PLC0415 - asked for by one command

        return compared(self.desk, self.service_name(service))

    def changes(self, service: str | None) -> "tuple[Change, ...]":
        """The files in the container's own layer that a replacement would not have."""
        from occ.app.change.users import changed  # noqa: PLC0415 - other commands need none of it

        return changed(self.desk, self.service_name(service))

    def history(self, wanted: "HistoryFilter") -> "tuple[Row, ...]":
        """Operations, newest first; those that changed nothing only when asked for."""
        from occ.app.view.history import history  # noqa: PLC0415 - `occ start` lists none

        return history(self.desk, wanted)

    @property
    def secrets(self) -> "Secrets":
        """The services' secrets: kept, listed, compared; never shown."""
        from occ.app.config.secrets import Secrets  # noqa: PLC0415 - no other verb needs it

        return Secrets(self.desk)

    def show(self, operation: int) -> "Operation":
        """One operation with every step.

        Raises:
            NotFoundError: there is none of this number.
        """
        return operation_of(self.desk.journal, operation)

    def logs(
        self,
        service: str | None,
        *,
        tail: int | None,
        since: int,
        timestamps: bool,
        follow: bool,
    ) -> Iterator[bytes]:
        """The container's output."""
        return self._reading.logs(
            self.service_name(service), tail=tail, since=since, timestamps=timestamps, follow=follow
        )

    def check(self, service: str | None) -> "Check":
        """Whether the registry has another image than the one that runs."""
        return self._reading.check(self.service_name(service))

    def doctor(self, service: str | None) -> "tuple[Finding, ...]":
        """Everything that is not as it should be; of all services when none is named."""
        from occ.app.doctor.doctor import Doctor  # noqa: PLC0415 - other commands need none of it

        names = (self.service_name(service),) if service else tuple(self.settings.services)
        return Doctor(self.desk).examine(names)

    def install(self, service: str | None, scope: "Scope | None", *, dry_run: bool) -> "Booted":
        """Have it started at boot."""
        from occ.app import boot  # noqa: PLC0415 - nobody else writes units

        wanted = self.settings.service(self.service_name(service))
        return boot.install(self.desk, wanted, boot.boot_here(self.desk, scope), dry_run=dry_run)

    def uninstall(self, service: str | None, scope: "Scope | None") -> "Unbooted":
        """Have it not started at boot any more; one that the config has no longer, too."""
        from occ.app import boot  # noqa: PLC0415 - as above
        from occ.domain.values import service_name  # noqa: PLC0415 - as above

        name = service_name(service) if service else self.service_name(None)
        return boot.uninstall(name, boot.boot_here(self.desk, scope))

    def purging(self, service: str | None) -> "Purge":
        """The files of config and journal that a purge would remove."""
        from occ.app.change.removal import purging  # noqa: PLC0415 - typed once in a life

        return purging(self.desk, self.service_name(service))

    def purge(self, wanted: "Purge") -> None:
        """Have these files gone."""
        from occ.app.change.removal import purge  # noqa: PLC0415 - as above

        purge(self.desk, wanted)

    def journal_path(self) -> str:
        """Where the journal is."""
        return self.desk.journal.address

    def journal_verify(self) -> "Verified":
        """Walk the whole chain, and compare it with the heads that our containers carry.

        Only a head noted elsewhere reveals a tail that was cut off. Without an engine there is
        none to compare with, and the answer says so.

        Raises:
            JournalDamagedError: naming the first entry that does not fit.
        """
        return self._reading.verified()

    def journal_advance(self, service: str | None, operator: "Operator") -> "Outcome":
        """Accept a host that is ahead: the next numbers begin after those found on it."""
        from occ.app.change.unfinished import advance  # noqa: PLC0415 - typed once in a life

        return advance(self.desk, self.service_name(service), operator)

    def close(self) -> None:
        """Let go of what was opened."""
        self.desk.close()
