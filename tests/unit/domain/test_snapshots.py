"""The fold of snapshots: which are kept, whether they are verified, whose file they share."""

from dataclasses import replace

import pytest

from occ.domain.events import Entry, Event, OperationDone
from occ.domain.snapshots import (
    NOT_CARRIED,
    Described,
    Snapshot,
    SnapshotDescribed,
    SnapshotRemoved,
    SnapshotTaken,
    SnapshotVolume,
    few,
    fits,
    fold,
)
from occ.journal.codec import encode

VOLUME = SnapshotVolume(
    name="web-data",
    file="7.web-data",
    way="host",
    bytes=10,
    raw_bytes=20,
    sha256="aa" * 32,
    writers=("web",),
    not_carried=("sockets",),
)
SEVEN = Snapshot(number=7, volumes=(VOLUME,), version=2)


def entries(*events: Event) -> list[Entry]:
    return [
        Entry(
            position=n,
            operation=n,
            seq=0,
            at=n * 1_000,
            service="web",
            operator="ann",
            hash="",
            event=event,
        )
        for n, event in enumerate(events, 1)
    ]


def test_one_that_was_taken_is_unverified_until_it_is_described() -> None:
    taken = fold(entries(SnapshotTaken(SEVEN), OperationDone()))
    assert taken[7].snapshot == SEVEN
    assert taken[7].taken_at == 1_000
    assert not taken[7].verified
    described = SnapshotDescribed(7, (Described(name="web-data", manifest="bb" * 32),))
    found = fold(entries(SnapshotTaken(SEVEN), described))[7]
    assert found.verified
    assert found.manifests == {"web-data": "bb" * 32}
    assert found.same_as == {}
    assert found.snapshot == SEVEN


def test_a_shared_file_is_known_by_its_own_facts_also_when_the_other_is_gone() -> None:
    five = replace(SEVEN, number=5)
    shared = Described(
        name="web-data", manifest="bb" * 32, same_as=5, sha256="cc" * 32, bytes=11, raw_bytes=21
    )
    found = fold(
        entries(
            SnapshotTaken(five),
            SnapshotTaken(SEVEN),
            SnapshotDescribed(7, (shared,)),
            SnapshotRemoved(5),
        )
    )
    assert list(found) == [7]
    (volume,) = found[7].snapshot.volumes
    assert (volume.sha256, volume.bytes, volume.raw_bytes) == ("cc" * 32, 11, 21)
    assert (volume.file, volume.writers) == ("7.web-data", ("web",))
    assert found[7].same_as == {}


def test_a_removed_one_is_gone_whatever_comes_late() -> None:
    late = SnapshotDescribed(7, (Described(name="web-data", manifest="bb" * 32),))
    assert fold(entries(SnapshotTaken(SEVEN), SnapshotRemoved(7), late, SnapshotRemoved(7))) == {}


def test_it_is_fuzzy_by_whoever_may_have_written() -> None:
    other = replace(VOLUME, name="other", writers=("backup", "web"))
    assert replace(SEVEN, volumes=(VOLUME, other)).fuzzy == ("backup", "web")
    assert replace(SEVEN, volumes=(replace(VOLUME, writers=()),)).fuzzy == ()


def test_a_result_is_read_as_it_was_written() -> None:
    assert Snapshot.from_json(SEVEN.to_json()) == SEVEN
    assert Snapshot.from_json({}) == Snapshot(number=0, volumes=())
    strange = {"number": "7", "volumes": [1, {"name": 2, "bytes": True, "writers": "x"}]}
    (volume,) = Snapshot.from_json(strange).volumes  # type: ignore[arg-type]
    assert (volume.name, volume.bytes, volume.writers, volume.way) == ("", 0, (), "engine")


@pytest.mark.parametrize(
    ("names", "room"),
    [
        (["web-data"], True),
        (["x" * 20] * 30, True),
        (["x" * 20] * 40, False),
        (["é" * 4000], False),
    ],
)
def test_an_event_has_room_for_so_many_volumes(names: list[str], room: bool) -> None:
    assert fits(names) == room


def test_the_writers_that_are_kept_fit_beside_the_volumes() -> None:
    names = [f"{n:020}" for n in range(31)]
    assert fits(names)
    writers = {f"{n:060}" for n in range(200)}
    volumes = tuple(
        SnapshotVolume(
            name=name,
            file=f"{(1 << 63) - 1}.{name}.12345678",
            way="engine",
            bytes=(1 << 63) - 1,
            raw_bytes=(1 << 63) - 1,
            sha256="a" * 64,
            writers=few(writers, len(names)),
            not_carried=NOT_CARRIED["engine"],
        )
        for name in names
    )
    assert {volume.writers for volume in volumes} == {("200 more",)}
    encode(SnapshotTaken(Snapshot(number=(1 << 63) - 1, volumes=volumes)))
    assert few(writers, 1)[:2] == (f"{0:060}", f"{1:060}")
    assert few(writers, 1)[-1] == "181 more"
    assert few((), 1) == ()


def test_a_file_that_was_shared_with_a_removed_one_is_its_own() -> None:
    events: list[Event] = []
    for number, same_as in ((3, 0), (5, 3), (7, 5)):
        told = Described(name="web-data", manifest="bb" * 32, same_as=same_as)
        taken = SnapshotTaken(replace(SEVEN, number=number))
        events += [taken, SnapshotDescribed(number, (told,))]
    assert fold(entries(*events))[7].same_as == {"web-data": 5}
    assert fold(entries(*events, SnapshotRemoved(5)))[7].same_as == {"web-data": 3}
    found = fold(entries(*events, SnapshotRemoved(3)))
    assert (found[5].same_as, found[7].same_as) == ({}, {"web-data": 5})
