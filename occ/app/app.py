"""The app: every verb that occ can be asked for, answered by the function that it imports.

That function tells the verb's meaning and errors. It is imported when the verb is asked for:
`occ history` reads a journal and plans nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from occ import settings as settings_module
from occ.app.desk import Desk

if TYPE_CHECKING:
    from pathlib import Path

    from occ.app import results
    from occ.app.auto.results import AutoRun
    from occ.app.auto.timer import Timed, Untimed
    from occ.app.boot import Booted, Unbooted
    from occ.app.change.compose_project import Project
    from occ.app.change.removal import Purge
    from occ.app.change.snapshot_difference import SnapshotDifference
    from occ.app.change.unfinished import Way
    from occ.app.change.why import Why
    from occ.app.config.config import ConfigFile
    from occ.app.config.import_compose import ComposeImported
    from occ.app.config.import_config import Imported
    from occ.app.config.interview import Interview, SetUp, Writing
    from occ.app.config.secrets import SecretKept, SecretRow, SecretSeen
    from occ.app.config.setup import Given
    from occ.app.operator import AskLarge, Operator
    from occ.app.options import Options
    from occ.app.outbox.backlog import TargetRow
    from occ.app.outbox.deliver import Sent
    from occ.app.service_status import Status
    from occ.app.view.comparison import Comparison
    from occ.app.view.data_sets import DataSetRow
    from occ.app.view.events import EventFilter, EventRow
    from occ.app.view.history import HistoryFilter
    from occ.app.view.snapshots import SnapshotRow
    from occ.domain.data_choice import Source
    from occ.domain.events import Kind
    from occ.domain.findings import Finding
    from occ.domain.history import Row
    from occ.domain.operation import Operation
    from occ.engine.values import Change
    from occ.journal.port import Head
    from occ.operations.kinds.hold import HoldWish
    from occ.settings import Settings
    from occ.units.unit import Scope


@dataclass(frozen=True, slots=True)
class App:
    """One desk and the verbs there. A service of None is the only one, or the default."""

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

        With `new` the config that is named need not exist yet. With `unread` it is not looked
        into, so that a config that cannot be used is still found and edited.

        Raises:
            ConfigError: the configuration cannot be used.
        """
        read = settings_module.load(environ, config=config, journal=journal, new=new, unread=unread)
        return cls(Desk(settings=read, environ=environ, argv=tuple(argv)))

    def close(self) -> None:
        """Let go of what was opened."""
        self.desk.close()

    @property
    def settings(self) -> "Settings":
        """The settings in force."""
        return self.desk.settings

    def service_name(self, name: str | None) -> str:
        """The service meant: the named one, the only one, or the default.

        Raises:
            NotFoundError: there is no service of this name; the message names those there are.
        """
        if name is None or name in self.settings.services:
            return self.settings.service(name).name
        from occ.app.which_service import service_of

        return service_of(self.desk, name).name

    # Changing a service

    def change(
        self,
        kind: "Kind",
        service: str | None,
        options: "Options",
        operator: "Operator",
    ) -> "results.Outcome":
        from occ.app.change.sequence import change

        return change(self.desk, kind, service, options, operator)

    def compose_project(self, name: str) -> "Project":
        from occ.app.change.compose_project import project_of

        return project_of(self.desk, name)

    def end(
        self, way: "Way", service: str | None, operator: "Operator"
    ) -> "results.Closed | results.Outcome":
        from occ.app.change.unfinished import end

        return end(self.desk, way, self.service_name(service), operator)

    def hold(self, service: str | None, wish: "HoldWish") -> "results.Outcome":
        from occ.app.change.holds import hold

        return hold(self.desk, self.service_name(service), wish)

    def unhold(self, service: str | None, why: str) -> "results.Outcome":
        from occ.app.change.holds import unhold

        return unhold(self.desk, self.service_name(service), why)

    def choose_snapshot(self, service: str, ask: "AskLarge", say: Callable[[str], None]) -> None:
        from occ.app.change.taking import choose_beforehand

        choose_beforehand(self.desk, self.settings.service(service), ask, say)

    def journal_advance(self, service: str | None, operator: "Operator") -> "results.Outcome":
        from occ.app.change.unfinished import advance

        return advance(self.desk, self.service_name(service), operator)

    def purging(self, service: str | None) -> "Purge":
        from occ.app.change.removal import purging

        return purging(self.desk, self.service_name(service))

    def purge(self, wanted: "Purge") -> None:
        from occ.app.change.removal import purge

        purge(self.desk, wanted)

    def install(self, service: str | None, scope: "Scope | None", *, dry_run: bool) -> "Booted":
        from occ.app import boot

        wanted = self.settings.service(self.service_name(service))
        return boot.install(self.desk, wanted, boot.boot_here(self.desk, scope), dry_run=dry_run)

    def uninstall(self, service: str | None, scope: "Scope | None") -> "Unbooted":
        from occ.app import boot
        from occ.domain.values import service_name

        # The config need not have the service any more.
        name = service_name(service) if service else self.service_name(None)
        return boot.uninstall(name, boot.boot_here(self.desk, scope))

    def auto_run(self, operator: "Operator", *, dry_run: bool) -> "AutoRun":
        from occ.app.auto.awake import Awake
        from occ.app.auto.run import auto_run
        from occ.units.inhibitor import inhibit

        return auto_run(self.desk, operator, Awake(inhibit), dry_run=dry_run)

    def install_timer(self, scope: "Scope | None", on_failure: str, *, dry_run: bool) -> "Timed":
        from occ.app.auto import timer

        timers = timer.timers_here(self.desk, scope)
        return timer.install(self.desk, timers, on_failure=on_failure, dry_run=dry_run)

    def cron_line(self) -> "Timed":
        from occ.app.auto.timer import for_cron

        return for_cron(self.desk)

    def uninstall_timer(self, scope: "Scope | None") -> "Untimed":
        from occ.app.auto import timer

        return timer.uninstall(self.desk, timer.timers_here(self.desk, scope))

    # Looking

    def status(self, service: str | None) -> "Status":
        from occ.app.view.status import status

        return status(self.desk, self.service_name(service))

    def versions(
        self, service: str | None, *, ask_registry: bool
    ) -> "tuple[results.VersionRow, ...]":
        from occ.app.view.versions import versions

        return versions(self.desk, self.service_name(service), ask_registry=ask_registry)

    def own_data(self, service: str | None, to: int) -> "tuple[int, Source] | None":
        from occ.app.change.rollback_data import own_data_of_target

        return own_data_of_target(self.desk, self.service_name(service), to)

    def data_sets(self, service: str | None) -> "tuple[DataSetRow, ...]":
        from occ.app.view.data_sets import data_sets

        return data_sets(self.desk, self.service_name(service))

    def adopt_name(
        self, service: str | None, options: "Options", operator: "Operator"
    ) -> "results.Outcome":
        from occ.app.change.adopt_name import adopt_name

        return adopt_name(self.desk, self.service_name(service), options, operator)

    def check(self, service: str | None) -> "results.Check":
        from occ.app.view.check import check

        return check(self.desk, self.service_name(service))

    def why(self, service: str | None) -> "Why":
        from occ.app.change.why import why

        return why(self.desk, self.service_name(service))

    def comparison(self, service: str | None) -> "Comparison":
        from occ.app.view.comparison import comparison

        return comparison(self.desk, self.service_name(service))

    def logs(
        self, service: str | None, *, tail: int | None, since: int, timestamps: bool, follow: bool
    ) -> Iterator[bytes]:
        from occ.app.view.logs import logs

        name = self.service_name(service)
        return logs(self.desk, name, tail=tail, since=since, timestamps=timestamps, follow=follow)

    def accounts(self, service: str | None) -> "tuple[results.UserRow, ...]":
        from occ.app.view.users import users

        return users(self.desk, self.service_name(service))

    def unsaved_files(self, service: str | None) -> "tuple[Change, ...]":
        from occ.app.view.users import unsaved_files

        return unsaved_files(self.desk, self.service_name(service))

    def history(self, wanted: "HistoryFilter") -> "tuple[Row, ...]":
        from occ.app.view.history import history

        return history(self.desk, wanted)

    def row(self, operation: "Operation") -> "Row":
        from occ.app.view.history import row_of

        return row_of(self.desk, operation)

    def show(self, operation: int) -> "Operation":
        from occ.app.ledgers import operation_of

        return operation_of(self.desk.journal, operation)

    # Telling others

    def afterwards(self, auto_status: int | None = None) -> tuple[str, ...]:
        from occ.app.outbox.afterwards import after_auto, afterwards

        return afterwards(self.desk) if auto_status is None else after_auto(self.desk, auto_status)

    def notify_test(self, name: str | None) -> "tuple[Sent, ...]":
        from occ.app.outbox import direct
        from occ.app.outbox.targets import chosen

        return direct.test(self.desk, chosen(self.desk.settings, name))

    def notify_list(self) -> "tuple[TargetRow, ...]":
        from occ.app.outbox.backlog import rows

        return rows(self.desk)

    def notify_retry(self) -> "tuple[Sent, ...]":
        from occ.app.outbox.deliver import ON_ITS_OWN_MS, deliver

        return deliver(self.desk, ON_ITS_OWN_MS)

    def metrics(self) -> str:
        from occ.app.outbox.metrics import metrics

        return metrics(self.desk)

    def metrics_into(self, file: "Path") -> None:
        from occ.app.outbox.metrics import write

        write(self.desk, file)

    def events(self, wanted: "EventFilter") -> "Iterator[EventRow]":
        from occ.app.view.events import events

        return events(self.desk, wanted)

    def journal_path(self) -> str:
        return self.desk.journal.address

    def journal_head(self) -> "Head":
        from occ.app.view.journal import head

        return head(self.desk)

    def journal_verify(self, given: str | None = None) -> "results.Verified":
        from occ.app.view.journal import verified

        return verified(self.desk, given)

    def doctor(self, service: str | None) -> "tuple[Finding, ...]":
        from occ.app.doctor.doctor import findings

        names = (self.service_name(service),) if service else tuple(self.settings.services)
        return tuple(findings(self.desk, names))

    # Snapshots

    def snapshots(self, service: str | None, *, removed: bool = False) -> "tuple[SnapshotRow, ...]":
        from occ.app.view.snapshots import rows

        return rows(self.desk, self.service_name(service), removed=removed)

    def snapshot(self, service: str | None, number: int) -> "SnapshotRow":
        from occ.app.view.snapshots import row

        return row(self.desk, self.service_name(service), number)

    def check_snapshot(self, service: str | None, number: int) -> None:
        from occ.app.view.snapshots import check

        check(self.desk, self.service_name(service), number)

    def snapshot_difference(
        self, service: str | None, before: int, after: int
    ) -> "SnapshotDifference":
        from occ.app.change.snapshot_difference import difference

        return difference(self.desk, self.service_name(service), before, after)

    def export_snapshot(self, service: str | None, number: int, target: "Path | BinaryIO") -> None:
        from occ.app.view.snapshots import export

        export(self.desk, self.service_name(service), number, target)

    # The config and its secrets

    def setup(self, given: "Given", interview: "Interview") -> "SetUp":
        from occ.app.config.setup import setup

        return setup(self.desk, given, interview)

    def import_config(
        self,
        path: str | None,
        service: str | None,
        tell: Callable[[str], None],
        agree: "Callable[[Writing], bool]",
    ) -> "Imported":
        from occ.app.config.import_config import import_config

        return import_config(self.desk, path, service, tell, agree)

    def import_compose(
        self,
        source: str,
        given: bytes | None,
        only: str | None,
        tell: Callable[[str], None],
        agree: "Callable[[Writing], bool]",
    ) -> "ComposeImported":
        from occ.app.config.import_compose import import_compose

        return import_compose(self.desk, source, given, only, tell, agree)

    @property
    def config(self) -> "ConfigFile":
        from occ.app.config.config import config_file

        return config_file(self.desk)

    def keep_secret(
        self, name: str, service: str | None, value: Callable[[], str], *, add: bool
    ) -> "SecretKept":
        from occ.app.config.secrets import keep_secret

        return keep_secret(self.desk, name, self._holder(service), value, add=add)

    def drop_secret(self, name: str, service: str | None) -> "SecretKept":
        from occ.app.config.secrets import drop_secret

        return drop_secret(self.desk, name, self._holder(service))

    def secret_rows(self, service: str | None) -> "tuple[SecretRow, ...]":
        from occ.app.config.secrets import secret_rows

        return secret_rows(self.desk, self._holder(service))

    def _holder(self, name: str | None) -> str:
        """The service meant, or the name that stands for the targets of messages."""
        from occ.app.outbox.targets import SECRETS_OF

        return name if name == SECRETS_OF else self.service_name(name)

    def secrets_of(self, operation: "Operation") -> "tuple[SecretSeen, ...]":
        from occ.app.config.secrets import secrets_of

        return secrets_of(self.desk, operation)
