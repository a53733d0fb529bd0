"""Data sets: which volume stands behind a name, and which sets are kept."""

import pytest

from occ.domain.data_choice import Source, own_data
from occ.domain.data_sets import (
    DataSet,
    DataSetBound,
    DataSetEvent,
    DataSetRecorded,
    DataSetRemoved,
    DataSets,
    Left,
)
from occ.domain.snapshots import Record, Snapshot, SnapshotVolume
from occ.domain.spec import Spec, Volume

PLAIN = Spec(volumes=(Volume(name="web-data", path="/data"), Volume(name="cache", path="/c")))
REAL = Spec(volumes=(Volume(name="web-data.occ-2", path="/data"), Volume(name="cache", path="/c")))
TWO = DataSet(number=2, volumes={"web-data": "web-data.occ-2"}, snapshot=9, version=3)
THREE = DataSet(number=3, volumes={"web-data": "web-data.occ-3", "cache": "cache.occ-3"})


def told(*events: tuple[DataSetEvent, int]) -> DataSets:
    """The sets after these events, each with the version that was current."""
    sets = DataSets()
    for at, (event, version) in enumerate(events, 1):
        sets = sets.after(event, version, at)
    return sets


WENT = told((DataSetRecorded(TWO), 5), (DataSetBound(2), 5))
CAME = told((DataSetRecorded(TWO), 5), (DataSetBound(2), 5), (DataSetBound(1), 3))


def test_the_first_set_is_the_names_themselves() -> None:
    sets = DataSets()
    assert (sets.number, sets.next_number) == (1, 2)
    assert sets.current.real("web-data") == "web-data"
    assert sets.current.bound(PLAIN) == PLAIN


def test_a_set_binds_a_spec_and_leads_back_from_it() -> None:
    assert TWO.bound(PLAIN) == REAL
    assert TWO.unbound(REAL) == PLAIN
    assert TWO.name_of("web-data.occ-2") == "web-data"
    assert TWO.name_of("cache") == "cache"
    assert TWO.name_of("web-data") == ""


def test_a_set_that_is_left_is_kept_with_its_last_version() -> None:
    assert WENT.number == 2
    assert WENT.left == {1: Left(version=5, at=2)}
    assert CAME.number == 1
    assert CAME.left == {2: Left(version=3, at=3)}
    assert DataSetBound(2, left_by=8) != DataSetBound(2)
    failed = told((DataSetRecorded(TWO), 7), (DataSetBound(2, left_by=8), 7))
    assert failed.left == {1: Left(version=8, at=2)}


def test_a_number_is_never_given_again_and_an_unknown_one_is_never_bound() -> None:
    gone = CAME.after(DataSetRemoved(2), 3, 4)
    assert gone.left == {}
    assert gone.next_number == 3
    assert DataSets().after(DataSetBound(7), 1, 1) == DataSets()
    assert CAME.after(DataSetBound(1), 3, 4) == CAME


def test_the_last_writer_of_a_set() -> None:
    assert DataSets().writer(1, 5) == 5
    assert WENT.writer(1, 9) == 5
    assert WENT.writer(2, 9) == 9
    recorded = told((DataSetRecorded(TWO), 5))
    assert recorded.writer(2, 5) == 3


def test_the_volumes_that_only_one_set_has() -> None:
    sets = told((DataSetRecorded(TWO), 5), (DataSetRecorded(THREE), 5))
    assert sets.apart(1, 2) == ("web-data",)
    assert sets.apart(1, 3) == ("cache", "web-data")
    assert sets.apart(2, 1) == ("web-data.occ-2",)
    assert sets.apart(2, 1, 3) == ("web-data.occ-2",)
    assert sets.apart(1, 2, 3) == ("web-data",)
    assert sets.apart(1, 1) == ()


@pytest.mark.parametrize(
    ("mounted", "number"),
    [
        ({"web-data.occ-2", "cache"}, 2),
        ({"web-data", "cache"}, 1),
        ({"cache"}, 2),
        ({"other"}, 2),
        ({"web-data.occ-2", "web-data"}, 1),
    ],
)
def test_the_set_of_a_container_by_what_it_mounts(mounted: set[str], number: int) -> None:
    assert WENT.fitting(frozenset(mounted)).number == number


def snapshot(number: int, version: int, at: int, writers: tuple[str, ...] = ()) -> Record:
    volume = SnapshotVolume(
        name="web-data", file="x", way="host", bytes=1, raw_bytes=1, sha256="", writers=writers
    )
    return Record(snapshot=Snapshot(number=number, volumes=(volume,), version=version), taken_at=at)


def test_the_newest_data_of_a_version_is_that_which_it_left_or_a_snapshot() -> None:
    taken = {n: snapshot(n, 5, at) for n, at in ((10, 1), (11, 7))} | {12: snapshot(12, 4, 9)}
    assert own_data(5, taken, DataSets()) == Source(version=5, at=7, snapshot=11)
    assert own_data(5, {10: taken[10]}, WENT) == Source(version=5, at=2, data=1)
    assert own_data(5, taken, WENT) == Source(version=5, at=7, snapshot=11)
    assert own_data(3, taken, WENT) is None
    fuzzy = own_data(5, {10: snapshot(10, 5, 1, ("web",))}, DataSets())
    assert fuzzy == Source(version=5, at=1, snapshot=10, fuzzy=True)


def test_a_set_that_was_recorded_and_never_bound_is_unused_until_it_is_bound_or_removed() -> None:
    recorded = told((DataSetRecorded(TWO), 5), (DataSetRecorded(THREE), 5))
    assert recorded.unused == {2: 1, 3: 2}
    assert recorded.after(DataSetBound(3), 5, 3).unused == {2: 1}
    assert recorded.after(DataSetRemoved(2), 5, 3).unused == {3: 2}
    assert WENT.unused == CAME.unused == {}
