"""An app written by hand: it tells a story of real events, and asks as the real one does."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from occ.app.auto.results import AutoLine, AutoRun
from occ.app.auto.timer import Timed, Untimed
from occ.app.boot import Booted, Unbooted
from occ.app.change.removal import Purge
from occ.app.change.why import Why
from occ.app.config.import_compose import ComposeImported
from occ.app.config.import_config import Imported
from occ.app.config.interview import Interview, Question, SetUp, Writing
from occ.app.config.secrets import SecretKept, SecretRow, SecretSeen
from occ.app.operator import Operator
from occ.app.outbox.backlog import TargetRow
from occ.app.outbox.deliver import Sent
from occ.app.results import (
    Caution,
    Check,
    Outcome,
    UserRow,
    Verified,
    VersionRow,
)
from occ.app.service_status import Status
from occ.app.view.comparison import Comparison
from occ.app.view.events import EventFilter, EventRow
from occ.app.view.history import HistoryFilter
from occ.domain import history
from occ.domain.data_choice import Source
from occ.domain.events import Kind, OperationPlanned
from occ.domain.findings import Finding
from occ.domain.operation import Operation
from occ.domain.reasons import Reason
from occ.domain.request import Found, Request
from occ.domain.values import Actor
from occ.engine.values import Change
from occ.errors import (
    DeclinedError,
    NotFoundError,
)
from occ.journal.port import Head
from occ.operations.kinds.hold import HoldWish
from tests.cli.props import (
    AUTO_LINES,
    CHANGES,
    EVENTS,
    FINDINGS,
    SECRETS,
    STATUS,
    TARGETS,
    USERS,
    VERSIONS,
    WRITING,
)
from tests.cli.shelf import Shelf
from tests.cli.staged import StagedConfig, kept
from tests.cli.story import (
    history_rows,
    told,
)


@dataclass
class Stage(Shelf):
    """The app. What a test wants otherwise, it sets before."""

    status_now: Status = STATUS
    rows: tuple[history.Row, ...] | None = None
    version_rows: tuple[VersionRow, ...] = VERSIONS
    lines: Iterable[bytes] = (b"listening on 3000", b"caf\xe9 \xff", b"GET / 200")
    available: bool = True
    caution: Caution | None = None
    reasons: tuple[Reason, ...] = ()
    checks: dict[str, Check] = field(default_factory=dict)
    installed: bool = True
    findings: tuple[Finding, ...] = FINDINGS
    source: Source | None = None
    """The data of its own of the version that a rollback means."""
    found_secrets: tuple[SecretRow, ...] = SECRETS
    reaches: tuple[str, str] = ("at boot", "")
    afterwards_says: tuple[str, ...] = ()
    told_others: int = 0
    auto_status: int | None = None
    sent: tuple[Sent, ...] = (Sent(target="phone", delivered=2),)
    auto_lines: tuple[AutoLine, ...] = AUTO_LINES

    def setup(self, wanted: Any, interview: Interview) -> SetUp:
        self.calls.append(("setup", wanted))
        self.look()
        asked = Question(key="image", text="Image", default="example.test/web:latest")
        if "image" not in wanted.answers:
            interview.ask(asked)
        if not interview.agree(WRITING):
            raise DeclinedError("nothing was written", hint="occ setup")
        return SetUp(service="web", config=WRITING.config, written=True, installed=False)

    def import_config(
        self,
        path: str | None,
        service: str | None,
        tell: Callable[[str], None],
        agree: Callable[[Writing], bool],
    ) -> Imported:
        self.calls.append(("import_config", (path, service)))
        self.look()
        left = "boot_mode: occ install --system, or --user, says it"
        tell(f"not carried: {left}")
        if not agree(WRITING):
            raise DeclinedError("nothing was written", hint="occ import-config")
        return Imported(
            service="web",
            source=path or "",
            config=WRITING.config,
            written=True,
            left=(left,),
            secrets=("API_TOKEN",),
            secrets_file="/etc/occ/web.secrets",
        )

    def import_compose(
        self,
        source: str,
        given: bytes | None,
        only: str | None,
        tell: Callable[[str], None],
        agree: Callable[[Writing], bool],
    ) -> ComposeImported:
        self.calls.append(("import_compose", (source, given, only)))
        self.look()
        left = "services.web.platform: the engine takes the image of its own platform"
        tell(f"not said: {left}")
        if not agree(WRITING):
            raise DeclinedError("nothing was written", hint=f"occ import-compose {source}")
        return ComposeImported(
            project="shop",
            source=source,
            config=WRITING.config,
            services=("db", "web"),
            written=True,
            left=(left,),
            secrets=("occ secret set DB_PASSWORD --service db",),
        )

    def doctor(self, service: str | None) -> tuple[Finding, ...]:
        self.look()
        return tuple(f for f in self.findings if service in {None, f.service})

    @property
    def config(self) -> StagedConfig:
        return StagedConfig(self)

    def status(self, service: str | None) -> Status:
        self.look()
        return replace(self.status_now, service=self.service_name(service))

    def versions(self, service: str | None, *, ask_registry: bool) -> tuple[VersionRow, ...]:
        self.look()
        self.service_name(service)
        self.calls.append(("versions", ask_registry))
        return tuple(
            replace(row, published=row.number != 1 if ask_registry else None)
            for row in self.version_rows
        )

    def own_data(self, service: str | None, to: int) -> tuple[int, Source] | None:
        self.look()
        self.service_name(service)
        return (to or 1, self.source) if self.source else None

    def row(self, operation: Operation) -> history.Row:
        return history.row(operation)

    def history(self, wanted: HistoryFilter) -> tuple[history.Row, ...]:
        self.look()
        self.calls.append(("history", wanted))
        return history_rows() if self.rows is None else self.rows

    def show(self, operation: int) -> Operation:
        self.look()
        if operation != 3:
            raise NotFoundError(f"there is no operation {operation}", hint="occ history")
        return told(self.story)

    def logs(self, service: str | None, **wanted: Any) -> Iterator[bytes]:
        self.look()
        self.service_name(service)
        self.calls.append(("logs", wanted))
        return iter(self.lines)

    def check(self, service: str | None) -> Check:
        self.look()
        name = self.service_name(service)
        if error := self.errors.get(name):
            raise error
        return self.checks.get(name) or Check(
            service=name,
            reference="example.test/web:latest",
            running=("example.test/web@sha256:" + "a" * 64,),
            published="sha256:" + "b" * 64,
            available=self.available,
            caution=self.caution,
            reasons=self.reasons or _reasons(self.caution),
        )

    def why(self, service: str | None) -> Why:
        self.look()
        return Why(service=self.service_name(service), due=not self.reasons, reasons=self.reasons)

    def hold(self, service: str | None, wish: HoldWish) -> Outcome:
        return self._written("hold", service, wish)

    def unhold(self, service: str | None, why: str) -> Outcome:
        return self._written("unhold", service, why)

    def _written(self, kind: Kind, service: str | None, wish: object) -> Outcome:
        self.look()
        name = self.service_name(service)
        self.calls.append((kind, wish))
        planned = OperationPlanned(
            kind=kind,
            actor=Actor(operator="ann"),
            request=Request(),
            found=Found(),
            steps=(),
            current=1,
        )
        operation = Operation(
            number=9,
            service=name,
            planned=planned,
            at=1,
            steps=(),
            driver=planned.actor,
            ending="done",
            ended_at=1,
        )
        return Outcome(service=name, operation=operation)

    def install(self, service: str | None, scope: str | None, *, dry_run: bool) -> Booted:
        self.look()
        self.calls.append(("install", (scope, dry_run)))
        return Booted(
            service=self.service_name(service),
            unit="/etc/systemd/system/occ-web.service",
            text="[Unit]\nDescription=web\n",
            done=not dry_run,
            changed=True,
            reaches=self.reaches[0],
            fix=self.reaches[1],
        )

    def uninstall(self, service: str | None, scope: str | None) -> Unbooted:
        self.look()
        self.calls.append(("uninstall", scope))
        unit = "/etc/systemd/system/occ-web.service"
        return Unbooted(service=self.service_name(service), unit=unit, removed=self.installed)

    def install_timer(self, scope: str | None, on_failure: str, *, dry_run: bool) -> Timed:
        self.look()
        self.calls.append(("install_timer", (scope, on_failure, dry_run)))
        return Timed(
            timer="occ_auto",
            config="/etc/occ/config.toml",
            units=("/etc/systemd/system/occ_auto.service", "/etc/systemd/system/occ_auto.timer"),
            text="# /etc/systemd/system/occ_auto.service\n[Unit]\n",
            done=not dry_run,
            changed=True,
            services=("db", "web"),
            reaches=f"every 10 minutes{' while ann is logged in' * bool(self.reaches[1])}",
            fix=self.reaches[1],
        )

    def cron_line(self) -> Timed:
        self.look()
        return Timed(
            timer="occ_auto",
            config="/etc/occ/config.toml",
            units=(),
            text="*/10 * * * * occ auto run --quiet\n",
            done=False,
            changed=False,
            services=("web",),
        )

    def uninstall_timer(self, scope: str | None) -> Untimed:
        self.look()
        self.calls.append(("uninstall_timer", scope))
        return Untimed(timer="occ_auto", removed=self.installed)

    def auto_run(self, operator: Operator, *, dry_run: bool) -> AutoRun:  # noqa: ARG002 - nothing is asked
        self.look()
        self.calls.append(("auto_run", dry_run))
        return AutoRun(lines=self.auto_lines)

    def purging(self, service: str | None) -> Purge:
        self.look()
        self.calls.append(("purging", None))
        name = self.service_name(service)
        return Purge(service=name, files=("/etc/occ/config.toml",), notes=("its container stays",))

    def purge(self, wanted: Purge) -> None:
        self.calls.append(("purge", wanted.files))

    def accounts(self, service: str | None) -> tuple[UserRow, ...]:
        self.look()
        self.service_name(service)
        return USERS

    def comparison(self, service: str | None) -> Comparison:
        self.look()
        return Comparison(
            service=self.service_name(service),
            version=2,
            diff=self.config.differs,
            secrets={"A_KEY": "changed", "B_KEY": "unknown", "C_KEY": "new", "D_KEY": "gone"},
        )

    def unsaved_files(self, service: str | None) -> tuple[Change, ...]:
        self.look()
        self.service_name(service)
        return CHANGES

    def afterwards(self, auto_status: int | None = None) -> tuple[str, ...]:
        self.told_others += 1
        self.auto_status = auto_status
        return self.afterwards_says

    def notify_test(self, name: str | None) -> tuple[Sent, ...]:
        self.look()
        return tuple(replace(one, target=name or one.target) for one in self.sent)

    def notify_list(self) -> tuple[TargetRow, ...]:
        self.look()
        return TARGETS

    def notify_retry(self) -> tuple[Sent, ...]:
        self.look()
        return self.sent

    def metrics(self) -> str:
        self.look()
        return "# HELP occ_up Whether.\nocc_up 1.0\n"

    def metrics_into(self, file: Path) -> None:
        self.look()
        self.calls.append(("metrics", file))

    def events(self, wanted: EventFilter) -> Iterator[EventRow]:
        self.look()
        self.calls.append(("events", wanted))
        return iter(EVENTS)

    def journal_path(self) -> str:
        self.look()
        return "/var/lib/occ/journal.db"

    def journal_head(self) -> Head:
        self.look()
        return Head(41, "ab" * 32)

    def journal_verify(self, given: str | None = None) -> Verified:
        self.look()
        where, last = "/var/lib/occ/journal.db", "ab" * 32
        return Verified(journal=where, entries=41, head=last, noted=2, given=given or "")

    def keep_secret(
        self, name: str, service: str | None, value: Callable[[], str], *, add: bool
    ) -> SecretKept:
        self.look()
        chosen = self.service_name(service)
        self.calls.append(("secret put", (name, chosen, value())))
        done = kept(name, chosen)
        return replace(done, named=True, added=True) if add and not done.named else done

    def drop_secret(self, name: str, service: str | None) -> SecretKept:
        self.look()
        chosen = self.service_name(service)
        self.calls.append(("secret taken out", (name, chosen)))
        return kept(name, chosen)

    def secret_rows(self, _service: str | None) -> tuple[SecretRow, ...]:
        self.look()
        return self.found_secrets

    def secrets_of(self, operation: Operation) -> tuple[SecretSeen, ...]:
        assert operation.number == 3
        return (SecretSeen(name="API_TOKEN", by_it="changed", since="same"),)


def _reasons(caution: Caution | None) -> tuple[Reason, ...]:
    """The caution as the reason that it is."""
    if caution is None:
        return ()
    return (
        Reason(name=caution.reason, hard=False, since=1, text=caution.says, ends="a newer image"),
    )
