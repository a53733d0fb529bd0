"""The half of the stage that has snapshots, written by hand."""

from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from occ.app.change.snapshot_difference import SnapshotDifference, VolumeDifference
from occ.app.view.data_sets import DataSetRow
from occ.app.view.snapshots import SnapshotRow, VolumeRow
from occ.errors import NotFoundError
from tests.cli.acting import Acting
from tests.cli.story import NOON

VOLUME = VolumeRow(
    name="web-data",
    way="engine",
    bytes=12_300_000,
    raw_bytes=45_600_000,
    sha256="ab" * 32,
    manifest="cd" * 32,
    same_as=0,
    fuzzy=("web", "back\x1b[31mup"),
    not_carried=("ACLs", "sockets"),
    file="/var/lib/occ/snapshots/1234abcd/web/2.web-data.tar.zst",
)
SNAPSHOT = SnapshotRow(
    number=2,
    taken_at=NOON,
    version=1,
    verified=True,
    fuzzy=("back\x1b[31mup", "web"),
    bytes=12_300_000,
    raw_bytes=45_600_000,
    reason="before the move",
    imported="",
    volumes=(VOLUME,),
)


PRUNED = replace(
    SNAPSHOT, number=1, pinned=True, removed_at=SNAPSHOT.taken_at, pruned="beyond keep_last 5"
)


DATA_SETS = (
    DataSetRow(
        number=2, current=True, version=1, left_at=0, snapshot=2, volumes=("web-data.occ-2",)
    ),
    DataSetRow(number=1, current=False, version=3, left_at=NOON, snapshot=0, volumes=("web-data",)),
)


class Shelf(Acting):
    """The verbs about snapshots that change nothing."""

    def look(self) -> None:
        """Fail, where the test wants that."""
        if self.error:
            raise self.error

    def snapshots(self, service: str | None, *, removed: bool = False) -> tuple[SnapshotRow, ...]:
        self.look()
        self.service_name(service)
        return (SNAPSHOT, PRUNED) if removed else (SNAPSHOT,)

    def data_sets(self, service: str | None) -> tuple[DataSetRow, ...]:
        self.look()
        self.service_name(service)
        return DATA_SETS

    def snapshot(self, service: str | None, number: int) -> SnapshotRow:
        self.look()
        self.service_name(service)
        if number != SNAPSHOT.number:
            raise NotFoundError(f"web has no snapshot {number}", hint="occ snapshot list")
        return SNAPSHOT

    def check_snapshot(self, service: str | None, number: int) -> None:
        self.look()
        self.service_name(service)
        self.calls.append(("checked", number))

    def snapshot_difference(
        self, service: str | None, before: int, after: int
    ) -> SnapshotDifference:
        self.look()
        self.service_name(service)
        found = (
            VolumeDifference(volume="web-data", path="new\n", what="added"),
            VolumeDifference(volume="web-data", path="app.db", what="size, content"),
        )
        return SnapshotDifference(before=before, after=after, coarse=True, differences=found)

    def export_snapshot(self, service: str | None, number: int, target: Path | BinaryIO) -> None:
        self.look()
        self.service_name(service)
        self.calls.append(("exported", (number, target)))
