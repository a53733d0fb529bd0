"""Data put into a new volume on a real engine: four ways, each compared from outside and by occ."""

import os
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from occ.archives import host_tar
from occ.archives.packing import Packing
from occ.archives.store import DATA, Store, stem
from occ.domain.snapshots import NOT_CARRIED, Record, Snapshot, SnapshotVolume, Way
from occ.engine.docker.engine import DockerEngine
from occ.errors import (
    EngineRefusedError,
    FailedError,
    SnapshotDamagedError,
    StoppedByOperatorError,
)
from occ.operations.reading import VolumeReader
from occ.operations.step_context import StepContext
from occ.operations.steps.anchor import AnchorVolumes, UnanchorVolumes
from occ.operations.steps.restore import RestoreVolume
from occ.operations.steps.step import Result
from occ.operations.writing import VolumeWriter
from tests.archived import described
from tests.host import client
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.releases import OWN, chosen
from tests.testbed.waiting import until
from tests.unit.operations.inside import Inn

JOURNAL, SNAPSHOT, SET = "0123456789abcdef", 3, 2
HOLE = 8 << 20
MTIME = 1_000_000_000_123_456_789
ENGINE_LOSES = ("holes (they are filled)", "extended attributes without a value")
RSYNC = (
    *("rsync", "-aHAXni", "--numeric-ids", "--checksum", "--delete", "--modify-window=-1"),
    "--super",
)
needs_rsync = pytest.mark.skipif(not shutil.which("rsync"), reason="there is no rsync")
pytestmark = pytest.mark.docker


def fill(folder: Path) -> None:
    """Have a file of every sort in a folder."""
    top = os.fsencode(folder)
    for name in (b"odd \xff\n name", b"x" * 255, b"-rf", b".wh.plain", b"back\\slash"):
        Path(os.fsdecode(top + b"/" + name)).write_bytes(name)
    (folder / "plain").write_text("plain")
    os.link(folder / "plain", folder / "another name")
    (folder / "many").mkdir()
    for number in range(500):
        (folder / "many" / f"{number:03}").write_text(str(number))
    (folder / "large").write_bytes(os.urandom(20 << 20))
    deep = folder.joinpath(*(letter * 60 for letter in "abcd"))
    deep.mkdir(parents=True)
    (deep / ("y" * 120)).write_text("deep")
    os.link(deep / ("y" * 120), deep / "hard")
    (folder / "out").symlink_to("../no where")
    (folder / "absolute").symlink_to("/etc/passwd")
    (folder / "long link").symlink_to("z" * 300)
    os.mkfifo(folder / "fifo", 0o640)
    os.mknod(folder / "null", 0o600 | 0o020000, os.makedev(1, 3))
    os.mknod(folder / "disk", 0o640 | 0o060000, os.makedev(7, 99))
    with (folder / "sparse").open("wb") as file:
        file.seek(HOLE)
        file.write(b"end")
        file.truncate(2 * HOLE)
    with folder.joinpath("z" * 200 + "sparse").open("wb") as file:
        file.truncate(HOLE)
    (folder / "empty").mkdir()
    os.chown(folder / "plain", 1234, 3_000_000)
    (folder / "plain").chmod(0o6751)
    os.lchown(folder / "out", 5, 6)
    os.utime(folder / "plain", ns=(1, MTIME))
    os.utime(folder / "empty", ns=(1, MTIME))
    os.utime(folder / "out", ns=(1, MTIME), follow_symlinks=False)
    for key, value in (("user.a", b"\0\xff\n"), ("trusted.b", b""), ("user.long", b"v" * 900)):
        os.setxattr(folder / "large", key, value)
    os.setxattr(folder, "user.top", b"of the volume's own folder")
    for words in (("-m", "u:77:rw", "plain"), ("-d", "-m", "g:78:rwx", "empty")):
        subprocess.run(["setfacl", *words[:-1], str(folder / words[-1])], check=True)
    os.chown(folder, 9, 10)
    folder.chmod(0o2750)
    os.utime(folder, ns=(1, MTIME + 1))


@contextmanager
def going(way: Way) -> Iterator[None]:
    """While this goes on, volumes are read and written in this way."""
    with pytest.MonkeyPatch.context() as patched:
        if way == "engine":
            patched.setattr(host_tar, "gnu_tar", lambda: "")
        yield


