"""A file that is shared with an earlier snapshot is recorded so, whatever ends the step."""

from dataclasses import replace
from pathlib import Path

import pytest

from occ.archives.packing import digest
from occ.archives.store import DATA
from occ.domain.snapshots import Record, Snapshot, SnapshotTaken, fold
from occ.operations.steps.snapshot_files import DescribeSnapshot
from occ.operations.steps.step import Result
from tests.archived import kept, pack, tar_of
from tests.unit.domain.test_snapshots import entries
from tests.unit.operations.house import House
from tests.unit.operations.inside import OPERATION

NAMES = ("web.data", "web.state")
FILES = {"app.db": b"1"}


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Snapshot 3 is described; the one of the operation has the same members in other bytes."""
    house = House(folder=tmp_path)
    for number, zeros in ((3, 0), (OPERATION, 20_480)):
        records = [kept(house.store, number, name, FILES) for name in NAMES]
        volumes = []
        for (volume,) in (record.snapshot.volumes for record in records):
            packed = pack(house.store, volume.file + DATA, tar_of(FILES) + bytes(zeros))
            volumes.append(
                replace(
                    volume,
                    bytes=packed.bytes,
                    raw_bytes=packed.raw_bytes,
                    sha256=packed.sha256,
                )
            )
        house.records[number] = replace(
            records[0], snapshot=Snapshot(number=number, volumes=tuple(volumes))
        )
    step = DescribeSnapshot(str(house.store.folder), 3)
    house.records[3] = described(house, step.apply(house.fitted()), 3)
    return house


def described(house: House, result: Result, number: int) -> Record:
    """A record after the facts of a step."""
    step = DescribeSnapshot(str(house.store.folder), number)
    record = house.records[number]
    facts = (SnapshotTaken(record.snapshot), *step.facts(result))
    return fold(entries(*facts))[number]


def hashes(house: House, number: int) -> list[str]:
    """The hashes of a snapshot's files as they are."""
    found = []
    for volume in house.records[number].snapshot.volumes:
        with house.store.reading(volume.file + DATA) as file:
            found.append(digest(file))
    return found


def recorded(record: Record) -> list[str]:
    """The hashes of its files as they are recorded."""
    return [volume.sha256 for volume in record.snapshot.volumes]


def test_a_step_that_fails_at_a_later_volume_has_exchanged_no_file(house: House) -> None:
    before = hashes(house, OPERATION)
    last = house.records[OPERATION].snapshot.volumes[1]
    house.store.path(last.file + DATA).unlink()
    context = house.fitted()
    result = DescribeSnapshot(str(house.store.folder)).apply(context)
    assert result["said"] == "unverified"
    assert list(described(house, result, OPERATION).manifests) == ["web.data"]
    (first, *_) = house.records[OPERATION].snapshot.volumes
    with house.store.reading(first.file + DATA) as file:
        assert digest(file) == before[0]


def test_an_end_while_files_are_exchanged_is_recorded_as_far_as_it_came(house: House) -> None:
    first = house.records[3].snapshot.volumes[0]

    def asked() -> bool:  # once the first one is exchanged
        return hashes(house, OPERATION)[0] == first.sha256

    context = replace(house.fitted(), end_asked=asked)
    result = DescribeSnapshot(str(house.store.folder)).apply(context)
    record = described(house, result, OPERATION)
    assert record.same_as == {"web.data": 3}
    assert recorded(record) == hashes(house, OPERATION)


def test_a_file_that_was_exchanged_and_not_recorded_is_recorded_by_a_verification(
    house: House,
) -> None:
    theirs, ours = (house.records[number].snapshot.volumes[0] for number in (3, OPERATION))
    assert house.store.refer(ours.file + DATA, theirs.file + DATA)
    step = DescribeSnapshot(str(house.store.folder), OPERATION)
    record = described(house, step.apply(house.fitted()), OPERATION)
    assert record.verified
    assert record.same_as == {"web.data": 3}
    assert recorded(record) == hashes(house, OPERATION)
