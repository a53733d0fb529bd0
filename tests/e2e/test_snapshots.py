"""Snapshots on a real engine: both ways of reading, and a snapshot's life by hand."""

import hashlib
import os
import signal
import socket
import tarfile
import time
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from occ.archives import host_tar, manifest
from occ.archives.manifest import Listing
from occ.archives.members import Members
from occ.archives.packing import Packing, unpacked
from occ.engine.docker.engine import DockerEngine
from occ.operations.reading import VolumeReader
from tests.box import Box
from tests.host import birth, client, containers
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.waiting import until

HOLE = 8 << 20


@pytest.fixture
def served(box: Box, images: Images, port: int) -> Box:
    """A service with a volume, that runs."""
    box.configure(images.publish("good", "1.0", name=box.service).ref, port)
    box.well("start", "--yes")
    return box


@pytest.fixture
def volume(served: Box, private_engine: PrivateEngine) -> Path:
    """The folder of its volume on this host, filled with odd files."""
    with client(private_engine) as one:
        folder = Path(one.inspect_volume(f"{served.service}-data")["Mountpoint"])
    fill(folder)
    return folder


def fill(folder: Path) -> None:
    """Have a file of every sort in a folder."""
    odd = os.fsencode(folder) + b"/odd \xff\n name"
    Path(os.fsdecode(odd)).write_bytes(b"odd")
    (folder / "plain").write_text("plain")
    os.link(folder / "plain", folder / "another name")
    (folder / "link").symlink_to("../no where")
    os.mkfifo(folder / "fifo", 0o640)
    with suppress(PermissionError):
        os.mknod(folder / "null", 0o600 | 0o020000, os.makedev(1, 3))
    os.chown(folder / "plain", 1234, 5678)
    (folder / "plain").chmod(0o4751)
    os.utime(folder / "plain", ns=(1, 1_000_000_000_123_456_789))
    deep = folder.joinpath(*(letter * 60 for letter in "abcd"))
    deep.mkdir(parents=True)
    (deep / ("x" * 120)).write_text("deep")
    with (folder / "sparse").open("wb") as file:
        file.seek(HOLE)
        file.write(b"end")
    (folder / "empty").mkdir()
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(folder / "socket"))
    os.setxattr(folder / "plain", "trusted.occ", b"kept by the host's way alone")


def read(served: Box, engine: PrivateEngine, way: str) -> Members:
    """The members of the volume, read in process."""
    with client(engine) as one:
        image = one.inspect_container(served.service)["Image"]
    reader = VolumeReader(
        engine=DockerEngine(engine.url),
        journal="f" * 32,
        service=served.service,
        operation=0,
        image=image,
    )
    listing, file = Listing(), (served.folder / f"{way}.tar.zst").open("w+b")
    with file:
        packing = Packing(file)
        assert reader.read(f"{served.service}-data", packing.take, tick=lambda: None) == (way, ())
        packing.finish()
        file.seek(0)
        unpacked(file, listing)
    return listing.members()


def by_engine(served: Box, engine: PrivateEngine, monkeypatch: pytest.MonkeyPatch) -> Members:
    with monkeypatch.context() as patched:
        patched.setattr(host_tar, "gnu_tar", lambda: "")
        return read(served, engine, "engine")