class Stand:
    """A volume filled with everything, and what puts it into another one."""

    def __init__(self, engine: PrivateEngine, image: str, folder: Path, name: str) -> None:
        self.host, self.image, self.name = engine, image, name
        self.engine = DockerEngine(engine.url)
        self.store = Store(folder / "snapshots")
        self.source, self.target = f"{name}-data", f"{name}-data.occ-7"
        self.record: Record | None = None
        self.engine.create_volume(self.source, {})

    def place(self, volume: str) -> Path:
        with client(self.host) as one:
            return Path(one.inspect_volume(volume)["Mountpoint"])

    def take(self, way: Way) -> None:
        """Have a verified snapshot of the volume, read in a way."""
        reader = VolumeReader(
            engine=self.engine, journal=JOURNAL, service=self.name, operation=3, image=self.image
        )
        file = stem(SNAPSHOT, self.source)
        with going(way), self.store.draft(file + DATA) as draft:
            packing = Packing(draft.file)
            assert reader.read(self.source, packing.take, tick=lambda: None)[0] == way
            packed = packing.finish()
            draft.keep()
        one = SnapshotVolume(
            name=self.source,
            file=file,
            way=way,
            bytes=packed.bytes,
            raw_bytes=packed.raw_bytes,
            sha256=packed.sha256,
            not_carried=NOT_CARRIED[way],
        )
        snapshot = Snapshot(number=SNAPSHOT, volumes=(one,))
        self.record = described(self.store, Record(snapshot=snapshot, taken_at=1))

    def context(self) -> StepContext:
        made = Inn().context()
        operation = replace(made.operation, service=self.name)
        assert self.record is not None
        records = {SNAPSHOT: self.record}
        return replace(
            made,
            engine=self.engine,
            journal=JOURNAL,
            operation=operation,
            snapshots=lambda: records,
        )

    @property
    def anchor(self) -> AnchorVolumes:
        return AnchorVolumes(f"{self.name}.occ-data-2", (self.target,), self.image, SET, make=True)

    def restore(self, way: Way, *, end_asked: Callable[[], bool] = bool) -> Result:
        step = RestoreVolume(str(self.store.folder), SNAPSHOT, self.source, self.target, self.image)
        with going(way):
            self.anchor.apply(self.context())
            return step.apply(replace(self.context(), end_asked=end_asked))

    def compared(self) -> list[str]:
        """Every difference between the two volumes that rsync sees; empty where there is none."""
        there, here = self.place(self.source), self.place(self.target)
        told = subprocess.run(
            [*RSYNC, f"{there}/", f"{here}/"], capture_output=True, check=True, text=True
        )
        return told.stdout.splitlines()

    def helpers(self) -> list[str]:
        return sorted(name for name in self.engine.names() if name.startswith(self.name))


@pytest.fixture
def stand(private_engine: PrivateEngine, images: Images, tmp_path: Path, run_name: str) -> Stand:
    made = Stand(private_engine, images.build("good", "1"), tmp_path, run_name)
    fill(made.place(made.source))
    return made


def lost(way: Way) -> list[str]:
    """The lines of rsync about a file of the host's way that was written in a way.

    An older engine loses attributes that are empty, and no engine keeps holes; that is all.
    """
    return [".f........x large"] if way == "engine" and chosen() is OWN else []


def holes(folder: Path) -> set[str]:
    """The ends of the names of files that take less room than they are large."""
    files = [one.lstat() for one in folder.iterdir()]
    names = [one.name[-6:] for one in folder.iterdir()]
    return {
        name
        for name, file in zip(names, files, strict=True)
        if stat.S_ISREG(file.st_mode) and file.st_blocks * 512 < file.st_size
    }


