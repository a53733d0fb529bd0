"""What the app of the stage answers, unless a test wants it otherwise."""

from typing import Any

from occ.app.auto.results import AutoLine
from occ.app.config.interview import Precheck, Writing
from occ.app.config.secrets import SecretRow
from occ.app.outbox.backlog import TargetRow
from occ.app.results import (
    Proposal,
    UserRow,
    VersionRow,
)
from occ.app.service_status import Status, Unfinished
from occ.app.view.events import EventRow
from occ.domain.findings import Finding
from occ.domain.outages import Outage
from occ.domain.reasons import Reason
from occ.domain.spec import Spec
from occ.engine.values import Change
from tests.cli.story import (
    NOON,
    TITLES,
)

PROPOSAL = Proposal(
    kind="update",
    service="web",
    titles=TITLES,
    downtime=True,
    warnings=("container sidecar shares its network or volumes",),
    before=1,
    outage=Outage(middle_ms=2_900, low_ms=2_400, high_ms=3_800, count=20),
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
    operation=3,
    kind="update",
    state="running",
    since=NOON,
    driver="ann, process 7 on host1",
    driven=False,
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

TARGETS = (
    TargetRow(
        target="phone",
        way="plain",
        address="https://ntfy.example",
        events=("failed", "needs_person"),
        waiting=2,
        oldest_at=NOON,
        delivered_at=0,
        failed_at=NOON,
        why="it answers 500",
    ),
)
EVENTS = (
    EventRow(
        position=7,
        operation=2,
        seq=1,
        at=NOON,
        service="web",
        operator="ada",
        event="step.started",
        body={"index": 0, "attempt": 1},
    ),
    EventRow(
        position=8,
        operation=2,
        seq=2,
        at=NOON,
        service="web",
        operator="ada",
        event="operation.done",
        body={},
    ),
)
AUTO_LINES = (
    AutoLine(service="db", ended="updated", operation=4, warnings=("it was found paused",)),
    AutoLine(
        service="web",
        ended="config_pending",
        exit_status=4,
        says="not in force: env.COLOUR",
        hint="occ apply",
        reasons=(
            Reason(
                name="config_pending", hard=False, since=0, text="not in force", ends="occ apply"
            ),
        ),
    ),
    AutoLine(service="wiki", ended="not_due", next_at=1_700_000_000_000),
)