def test_both_ways_read_the_same_but_for_what_is_stated(
    served: Box, volume: Path, private_engine: PrivateEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.well("stop", "--yes")
    before = birth(private_engine, served.service)
    engine = by_engine(served, private_engine, monkeypatch)
    host = read(served, private_engine, "host")
    assert birth(private_engine, served.service) == before
    assert list(containers(private_engine, served.service)) == [served.service]

    assert list(manifest.differences(host, engine, coarse=True)) == []
    assert "socket" not in host
    assert "socket" not in engine
    plain, coarse = host["plain"], engine["plain"]
    assert (plain.mode, plain.uid, plain.gid, plain.size) == (0o4751, 1234, 5678, 5)
    assert (plain.mtime, coarse.mtime) == (1_000_000_000_123_456_789, 1_000_000_000_000_000_000)
    assert plain.attributes
    assert not coarse.attributes
    assert replace(plain, mtime=0, attributes="") == replace(coarse, mtime=0)
    assert plain.sha256 == hashlib.sha256(b"plain").hexdigest()
    assert host["another name"].names == plain.names == "another name"
    assert host["link"].target == "../no where"
    assert host["sparse"].sha256 == hashlib.sha256(bytes(HOLE) + b"end").hexdigest()
    assert host["odd \udcff\n name"].size == 3

    (volume / "plain").write_text("plain!")
    changed = list(manifest.differences(host, read(served, private_engine, "host"), coarse=False))
    assert [one.path for one in changed] == ["another name", "plain"]
    assert "content" in changed[0].what


def test_a_snapshot_is_taken_looked_at_carried_over_and_removed(
    served: Box, volume: Path, private_engine: PrivateEngine
) -> None:
    serving = birth(private_engine, served.service)
    fuzzy = served.well("snapshot", "create", "--reason", "by hand", "-o", "json").result()
    assert fuzzy["snapshot"]["fuzzy"] == [served.service]
    assert fuzzy["snapshot"]["verified"] is True
    (taken,) = fuzzy["snapshot"]["volumes"]
    assert taken["way"] == "host"
    assert taken["not_carried"] == ["sockets"]
    assert birth(private_engine, served.service) == serving
    first = fuzzy["operation"]

    served.well("stop", "--yes")
    (volume / "later").write_text("new")
    exact = served.well("snapshot", "create", "-o", "json").result()
    assert exact["snapshot"]["fuzzy"] == []
    second = exact["operation"]
    same = served.well("snapshot", "create", "-o", "json").result()["operation"]
    shown = served.well("snapshot", "show", str(same), "-o", "json").result()
    assert shown["volumes"][0]["same_as"] == second
    assert shown["bytes"] == 0
    rows = served.well("snapshot", "list", "-o", "json").result()
    assert [row["number"] for row in rows] == [same, second, first]
    assert rows[-1]["reason"] == "by hand"
    assert all(len(line) <= 80 for line in served.well("snapshot", "list").out.splitlines())

    told = served.well("snapshot", "diff", str(first), str(second)).out
    assert f"+ {served.service}-data: later\n" in told
    (volume / "plain").unlink()
    told = served.well("snapshot", "diff", str(second)).out
    assert f"- {served.service}-data: plain\n" in told

    files = Path(shown["volumes"][0]["file"]).parent
    assert {file.stat().st_mode & 0o777 for file in files.iterdir()} == {0o600}
    assert files.parent.parent.stat().st_mode & 0o777 == 0o700
    assert files.parent.parent == served.folder / "snapshots"

    served.well("snapshot", "export", str(second), "--file", "out.tar")
    with tarfile.open(served.folder / "out.tar") as tar:
        assert tar.getnames()[0] == "snapshot.json"
    served.well("snapshot", "remove", str(second), "--yes")
    served.well("snapshot", "verify", str(same))  # its file was shared, and stays
    imported = served.well("snapshot", "import", "out.tar", "-o", "json").result()
    assert imported["snapshot"]["verified"] is False
    served.well("snapshot", "verify", "--all")
    served.well("snapshot", "diff", str(same), str(imported["operation"]))
    assert (
        "no difference"
        in served.well("snapshot", "diff", str(same), str(imported["operation"])).out
    )

    damaged = Path(rows[-1]["volumes"][0]["file"])
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    damaged.write_bytes(content)
    assert str(damaged) in served.well("snapshot", "verify", str(first), status=4).err
    assert list(containers(private_engine, served.service)) == [served.service]


def large(box: Box, images: Images, port: int, way: str) -> None:
    """A service with 200 MB in its volume; one with options of its driver goes the engine's way."""
    name, folder = f"{box.service}-data", box.folder / "elsewhere"
    folder.mkdir()
    with client(images.engine) as one:
        if way == "engine":
            options = {"type": "none", "o": "bind", "device": str(folder)}
            one.create_volume(name, driver_opts=options)
        box.configure(images.publish("good", "1.0", name=box.service).ref, port)
        box.well("start", "--yes")
        if way == "host":
            folder = Path(one.inspect_volume(name)["Mountpoint"])
    with (folder / "large").open("wb") as file:
        for _ in range(200):
            file.write(os.urandom(1 << 20))


def begun(top: Path) -> bool:
    """Whether a draft has more than a megabyte."""
    return sum(file.stat().st_size for file in top.rglob("*.draft")) > 1 << 20


@pytest.mark.parametrize("way", ["host", "engine"])
def test_a_kill_and_an_interrupt_in_the_middle_of_the_stream(
    box: Box, images: Images, private_engine: PrivateEngine, port: int, way: str
) -> None:
    large(box, images, port, way)
    serving, top = birth(private_engine, box.service), box.folder / "snapshots"
    for number, how in ((2, signal.SIGKILL), (3, signal.SIGINT)):
        running = box.start("snapshot", "create")
        until(partial(begun, top), seconds=30, what="a draft of some size", every=0.002)
        asked = time.monotonic()
        running.send_signal(how)
        running.communicate(timeout=60)
        assert running.returncode == (130 if how == signal.SIGINT else -how)
        if how == signal.SIGKILL:
            assert [file.name for file in top.rglob("*.*") if file.name.endswith(".draft")]
            box.well("resume")
            box.well("snapshot", "verify", str(number))
            (volume,) = box.well("snapshot", "show", "2", "-o", "json").result()["volumes"]
            assert volume["way"] == way
            assert volume["raw_bytes"] > 200 << 20
        else:
            assert time.monotonic() - asked < 10  # the stream ends within one; the rest is loaded
        assert list(containers(private_engine, box.service)) == [box.service]
    names = sorted(file.name for file in top.rglob("*.*"))
    assert names == [f"2.{box.service}-data.{end}" for end in ("manifest", "tar.zst")]
    assert birth(private_engine, box.service) == serving
