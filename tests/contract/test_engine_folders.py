"""Whole folders read out of containers, and where volumes are, on every engine."""

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from occ.archives.manifest import Listing, Member
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


def members(lab: Lab, container: str, path: str = PLACE) -> dict[str, Member]:
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