@needs_rsync
@pytest.mark.parametrize("written", ["host", "engine"])
def test_a_file_of_the_hosts_way_comes_back_exactly_by_either_way(
    stand: Stand, written: Way
) -> None:
    stand.take("host")
    result = stand.restore(written)
    there, here = stand.place(stand.source), stand.place(stand.target)
    by_engine = written == "engine"
    assert result["way"] == written
    assert result["not_carried"] == ["sockets", *(ENGINE_LOSES if by_engine else ())]
    assert stand.compared() == lost(written)
    gone = {*os.listxattr(there / "large")} - {*os.listxattr(here / "large")}
    assert gone == ({"trusted.b"} if lost(written) else set())
    assert holes(there) == {"sparse"}
    assert holes(here) == (set() if by_engine else {"sparse"})
    assert stand.helpers() == [f"{stand.name}.occ-data-2"]


@needs_rsync
@pytest.mark.parametrize("written", ["host", "engine"])
def test_a_file_of_the_engines_way_comes_back_but_for_what_is_stated(
    stand: Stand, written: Way
) -> None:
    stand.take("engine")
    result = stand.restore(written)
    assert result["way"] == written
    assert result["not_carried"] == list(NOT_CARRIED["engine"])
    # each line is what differs of a path: t time, a ACL, x attributes; never content, mode or owner
    lines = stand.compared()
    assert lines
    for line in lines:
        marks = line.split(" ", 1)[0]
        assert not set(marks[2:]) - set(".tax"), line
    assert {line.split(" ", 1)[1]: line[8:11] for line in lines if "x" in line[8:11]} == {
        "./": "..x",
        "large": "..x",
    }
    with_acl = {line.split(" ", 1)[1] for line in lines if line[9] == "a"}
    assert with_acl == {"plain", "another name", "empty/"}
    place = stand.place(stand.target)
    assert (place / "plain").stat().st_mtime_ns == MTIME // 10**9 * 10**9
    assert place.stat().st_mtime_ns == MTIME // 10**9 * 10**9
    assert holes(place) == set()


CHANGES: dict[str, Callable[[Path], object]] = {
    "content": lambda top: flipped(top / "large"),
    "mode": lambda top: (top / "fifo").chmod(0o604),
    "uid": lambda top: os.chown(top / "empty", 4, -1),
    "gid": lambda top: os.chown(top / "many" / "007", -1, 4),
    "attributes": lambda top: os.setxattr(top / "large", "user.a", b"\0\xff."),
    "mtime": lambda top: os.utime(top / "plain", ns=(1, MTIME + 1)),
    "added": lambda top: (top / "empty" / "new").touch(),
    "removed": lambda top: (top / "null").unlink(),
    "target": lambda top: relinked(top / "absolute"),
    "names": lambda top: copied(top / "another name", top / "copy"),
}


def flipped(file: Path) -> None:
    """One bit of a file is another; its time stays."""
    there = file.stat()
    with file.open("r+b") as one:
        one.seek(5 << 20)
        byte = one.read(1)[0]
        one.seek(5 << 20)
        one.write(bytes((byte ^ 1,)))
    os.utime(file, ns=(there.st_atime_ns, there.st_mtime_ns))


def relinked(link: Path) -> None:
    there = link.lstat()
    link.unlink()
    link.symlink_to("/etc/group")
    os.lchown(link, there.st_uid, there.st_gid)
    os.utime(link, ns=(1, there.st_mtime_ns), follow_symlinks=False)


def copied(name: Path, through: Path) -> None:
    """A name of a file becomes a file of its own, with the same facts."""
    subprocess.run(["cp", "-a", str(name), str(through)], check=True)
    through.rename(name)


