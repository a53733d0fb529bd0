"""A stage on which values are long and wide: names of far registries, words of far languages."""

from dataclasses import replace
from typing import Any

from occ.app.results import UserRow, VersionRow
from occ.app.service_status import LastOperation, Status
from occ.app.view.data_sets import DataSetRow
from occ.app.view.snapshots import SnapshotRow
from occ.domain import history
from occ.domain.data_choice import Source
from occ.engine.values import Change
from tests.cli.props import STATUS, UNFINISHED, VERSIONS
from tests.cli.shelf import DATA_SETS, PRUNED, SNAPSHOT
from tests.cli.stage import Stage
from tests.cli.story import NOON, bad_story, good_story, planned, told

DAY = 86_400_000
IMAGE = "ghcr.io/prizz/opencode-cloud-sandbox-with-a-long-name:2026-11-23-nightly"
WHY = "セキュリティ修正: 認証の穴をふさぐ (チケット 4711)"
LONG = "somebody asked for it in the ticket of last week, which also says that nothing else changes"


def history_rows() -> tuple[history.Row, ...]:
    """Operations of two services and people, of many kinds and ends."""
    first = history.row(told(good_story(), planned(reason=WHY)))
    rows: list[dict[str, Any]] = [
        {"kind": "start", "before": 0, "after": 1, "reason": ""},
        {"before": 1, "after": 2},
        {"before": 2, "after": 2, "wanted": 3, "outcome": "undone", "reason": LONG},
        {"service": "数据库-database", "kind": "apply", "before": 3, "after": 4, "via": ""},
        {"kind": "snapshot", "before": 2, "after": 2, "downtime_ms": None, "reason": ""},
        {"kind": "rollback", "before": 12, "after": 2, "outcome": "done, unhealthy"},
        {
            "before": 2,
            "after": 2,
            "wanted": 3,
            "outcome": "abandoned",
            "operator": "björn.åkesson@example.test",
            "downtime_ms": None,
            "down_since": NOON - 299_000,
        },
        {"kind": "restart", "before": 2, "after": 2, "duration_ms": 7_512_000, "reason": ""},
    ]
    return tuple(
        replace(
            first, operation=1000 + n, at=NOON + n * DAY // 3, **{"wanted": row["after"], **row}
        )
        for n, row in reversed(tuple(enumerate(rows)))
    )


def version_rows() -> tuple[VersionRow, ...]:
    """Versions of one image, with data of their own and trials."""
    newest, current, oldest = (replace(row, reference=IMAGE) for row in VERSIONS)
    own = Source(version=1, at=NOON, snapshot=7)
    return (
        replace(newest, number=12, says="1.18.32-nightly.20261123", data_of=11, tried="bad"),
        replace(current, number=11, says="1.18.31"),
        replace(oldest, says="1.17.9", own_data=own, pruned="beyond keep_last 5", data_of=11),
    )


def snapshot_rows() -> tuple[SnapshotRow, ...]:
    """Snapshots, one of them pinned."""
    return (
        replace(SNAPSHOT, number=1007, bytes=123_456_789_012, fuzzy=()),
        replace(SNAPSHOT, number=1003, pinned=True, verified=False),
        replace(SNAPSHOT, number=2, taken_at=NOON - 30 * DAY),
    )


def data_rows() -> tuple[DataSetRow, ...]:
    """Data sets of many volumes."""
    volumes = tuple(f"opencode-{name}.occ-1003" for name in ("data", "cache", "config", "状態"))
    return (replace(DATA_SETS[0], volumes=volumes), *DATA_SETS[1:])


USERS = (
    UserRow(
        name="ann",
        present=True,
        declared=True,
        uid=1000,
        gid=1000,
        groups=("ann", "sudo", "docker", "adm", "systemd-journal"),
        home="/home/ann",
        shell="/bin/bash",
        password=True,
    ),
    UserRow(
        name="björn-åkesson",
        present=True,
        declared=False,
        uid=60_001,
        gid=60_001,
        groups=("björn-åkesson",),
        home="/srv/people/björn-åkesson",
        shell="/usr/bin/fish",
        password=True,
    ),
    UserRow(name="bob", present=False, declared=True),
)


LAST = LastOperation(
    operation=1003,
    kind="apply",
    outcome="undone",
    at=NOON,
    before=3,
    wanted=4,
    cause="数据库-database is not healthy: exit code 1 (設定ファイルが見つかりません)",
    hint="occ show 1003",
    down_since=NOON - 299_000,
)


class Crowded(Stage):
    """Two services, and nothing on them is short."""

    def __init__(self) -> None:
        super().__init__(names=("web", "数据库-database"))
        self.rows = history_rows()
        self.version_rows = version_rows()
        self.story = bad_story()
        self.status_now = replace(
            STATUS,
            health="unhealthy",
            why="/health answered 503, not 200: データベースに接続できません",
            standing="bad",
            reference=IMAGE,
            wanted=IMAGE.replace("nightly", "weekly"),
            volumes=(*STATUS.volumes, "opencode-configuration.occ-1003:/root/.config/opencode"),
            ports=("127.0.0.1:3000:3000", "0.0.0.0:8443:8443"),
            exposed=True,
            drift=("container web.occ-next is left over",),
            notes=("version 2 was never tried on data of version 1",),
            unfinished=UNFINISHED,
            not_in_force=("image", "env.COLOUR", "labels.com.example.long-label"),
            update="sha256:" + "fedcba987654" * 5,
            snapshot=1007,
            snapshot_at=NOON,
        )

    def status(self, service: str | None) -> Status:
        status = super().status(service)
        if service == "数据库-database":
            return replace(
                STATUS, service=service, reported="8.4.0-データ", reference=IMAGE, last=LAST
            )
        return status

    def snapshots(self, service: str | None, *, removed: bool = False) -> tuple[SnapshotRow, ...]:
        self.service_name(service)
        return (*snapshot_rows(), PRUNED) if removed else snapshot_rows()

    def data_sets(self, service: str | None) -> tuple[DataSetRow, ...]:
        self.service_name(service)
        return data_rows()

    def accounts(self, service: str | None) -> tuple[UserRow, ...]:
        self.service_name(service)
        return USERS

    def unsaved_files(self, service: str | None) -> tuple[Change, ...]:
        self.service_name(service)
        far = "/usr/local/lib/python3.12/site-packages/opencode_cloud_sandbox/設定/plugins.json"
        return (Change(kind="added", path=far), Change(kind="changed", path="/etc/motd"))
