"""Whole folders read out of containers, and where volumes are, on every engine."""

import errno
import hashlib
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from occ.archives.manifest import Listing
from occ.archives.members import Members
from occ.archives.tar import Tar
from occ.domain.spec import Spec, Volume
from occ.engine.values import File
from occ.errors import EngineRefusedError, NotFoundError
from tests.contract.asked import made, request, running
from tests.contract.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Callable

PLACE = "/occ-snapshot"


class EnoughError(Exception):
    """Somebody asks for an end."""


def helper(lab: Lab, volume: str) -> str:
    """A container that is never started, with a volume read-only."""
    place = Volume(name=volume, path=PLACE, read_only=True)
    spec = Spec(volumes=(place,), command=("never started",), networks=("none",))
    return lab.engine.create(replace(request(lab), name=lab.name("helper"), spec=spec))


def members(lab: Lab, container: str, path: str = PLACE) -> Members:
    listing = Listing()
    tar = Tar(listing)
    lab.engine.read_folder(container, path, tar.feed)
    tar.finish()
    return listing.members()


def test_a_volume_is_read_while_its_service_runs_and_when_it_is_stopped(lab: Lab) -> None:
    container = running(lab)
    files = [
        File(path="/data/plain", data=b"plain", mode=0o640, uid=5, gid=6),
        File(path="/data/large", data=b"x" * 300_000),
        File(path="/data/zeros", data=bytes(4_096)),
    ]
    lab.engine.write_files(container, files)
    volume = lab.engine.inspect(container)
    assert volume is not None
    lent = helper(lab, volume.mounts["/data"])
    seen = members(lab, lent)
    assert {"plain", "large", "zeros"} <= {*seen}
    assert (seen["plain"].mode, seen["plain"].uid, seen["plain"].gid) == (0o640, 5, 6)
    assert (seen["large"].size, seen["zeros"].size) == (300_000, 4_096)
    assert seen["."].type == "folder"
    lab.engine.stop(container, 5_000)
    again = members(lab, lent)
    assert {"plain", "large", "zeros"} <= {*again}
    there = lab.engine.inspect(lent)
    assert there is not None
    assert (there.state, there.started_at) == ("created", 0)
    assert there.read_only == {PLACE}
    assert lab.engine.inspect(container) is not None


def test_an_empty_volume_is_a_folder_alone(lab: Lab) -> None:
    name = lab.name("empty")
    lab.engine.create_volume(name, {})
    assert list(members(lab, helper(lab, name))) == ["."]


def test_a_folder_or_container_that_is_not_there_is_told(lab: Lab) -> None:
    with pytest.raises(NotFoundError):
        members(lab, "0" * 64)
    with pytest.raises(EngineRefusedError, match=r"Could not find|no such file"):
        members(lab, made(lab), "/no/such/folder")


@pytest.mark.parametrize("where", ["take", "tick"])
def test_a_reading_is_ended_within_a_second(lab: Lab, where: str) -> None:
    container = running(lab)
    files = [File(path=f"/data/{n}", data=b"x" * (1 << 19)) for n in range(8)]
    lab.engine.write_files(container, files)
    there = lab.engine.inspect(container)
    assert there is not None
    lent = helper(lab, there.mounts["/data"])

    def end(*_: object) -> None:
        raise EnoughError

    def nothing(*_: object) -> None:
        return

    take: Callable[[bytes], None] = end if where == "take" else nothing
    tick: Callable[[], None] = end if where == "tick" else nothing
    begun = time.monotonic()
    with pytest.raises(EnoughError):
        lab.engine.read_folder(lent, PLACE, take, tick=tick)
    assert time.monotonic() - begun < 1.5
    lab.engine.remove(lent)
    assert lab.engine.inspect(lent) is None


def test_a_volume_tells_its_driver(lab: Lab) -> None:
    name = lab.name("plain")
    assert lab.engine.volume_place(name) is None
    lab.engine.create_volume(name, {})
    place = lab.engine.volume_place(name)
    assert place is not None
    assert (place.driver, place.plain) == ("local", True)


def writable(lab: Lab, volume: str, *, read_only: bool = False) -> str:
    """A container that is never started, with a volume to be written into."""
    place = Volume(name=volume, path=PLACE, read_only=read_only)
    spec = Spec(volumes=(place,), command=("never started",), networks=("none",))
    return lab.engine.create(replace(request(lab), name=lab.name("writer"), spec=spec))