@needs_rsync
@pytest.mark.parametrize("what", CHANGES)
def test_a_thing_that_was_written_wrongly_is_seen(
    stand: Stand, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand.take("host")
    write = VolumeWriter.write

    def wrongly(self: VolumeWriter, *args: object, **more: object) -> Way:
        way: Way = write(self, *args, **more)  # type: ignore[arg-type]
        top = stand.place(stand.target)
        folders = [(one, one.stat().st_mtime_ns) for one in (top, top / "empty", top / "many")]
        CHANGES[what](top)
        for one, mtime in folders:  # nothing but the change itself is to be seen
            os.utime(one, ns=(mtime, mtime))
        return way

    monkeypatch.setattr(VolumeWriter, "write", wrongly)
    with pytest.raises(FailedError, match="is not as snapshot 3 has it") as told:
        stand.restore("host")
    assert f"({what})" in told.value.message
    assert stand.compared() != []


@pytest.mark.parametrize("way", ["host", "engine"])
def test_a_file_with_one_wrong_byte_is_refused_before_anything_is_written(
    stand: Stand, way: Way
) -> None:
    stand.take("host")
    assert stand.record is not None
    path = stand.store.path(stand.record.snapshot.volumes[0].file + DATA)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(SnapshotDamagedError, match="its hash is not the recorded one"):
        stand.restore(way)
    assert list(stand.place(stand.target).iterdir()) == []


@pytest.mark.parametrize("way", ["host", "engine"])
def test_what_an_earlier_attempt_left_is_gone_and_the_hold_is_there_again(
    stand: Stand, way: Way
) -> None:
    stand.take("host")
    stand.anchor.apply(stand.context())
    before = stand.engine.volume(stand.target)
    (stand.place(stand.target) / "half of it").write_text("half")
    stand.restore(way)
    assert not (stand.place(stand.target) / "half of it").exists()
    assert stand.anchor.seen(stand.context()) is not None
    assert stand.engine.volume(stand.target) != before
    with client(stand.host) as one:
        one.prune_volumes()
    assert (stand.place(stand.target) / "large").exists()
    UnanchorVolumes(SET).apply(stand.context())
    assert stand.helpers() == []
    stand.anchor.revert(stand.context())
    assert stand.engine.volume(stand.target) is None


def enlarged(stand: Stand) -> None:
    """A file in the source that takes a while to be written."""
    with (stand.place(stand.source) / "~last").open("wb") as file:
        for _ in range(120):
            file.write(os.urandom(1 << 20))


def begun(stand: Stand) -> bool:
    """Whether the target has some of that file."""
    file = stand.place(stand.target) / "~last"
    return file.exists() and file.stat().st_size > 1 << 20


@needs_rsync
@pytest.mark.parametrize("way", ["host", pytest.param("engine", marks=pytest.mark.campaign)])
def test_it_is_ended_within_a_second_and_done_again_from_the_beginning(
    stand: Stand, way: Way
) -> None:
    enlarged(stand)
    stand.take("host")
    stand.anchor.apply(stand.context())
    asked: list[float] = []

    def end_asked() -> bool:
        if not asked and begun(stand):
            asked.append(time.monotonic())
        return bool(asked)

    with pytest.raises(StoppedByOperatorError):
        stand.restore(way, end_asked=end_asked)
    assert time.monotonic() - asked[0] < 1
    stand.restore(way)
    assert stand.compared() == lost(way)
    assert stand.helpers() == [f"{stand.name}.occ-data-2"]


@needs_rsync
@pytest.mark.parametrize("way", ["host", "engine"])
def test_a_kill_in_the_middle_of_the_stream_and_it_is_done_from_the_beginning(
    stand: Stand, way: Way
) -> None:
    enlarged(stand)
    stand.take("host")
    stand.anchor.apply(stand.context())
    child = os.fork()
    if not child:
        stand.engine = DockerEngine(stand.host.url)  # a connection is nobody else's
        with suppress(BaseException):
            stand.restore(way)
        os._exit(1)
    until(partial(begun, stand), seconds=30, what="some of the data", every=0.002)
    os.kill(child, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    stand.restore(way)
    assert stand.compared() == lost(way)
    assert stand.helpers() == [f"{stand.name}.occ-data-2"]


def test_a_disk_that_is_full_is_told_and_all_of_it_goes_again(stand: Stand) -> None:
    stand.take("host")
    stand.anchor.apply(stand.context())
    mark = dict(stand.engine.volume(stand.target) or {})
    stand.anchor.revert(stand.context())
    small = {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"}
    with client(stand.host) as one:
        one.create_volume(stand.target, driver_opts=small, labels=mark)
    with pytest.raises(EngineRefusedError, match="the engine's disk is full"):
        stand.restore("host")  # its options forbid that way
    step = RestoreVolume(str(stand.store.folder), SNAPSHOT, stand.source, stand.target, stand.image)
    step.settle(stand.context())
    step.revert(stand.context())
    stand.anchor.revert(stand.context())
    assert stand.helpers() == []
    assert stand.engine.volume(stand.target) is None
