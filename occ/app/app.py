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
    from occ.app.change.adopt import Adopting, Asked
    from occ.app.change.removal import Purge
    from occ.app.change.sequence import Changes
    from occ.app.change.unfinished import Ways
    from occ.app.config.config import ConfigFile
    from occ.app.config.import_config import Imported
    from occ.app.config.interview import Interview, SetUp, Writing
    from occ.app.config.secrets import Secrets
    from occ.app.config.setup import Given
    from occ.app.results import (
        Check,
        Closed,
        Options,
        Outcome,
        People,
        Status,
        UserRow,
        Verified,
        VersionRow,
    )
    from occ.app.view.comparison import Compared
    from occ.app.view.history import HistoryFilter
    from occ.app.view.status import Reading
    from occ.domain.findings import Finding
    from occ.domain.history import Row
    from occ.domain.operation import Operation
    from occ.engine.values import Change
    from occ.operations.kinds.user import UserWish
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
    def _changes(self) -> "Changes":
        from occ.app.change.sequence import Changes  # noqa: PLC0415 - reading plans nothing

        return Changes(self.desk)

    @property
    def _ways(self) -> "Ways":
        from occ.app.change.unfinished import Ways  # noqa: PLC0415 - as for changes

        return Ways(self.desk)

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

    def start(self, service: str | None, options: "Options", people: "People") -> "Outcome":
        """Have it running and healthy."""
        return self._changes.start(self.service_name(service), options, people)

    def stop(self, service: str | None, options: "Options", people: "People") -> "Outcome":
        """Have it stopped."""
        return self._changes.stop(self.service_name(service), options, people)

    def restart(self, service: str | None, options: "Options", people: "People") -> "Outcome":
        """Have it stopped and running again."""
        return self._changes.restart(self.service_name(service), options, people)

    def update(self, service: str | None, options: "Options", people: "People") -> "Outcome":
        """Have the newest image and the config's spec running, or everything as it was."""
        return self._changes.update(self.service_name(service), options, people)

    def apply(self, service: str | None, options: "Options", people: "People") -> "Outcome":
        """Have the config's spec running with the image that is there, or everything as it was."""
        return self._changes.apply(self.service_name(service), options, people)

    def repair(self, service: str | None, options: "Options", people: "People") -> "Outcome":
        """Have containers and keep tags as the journal says."""
        return self._changes.repair(self.service_name(service), options, people)

    def rollback(self, service: str | None, options: "Options", people: "People") -> "Outcome":
        """Have a recorded version running again."""
        return self._changes.rollback(self.service_name(service), options, people)

    def adopt(self, asked: "Asked", options: "Options", people: "People") -> "Outcome":
        """Have a container that somebody else made as a service's own, without touching it."""
        return self._adopting.adopt(asked, options, people)

    def forget(self, service: str | None, options: "Options", people: "People") -> "Outcome":
        """Look after a service's containers no more; they stay as they are."""
        return self._adopting.forget(service, options, people)

    @property
    def _adopting(self) -> "Adopting":
        from occ.app.change.adopt import Adopting  # noqa: PLC0415 - no other verb needs it

        return Adopting(self.desk)

    def resume(self, service: str | None, _options: "Options", people: "People") -> "Outcome":
        """Carry an unfinished operation on."""
        return self._ways.resume(self.service_name(service), people)

    def abort(self, service: str | None, _options: "Options", people: "People") -> "Outcome":
        """Put an unfinished operation back."""
        return self._ways.abort(self.service_name(service), people)

    def abandon(
        self, service: str | None, _options: "Options", people: "People"
    ) -> "Closed | Outcome":
        """Close an unfinished operation without touching anything."""
        return self._ways.abandon(self.service_name(service), people)

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

    def user(
        self,
        service: str | None,
        wish: "UserWish",
        hashed: str,
        options: "Options",
        people: "People",
    ) -> "Outcome":
        """Add, remove, lock or unlock a user, or give it a password by its hash."""
        from occ.app.change.users import carry_out  # noqa: PLC0415 - other commands need none of it

        name = self.service_name(service)
        return carry_out(self._changes, name, wish, hashed, options, people)

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

    def remove(self, service: str | None, options: "Options", people: "People") -> "Outcome":
        """Have its containers and volumes gone from the host."""
        return self._changes.remove(self.service_name(service), options, people)

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

    def journal_advance(self, service: str | None, people: "People") -> "Outcome":
        """Accept a host that is ahead: the next numbers begin after those found on it."""
        return self._ways.advance(self.service_name(service), people)

    def close(self) -> None:
        """Let go of what was opened."""
        self.desk.close()
