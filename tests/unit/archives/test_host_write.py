"""A folder written by GNU tar as a child, and safe on the disk."""

import io
import os
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from occ.archives import host_tar, syncing
from occ.archives.host_tar import write_folder
from occ.archives.syncing import sync_disk
from occ.errors import FailedError
from tests.archived import tar_of

root = pytest.mark.skipif(os.geteuid() != 0, reason="only root writes as others")
pytestmark = [
    root,
    pytest.mark.skipif(not host_tar.gnu_tar(), reason="there is no GNU tar"),
]


class EnoughError(Exception):
    """Somebody asks for an end."""


def nothing() -> None:
    return


@pytest.fixture
def target(tmp_path: Path) -> Path:
    made = tmp_path / "target"
    made.mkdir()
    return made


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB."""
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], check=True)
    yield place
    subprocess.run(["umount", str(place)], check=True)


def read(folder: Path) -> list[bytes]:
    pieces: list[bytes] = []
    host_tar.read_folder(str(folder), pieces.append, tick=nothing)
    return pieces


def test_it_is_written_as_it_was_read_the_folder_itself_too(tmp_path: Path, target: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a").write_text("a")
    os.link(source / "a", source / "b")
    os.chown(source / "a", 1234, 5678)
    with (source / "hole").open("wb") as file:
        file.truncate(1 << 30)
    source.chmod(0o1770)
    os.chown(source, 7, 8)
    os.utime(source, ns=(1, 1_500_000_000_000_000_001))
    (target / "before").write_text("stays")
    write_folder(str(target), read(source), tick=nothing)
    top, one, hole = target.stat(), (target / "a").stat(), (target / "hole").stat()
    assert (top.st_mode & 0o7777, top.st_uid, top.st_gid) == (0o1770, 7, 8)
    assert top.st_mtime_ns == 1_500_000_000_000_000_001
    assert (one.st_uid, one.st_gid, one.st_nlink) == (1234, 5678, 2)
    assert (hole.st_size, hole.st_blocks) == (1 << 30, 0)
    assert (target / "before").read_text() == "stays"


def test_a_disk_that_is_full_is_told_in_words_of_tar(full: Path) -> None:
    raw = tar_of({"large": bytes(4 << 20)}, root=".")
    with pytest.raises(
        FailedError, match=r"exit status 2.*(Wrote only|No space left on device)"
    ) as told:
        write_folder(str(full), [raw], tick=nothing)
    assert told.value.hint == f"df -h {full}; df -i {full}"


def test_a_child_that_ends_early_is_no_broken_pipe(target: Path) -> None:
    def garbage() -> Iterator[bytes]:
        for _ in range(200):
            yield b"no tar" * 10_000

    with pytest.raises(FailedError, match="This does not look like a tar archive"):
        write_folder(str(target), garbage(), tick=nothing)
    with pytest.raises(FailedError, match="exit status 2"):
        write_folder(str(target / "gone"), [tar_of({}, root=".")], tick=nothing)


def test_a_link_leads_it_nowhere(target: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as made:
        top = tarfile.TarInfo("./")
        top.type, top.mode = tarfile.DIRTYPE, 0o755
        made.addfile(top)
        link = tarfile.TarInfo("./way")
        link.type, link.linkname = tarfile.SYMTYPE, str(outside)
        made.addfile(link)
        made.addfile(tarfile.TarInfo("./way/planted"))
        made.addfile(tarfile.TarInfo("./../planted"))
    with pytest.raises(FailedError):
        write_folder(str(target), [buffer.getvalue()], tick=nothing)
    assert list(outside.iterdir()) == []
    assert not (tmp_path / "planted").exists()


@pytest.mark.parametrize("where", ["give", "tick"])
def test_it_is_ended_within_a_second(where: str, target: Path) -> None:
    raw = tar_of({"large": bytes(30 << 20)}, root=".")
    ended: list[float] = []

    def given() -> Iterator[bytes]:
        yield raw[: 20 << 20]
        ended.append(time.monotonic())
        if where == "give":
            raise EnoughError
        yield raw[20 << 20 :]

    def tick() -> None:
        if ended:
            raise EnoughError

    with pytest.raises(EnoughError):
        write_folder(str(target), given(), tick=tick)
    assert time.monotonic() - ended[0] < 1
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    assert not children.exists() or not children.read_text().strip()


@pytest.mark.parametrize("words", ["exec sleep 60", "exec <&-; exec sleep 60"])
def test_a_child_that_takes_nothing_or_does_not_end_is_ended_too(
    words: str, tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "tar"
    slow.write_text(f"#!/bin/sh\n{words}\n")
    slow.chmod(0o755)
    monkeypatch.setattr(host_tar, "gnu_tar", lambda: str(slow))
    until = time.monotonic() + 0.4

    def tick() -> None:
        if time.monotonic() > until:
            raise EnoughError

    with pytest.raises(EnoughError):
        write_folder(str(target), [bytes(1 << 20)], tick=tick)
    assert time.monotonic() - until < 1


def test_a_disk_that_fails_is_told_and_one_that_is_slow_can_be_left(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync_disk(str(target), tick=nothing)
    sync_disk("", tick=nothing)

    def fails(_folder: str) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(syncing, "_sync", fails)
    with pytest.raises(FailedError, match="did not take all of it"):
        sync_disk(str(target), tick=nothing)
    slow: Callable[[str], None] = lambda _: time.sleep(3)  # noqa: E731 - as a disk would
    monkeypatch.setattr(syncing, "_sync", slow)
    until = time.monotonic() + 0.3

    def tick() -> None:
        if time.monotonic() > until:
            raise EnoughError

    with pytest.raises(EnoughError):
        sync_disk(str(target), tick=tick)
    assert time.monotonic() - until < 1