def archive(lab: Lab, *files: File) -> list[bytes]:
    """The pieces of an archive of a volume with these files."""
    container = running(lab)
    lab.engine.write_files(container, files)
    there = lab.engine.inspect(container)
    assert there is not None
    pieces: list[bytes] = []
    lent = helper(lab, there.mounts["/data"])
    lab.engine.read_folder(lent, PLACE, pieces.append)
    lab.engine.remove(lent)
    lab.engine.stop(container, 1_000)
    return pieces


def test_a_folder_is_written_as_it_was_read_beside_all_that_was_there(lab: Lab) -> None:
    pieces = archive(
        lab,
        File(path="/data/plain", data=b"plain", mode=0o640, uid=5, gid=6),
        File(path="/data/large", data=bytes(range(256)) * 2_000),
    )
    target = lab.name("target")
    lab.engine.create_volume(target, {})
    lent = writable(lab, target)
    lab.engine.write_files(lent, [File(path=f"{PLACE}/before", data=b"before")])
    asked = iter(pieces)
    ticks: list[int] = []
    lab.engine.write_folder(lent, PLACE, asked, tick=lambda: ticks.append(1))
    assert next(asked, None) is None
    assert len(ticks) >= len(pieces)
    seen = members(lab, lent)
    assert {"plain", "large", "before"} <= {*seen}
    assert (seen["plain"].mode, seen["plain"].uid, seen["plain"].gid) == (0o640, 5, 6)
    assert seen["large"].sha256 == hashlib.sha256(bytes(range(256)) * 2_000).hexdigest()
    there = lab.engine.inspect(lent)
    assert there is not None
    assert (there.state, there.started_at) == ("created", 0)


def test_an_empty_folder_is_written_and_nothing_of_the_image_with_it(lab: Lab) -> None:
    empty, target = lab.name("empty"), lab.name("target")
    for name in (empty, target):
        lab.engine.create_volume(name, {})
    pieces: list[bytes] = []
    lab.engine.read_folder(helper(lab, empty), PLACE, pieces.append)
    lent = writable(lab, target)
    lab.engine.write_folder(lent, PLACE, pieces)
    assert list(members(lab, lent)) == ["."]


@pytest.mark.parametrize("where", ["give", "tick"])
def test_a_writing_is_ended_within_a_second_and_can_be_done_again(lab: Lab, where: str) -> None:
    pieces = archive(lab, *(File(path=f"/data/{n}", data=b"x" * (1 << 19)) for n in range(8)))
    target = lab.name("target")
    lab.engine.create_volume(target, {})
    lent = writable(lab, target)
    ended: list[float] = []

    def given() -> Iterator[bytes]:
        for number, piece in enumerate(pieces):
            if number == len(pieces) // 2:
                ended.append(time.monotonic())
                if where == "give":
                    raise EnoughError
            yield piece

    def tick() -> None:
        if ended:
            raise EnoughError

    with pytest.raises(EnoughError):
        lab.engine.write_folder(lent, PLACE, given(), tick=tick)
    assert time.monotonic() - ended[0] < 1
    lab.engine.remove(lent)
    again = writable(lab, target)
    lab.engine.write_folder(again, PLACE, pieces)
    assert {str(number) for number in range(8)} <= {*members(lab, again)}


def test_an_error_of_the_source_is_not_taken_for_one_of_the_engine(lab: Lab) -> None:
    target = lab.name("target")
    lab.engine.create_volume(target, {})
    lent = writable(lab, target)

    def given() -> Iterator[bytes]:
        yield bytes(512)
        raise OSError(errno.EIO, "the disk of the snapshot")

    with pytest.raises(OSError, match="the disk of the snapshot"):
        lab.engine.write_folder(lent, PLACE, given())


def test_an_engine_that_cannot_write_says_why_in_the_middle(lab: Lab) -> None:
    pieces = archive(lab, *(File(path=f"/data/{n}", data=b"x" * (1 << 19)) for n in range(8)))
    target = lab.name("target")
    lab.engine.create_volume(target, {})
    lent = writable(lab, target, read_only=True)
    with pytest.raises(EngineRefusedError, match="read-only"):
        lab.engine.write_folder(lent, PLACE, pieces)
    with pytest.raises(NotFoundError):
        lab.engine.write_folder("0" * 64, PLACE, pieces)
