"""An app written by hand: it tells a story of real events, and asks as the real one does."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from occ.app.boot import Booted, Unbooted
from occ.app.config import Compared, Edited
from occ.app.import_config import Imported
from occ.app.interview import Interview, Precheck, Question, SetUp, Writing
from occ.app.past import HistoryFilter
from occ.app.removal import Purge
from occ.app.results import (
    Check,
    Closed,
    Options,
    Outcome,
    People,
    Proposal,
    Status,
    Unfinished,
    UserRow,
    Verified,
    VersionRow,
)
from occ.app.secrets import SecretKept, SecretRow, SecretSeen
from occ.domain import history
from occ.domain.events import (
    Event,
    OperationDone,
    OperationResumed,
    OperationReverting,
    OperationUndone,
    StepStarted,
)
from occ.domain.findings import Finding
from occ.domain.operation import Operation, advance
from occ.domain.spec import Spec
from occ.engine.port import Change, PullProgress
from occ.errors import (
    DeclinedError,
    NotFoundError,
    OccError,
    StoppedByOperatorError,
    UnfinishedError,
    UnhealthyError,
)
from tests.cli.story import (
    ANN,
    NOON,
    TAIL,
    TITLES,
    bad_story,
    begun,
    good_story,
    history_rows,
    planned,
    told,
)

PROPOSAL = Proposal(
    kind="update",
    service="web",
    titles=TITLES,
    downtime=True,
    warnings=("container sidecar shares its network or volumes",),
    before=1,
)

STATUS = Status(
    service="web",
    state="running",
    health="healthy",
    uptime_ms=130_000,
    container="c" * 64,
    version=2,
    recorded=2,
    standing="proven",
    reported="2.0",
    reference="example.test/web:latest",
    wanted="example.test/web:next",
    image="sha256:" + "0123456789ab" * 5 + "0123",
    digests=("example.test/web@sha256:" + "a" * 64,),
    ports=("127.0.0.1:3000:3000",),
    volumes=("web-data:/data", "web-cache:/root/.cache"),
    policy="unless-stopped",
    engine="unix:///run/docker.sock (29.1.0)",
    config="/etc/occ/config.toml",
    journal="/var/lib/occ/journal.db",
)
FINDINGS = (
    Finding(code="disk_low", says="12 MiB are free on the disk of the journal (/)", fix="df -h /"),
    Finding(code="sqlite", says="SQLite 3.40.1 may damage a file", fix="keep others off it"),
    Finding(
        code="leftover_container",
        says="container web.occ-next (fedcba987654, created) is left over",
        fix="occ repair",
        service="web",
    ),
)
WRITING = Writing(
    config="/etc/occ/config.toml",
    diff='+[services.web]\n+image = "example.test/web:latest"',
    prechecks=(
        Precheck(what="engine", fine=True, says="29.1.0 at unix:///run/docker.sock"),
        Precheck(what="disk", fine=True, says="there is room for journal and images"),
    ),
)
SECRETS = (
    SecretRow(
        service="web",
        name="API_TOKEN",
        source="/etc/occ/web.secrets",
        change="changed",
        named=True,
    ),
    SecretRow(service="web", name="DB_PASSWORD", source="environment", change="same", named=True),
    SecretRow(service="web", name="LOST", source="", change=None, named=True),
    SecretRow(service="web", name="SPARE", source="/etc/occ/web.secrets", change=None, named=False),
    SecretRow(service="web", name="TLS_KEY", source="keyring", change="unknown", named=True),
)
UNFINISHED = Unfinished(
    operation=3, kind="update", state="running", since=NOON, driver="ann, process 7 on host1"
)


def version_row(number: int, **more: Any) -> VersionRow:
    values: dict[str, Any] = {
        "number": number,
        "says": f"{number}.0",
        "reference": "example.test/web:latest",
        "digest": "sha256:" + f"{number}" * 64,
        "image": "sha256:" + f"{number}" * 64,
        "created_at": NOON + number * 60_000,
        "last_run_at": 0,
        "standing": "proven",
        "current": False,
        "here": True,
        "published": None,
        "spec": Spec(),
        **more,
    }
    return VersionRow(**values)


VERSIONS = (
    version_row(3, standing="bad", here=None, says=""),
    version_row(2, current=True, last_run_at=NOON + 3_600_000),
    version_row(1, here=False),
)


USERS = (
    UserRow(
        name="ann",
        present=True,
        declared=True,
        uid=1000,
        gid=1000,
        groups=("ann", "sudo"),
        home="/home/ann",
        shell="/bin/bash",
        password=True,
    ),
    UserRow(name="bob", present=False, declared=True),
)
CHANGES = (
    Change(kind="added", path="/usr/local/bin/tool"),
    Change(kind="changed", path="/etc/motd"),
)


@dataclass
class StagedConfig:
    """The config of the stage."""

    stage: "Stage"
    table: dict[str, Any] = field(
        default_factory=lambda: {"image": "example.test/web:latest", "env": {"COLOUR": "blue"}}
    )
    differs: str = '-COLOUR = "grey"\n+COLOUR = "blue"'

    @property
    def place(self) -> tuple[str, bool]:
        self.stage.look()
        return WRITING.config, True

    def shown(self, _service: str) -> dict[str, Any]:
        self.stage.look()
        return self.table

    def get(self, key: str, _service: str) -> object:
        self.stage.look()
        return self.table[key]

    def validate(self) -> tuple[str, ...]:
        self.stage.look()
        return ("web",)

    def compared(self, service: str) -> Compared:
        self.stage.look()
        return Compared(service=service, version=2, diff=self.differs)

    def _edited(self, *told: Any) -> Edited:
        self.stage.look()
        self.stage.calls.append(("edited", told))
        return Edited(config=WRITING.config, diff=self.differs)

    put = put_text = take_out = take_out_at = _edited


@dataclass
class Stage:
    """The app. What a test wants otherwise, it sets before."""

    story: list[Event] = field(default_factory=good_story)
    error: OccError | None = None
    status_now: Status = STATUS
    rows: tuple[history.Row, ...] | None = None
    version_rows: tuple[VersionRow, ...] = VERSIONS
    lines: tuple[bytes, ...] = (b"listening on 3000", b"caf\xe9 \xff", b"GET / 200")
    available: bool = True
    unchanged: str = ""
    installed: bool = True
    secrets: tuple[SecretRow, ...] = SECRETS
    reaches: tuple[str, str] = ("at boot", "")
    proposal: Proposal = PROPOSAL
    pulls: Iterable[PullProgress] = ()
    before_event: Callable[[int], object] = lambda _: None
    calls: list[tuple[str, Any]] = field(default_factory=list)
    names: tuple[str, ...] = ("web",)
    errors: dict[str, OccError] = field(default_factory=dict)
    opened: dict[str, Any] = field(default_factory=dict)
    closed: bool = False
    desk: Any = field(default_factory=lambda: SimpleNamespace(clock=SimpleNamespace(now=_noon)))

    def open(self, environ: Any, **more: Any) -> "Stage":
        self.opened = {"environ": environ, **more}
        return self

    def close(self) -> None:
        self.closed = True

    def service_name(self, name: str | None) -> str:
        if name is not None and name not in self.names:
            raise NotFoundError(f"there is no service {name}; there are: web", hint="occ status")
        return name or "web"

    @property
    def settings(self) -> Any:
        return SimpleNamespace(services=dict.fromkeys(self.names))

    def _change(self, verb: str, service: str | None, options: Options, people: People) -> Outcome:
        self.calls.append((verb, options))
        name = self.service_name(service)
        if error := self.errors.get(name, self.error):
            raise error
        proposal = replace(self.proposal, kind=verb, downtime=verb not in {"start", "user"})  # type: ignore[arg-type]
        if options.plan:
            return Outcome(service=name, proposal=proposal)
        if self.unchanged:
            return Outcome(
                service=name, operation=told([OperationDone()]), unchanged=self.unchanged
            )
        if not people.confirm(proposal):
            raise DeclinedError("nothing was changed", hint="occ status")
        return self._drive(name, people, begun(planned(kind=verb)))

    def _drive(self, name: str, people: People, operation: Operation) -> Outcome:
        for n, event in enumerate(self.story, 1):
            self.before_event(n)
            if people.asked():
                raise StoppedByOperatorError("operation 3 was ended as you asked")
            operation = advance(operation, event, NOON + n * 100)
            people.listen(operation, event)
            if event == StepStarted(1):
                for progress in self.pulls:
                    people.progress(progress)
        if operation.ending == "undone" and operation.cause == "failure":
            message = "update of web failed: exit code 1; it is as it was found"
            raise UnhealthyError(message, hint="occ show 3", log_tail=TAIL)
        if operation.ending is None:
            raise UnfinishedError("operation 3 of web is reverting", hint="occ resume")
        return Outcome(
            service=name,
            operation=operation,
            warnings=(
                "the password of ann must be set: docker exec -it web passwd ann",
                "web:previous is a tag of the registry's own",
            ),
            served=("http://127.0.0.1:3000",),
        )

    def update(self, service: str | None, options: Options, people: People) -> Outcome:
        return self._change("update", service, options, people)

    def apply(self, service: str | None, options: Options, people: People) -> Outcome:
        return self._change("apply", service, options, people)

    def repair(self, service: str | None, options: Options, people: People) -> Outcome:
        return self._change("repair", service, options, people)

    def adopt(self, asked: Any, options: Options, people: People) -> Outcome:
        return self._change("adopt", asked.service, options, people)

    def forget(self, service: str | None, options: Options, people: People) -> Outcome:
        return self._change("forget", service, options, people)

    def setup(self, wanted: Any, interview: Interview) -> SetUp:
        self.calls.append(("setup", wanted))
        self._look()
        asked = Question(key="image", text="Image", default="example.test/web:latest")
        if "image" not in wanted.given:
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
        self._look()
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

    def doctor(self, service: str | None) -> tuple[Finding, ...]:
        self._look()
        return tuple(f for f in FINDINGS if service in {None, f.service})

    def rollback(self, service: str | None, options: Options, people: People) -> Outcome:
        return self._change("rollback", service, options, people)

    def start(self, service: str | None, options: Options, people: People) -> Outcome:
        return self._change("start", service, options, people)

    def stop(self, service: str | None, options: Options, people: People) -> Outcome:
        return self._change("stop", service, options, people)

    def restart(self, service: str | None, options: Options, people: People) -> Outcome:
        return self._change("restart", service, options, people)

    def resume(self, service: str | None, options: Options, people: People) -> Outcome:
        self.calls.append(("resume", options))
        if self.unchanged:
            return Outcome(service="web", unchanged=self.unchanged)
        operation = begun(planned())
        operation = advance(operation, OperationResumed(ANN), NOON)
        people.listen(operation, OperationResumed(ANN))
        return self._drive(self.service_name(service), people, operation)

    def abort(self, service: str | None, options: Options, people: People) -> Outcome:
        self.calls.append(("abort", options))
        self._ask(service, people, "put operation 3 back")
        story = [*bad_story()[:-10], OperationReverting(cause="abort"), OperationUndone()]
        return Outcome(service="web", operation=told(story))

    def abandon(self, service: str | None, options: Options, people: People) -> Closed:
        self.calls.append(("abandon", options))
        self._ask(service, people, "close operation 3 and leave container web.occ-next")
        return Closed(operation=3, left=("container web.occ-next (fedcba987654, created)",))

    def journal_advance(self, service: str | None, people: People) -> Outcome:
        self._ask(service, people, "go on after operation 9 and version 4")
        return Outcome(service="web")

    def _ask(self, service: str | None, people: People, summary: str) -> None:
        if self.error:
            raise self.error
        name = self.service_name(service)
        proposal = Proposal(kind="update", service=name, titles=(), downtime=True, summary=summary)
        if not people.confirm(proposal):
            raise DeclinedError("nothing was changed", hint="occ status")

    def _look(self) -> None:
        if self.error:
            raise self.error

    look = _look

    @property
    def config(self) -> StagedConfig:
        return StagedConfig(self)

    def status(self, service: str | None) -> Status:
        self._look()
        return replace(self.status_now, service=self.service_name(service))

    def versions(self, service: str | None, *, ask_registry: bool) -> tuple[VersionRow, ...]:
        self._look()
        self.service_name(service)
        self.calls.append(("versions", ask_registry))
        return tuple(
            replace(row, published=row.number != 1 if ask_registry else None)
            for row in self.version_rows
        )

    def history(self, wanted: HistoryFilter) -> tuple[history.Row, ...]:
        self._look()
        self.calls.append(("history", wanted))
        return history_rows() if self.rows is None else self.rows

    def show(self, operation: int) -> Operation:
        self._look()
        if operation != 3:
            raise NotFoundError(f"there is no operation {operation}", hint="occ history")
        return told(self.story)

    def logs(self, service: str | None, **wanted: Any) -> Iterator[bytes]:
        self._look()
        self.service_name(service)
        self.calls.append(("logs", wanted))
        return iter(self.lines)

    def check(self, service: str | None) -> Check:
        self._look()
        return Check(
            service=self.service_name(service),
            reference="example.test/web:latest",
            running=("example.test/web@sha256:" + "a" * 64,),
            published="sha256:" + "b" * 64,
            available=self.available,
        )

    def secret_set(self, name: str, service: str | None, value: Callable[[], str]) -> SecretKept:
        self._look()
        self.calls.append(("secret_set", (name, service, value())))
        return self._kept(name, service)

    def secret_list(self, service: str | None) -> tuple[SecretRow, ...]:
        self._look()
        self.service_name(service)
        return self.secrets

    def secrets_of(self, operation: Operation) -> tuple[SecretSeen, ...]:
        assert operation.number == 3
        return (SecretSeen(name="API_TOKEN", by_it="changed", since="same"),)

    def secret_unset(self, name: str, service: str | None) -> SecretKept:
        self._look()
        self.calls.append(("secret_unset", (name, service)))
        return self._kept(name, service)

    def _kept(self, name: str, service: str | None) -> SecretKept:
        return SecretKept(
            service=self.service_name(service),
            name=name,
            where="/etc/occ/web.secrets",
            named=name == "API_TOKEN",
            changed=True,
        )

    def install(self, service: str | None, scope: str | None, *, dry_run: bool) -> Booted:
        self._look()
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
        self._look()
        self.calls.append(("uninstall", scope))
        unit = "/etc/systemd/system/occ-web.service"
        return Unbooted(service=self.service_name(service), unit=unit, removed=self.installed)

    def remove(self, service: str | None, options: Options, people: People) -> Outcome:
        return self._change("remove", service, options, people)

    def purging(self, service: str | None) -> Purge:
        self._look()
        self.calls.append(("purging", None))
        name = self.service_name(service)
        return Purge(service=name, files=("/etc/occ/config.toml",), notes=("its container stays",))

    def purge(self, wanted: Purge) -> None:
        self.calls.append(("purge", wanted.files))

    def user(
        self, service: str | None, wish: Any, hashed: str, options: Options, people: People
    ) -> Outcome:
        self.calls.append(("wish", (wish, hashed)))
        return self._change("user", service, options, people)

    def accounts(self, service: str | None) -> tuple[UserRow, ...]:
        self._look()
        self.service_name(service)
        return USERS

    def changes(self, service: str | None) -> tuple[Change, ...]:
        self._look()
        self.service_name(service)
        return CHANGES

    def journal_path(self) -> str:
        self._look()
        return "/var/lib/occ/journal.db"

    def journal_verify(self) -> Verified:
        self._look()
        return Verified(journal="/var/lib/occ/journal.db", entries=41, head="ab" * 32)


def _noon() -> int:
    return NOON
