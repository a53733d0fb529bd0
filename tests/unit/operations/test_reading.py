"""Which way a volume is read: the host's only where nothing could be read wrongly by it."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from occ.archives import host_tar
from occ.domain.spec import Mount, Spec
from occ.engine.values import EngineInfo
from occ.engine.volume_place import VolumePlace
from occ.errors import FailedError, NotFoundError
from occ.operations.reading import VolumeReader, writers
from tests.unit.operations.house import House
from tests.unit.operations.inside import IMAGE, JOURNAL

INFO = EngineInfo(id="1", root="/r", address="unix:///x", version="20.10", api="1.41", local=True)
PLAIN = VolumePlace(driver="local", plain=True, folder="")


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(folder=tmp_path)
    made.volume("web.data", "app.db")
    return made


def way(
    house: House, monkeypatch: pytest.MonkeyPatch, place: VolumePlace, info: EngineInfo = INFO
) -> str:
    """The way by which the volume is read, from a folder of the host that is there."""
    place = replace(place, folder=str(house.folder))
    monkeypatch.setattr(house.engine, "volume_place", lambda _: place, raising=False)
    monkeypatch.setattr(house.engine, "info", lambda: info, raising=False)
    monkeypatch.setattr(host_tar, "readable", lambda folder: folder == str(house.folder))
    monkeypatch.setattr(host_tar, "read_folder", lambda *_, **__: ("./x: file changed",))
    found, writers = reader(house).read("web.data", lambda _: None, tick=lambda: None)
    assert writers == (("a process of the host",) if found == "host" else ())
    return found


def reader(house: House) -> VolumeReader:
    return VolumeReader(
        engine=house.engine, journal=JOURNAL, service="web", operation=7, image=IMAGE.id
    )


def test_a_plain_local_volume_beside_us_is_read_from_its_folder(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert way(house, monkeypatch, PLAIN) == "host"
    assert way(house, monkeypatch, PLAIN, replace(INFO, host=os.uname().nodename)) == "host"


@pytest.mark.parametrize(
    ("place", "info"),
    [
        (replace(PLAIN, driver="nfs"), INFO),
        (replace(PLAIN, plain=False), INFO),
        (PLAIN, replace(INFO, local=False)),
        (PLAIN, replace(INFO, host="another machine, whose socket is forwarded")),
        (PLAIN, replace(INFO, remapped=True)),
        (PLAIN, replace(INFO, podman=True)),
    ],
)
def test_all_else_is_read_through_the_engine(
    house: House, monkeypatch: pytest.MonkeyPatch, place: VolumePlace, info: EngineInfo
) -> None:
    assert way(house, monkeypatch, place, info) == "engine"
    assert set(house.engine.names()) == {"web"}


def test_a_volume_that_is_gone_is_told_and_never_made(house: House) -> None:
    with pytest.raises(NotFoundError, match="the volume gone is not there"):
        reader(house).read("gone", lambda _: None, tick=lambda: None)
    assert house.engine.volume("gone") is None


def test_a_container_of_somebody_else_with_the_helpers_name_is_left(house: House) -> None:
    theirs = house.put("web.occ-snapshot.7")
    with pytest.raises(FailedError, match="already in use") as told:
        reader(house).read("web.data", lambda _: None, tick=lambda: None)
    assert told.value.hint == "docker rm web.occ-snapshot.7"
    reader(house).clear()
    assert house.engine.names()["web.occ-snapshot.7"] == theirs


def test_whoever_can_write_into_a_part_of_a_folder_or_around_it_is_named(house: House) -> None:
    sources = {"around": "/srv", "part": "/srv/web/cache", "same": "/srv/web", "aside": "/srv/web2"}
    for name, source in {**sources, "reads": "/srv"}.items():
        house.engine.host.folders[source] = {}
        mount = Mount(source=source, path="/x", read_only=name == "reads")
        made = house.put(name, spec=Spec(mounts=(mount,)))
        house.engine.start(made)
    house.engine.pause("same")
    assert writers(house.engine, ("/srv/web", "web.data")) == {
        "/srv/web": ("around", "part"),
        "web.data": (),
    }


def test_root_alone_reads_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert not host_tar.readable(str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert host_tar.readable(str(tmp_path)) == bool(host_tar.gnu_tar())
    assert not host_tar.readable(str(tmp_path / "gone"))
    assert not host_tar.readable("")
