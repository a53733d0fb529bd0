"""Which way a volume is written: that by which it would be read, and with its own helper alone."""

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from occ.archives import host_tar
from occ.archives.tar import BrokenTarError
from occ.engine.values import EngineInfo
from occ.engine.volume_place import VolumePlace
from occ.errors import FailedError, NotFoundError
from occ.operations import writing
from occ.operations.writing import VolumeWriter
from tests.archived import tar_of
from tests.unit.operations.house import House
from tests.unit.operations.inside import IMAGE, JOURNAL

INFO = EngineInfo(id="1", root="/r", address="unix:///x", version="20.10", api="1.41", local=True)
PLAIN = VolumePlace(driver="local", plain=True, folder="")
FILES = {"app.db": b"1", "log": b"2"}


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(folder=tmp_path)
    made.volume("web.data")
    return made


def nothing() -> None:
    return


def writer(house: House) -> VolumeWriter:
    return VolumeWriter(
        engine=house.engine, journal=JOURNAL, service="web", operation=7, image=IMAGE.id
    )


class Host:
    """A host whose tar takes everything; the pieces that it got, and the disks that were synced."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        self.place, self.info = replace(PLAIN, folder=str(house.folder)), INFO
        self.got: list[tuple[str, bytes]] = []
        self.synced: list[str] = []
        monkeypatch.setattr(house.engine, "volume_place", lambda _: self.place, raising=False)
        monkeypatch.setattr(house.engine, "info", lambda: self.info, raising=False)
        monkeypatch.setattr(host_tar, "readable", lambda folder: folder == str(house.folder))
        monkeypatch.setattr(host_tar, "write_folder", self.take)
        monkeypatch.setattr(writing, "sync_disk", self.sync)

    def take(self, folder: str, give: Iterable[bytes], *, tick: Callable[[], None]) -> None:
        assert tick is nothing
        self.got.append((folder, b"".join(give)))

    def sync(self, folder: str, *, tick: Callable[[], None]) -> None:
        assert tick is nothing
        self.synced.append(folder)


@pytest.fixture
def host(house: House, monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(house, monkeypatch)


@pytest.mark.parametrize("host_name", ["", os.uname().nodename])
def test_a_plain_local_volume_beside_us_is_written_in_its_folder_and_synced(
    house: House, host: Host, host_name: str
) -> None:
    host.info = replace(INFO, host=host_name)
    raw = tar_of(FILES, root=".")
    assert writer(house).write("web.data", [raw[:700], raw[700:]], tick=nothing) == "host"
    assert host.got == [(str(house.folder), raw)]
    assert host.synced == [str(house.folder)]


@pytest.mark.parametrize(
    ("place", "info", "synced"),
    [
        ({"driver": "nfs"}, {}, [""]),
        ({"plain": False}, {}, [""]),
        ({}, {"remapped": True}, [""]),
        ({}, {"local": False}, []),
        ({}, {"host": "another machine, whose socket is forwarded"}, []),
    ],
)
@pytest.mark.parametrize("root", [".", "occ-snapshot"])
def test_all_else_is_written_through_the_engine_whichever_way_it_was_read(
    house: House,
    host: Host,
    root: str,
    place: dict[str, str],
    info: dict[str, str],
    synced: list[str],
) -> None:
    host.place, host.info = replace(host.place, **place), replace(INFO, **info)  # type: ignore[arg-type]
    raw = tar_of(FILES, root=root)
    assert writer(house).write("web.data", [raw], tick=nothing) == "engine"
    files = house.engine.host.volumes["web.data"].files
    assert {path: file.data for path, file in files.items()} == FILES
    assert host.got == []
    assert host.synced == synced
    assert set(house.engine.names()) == {"web"}


def test_a_volume_that_is_gone_is_told_and_never_made(house: House) -> None:
    with pytest.raises(NotFoundError, match="the volume gone is not there"):
        writer(house).write("gone", [tar_of(FILES)], tick=nothing)
    writer(house).settle("gone")
    assert house.engine.volume("gone") is None


def test_a_container_of_somebody_else_with_the_helpers_name_is_left(house: House) -> None:
    theirs = house.put("web.occ-restore")
    with pytest.raises(FailedError, match="already in use") as told:
        writer(house).write("web.data", [tar_of(FILES)], tick=nothing)
    assert told.value.hint == "docker rm web.occ-restore"
    writer(house).settle("web.data")
    assert house.engine.names()["web.occ-restore"] == theirs


def test_bytes_that_are_no_volume_are_told_and_the_helper_can_be_cleared(house: House) -> None:
    with pytest.raises(BrokenTarError):
        writer(house).write("web.data", [b"no tar" * 200], tick=nothing)
    writer(house).clear()
    assert set(house.engine.names()) == {"web"}
