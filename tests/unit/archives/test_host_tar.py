"""The host's way: GNU tar as a child that is judged, and ended when it is to end."""

import io
import os
import subprocess
import time
from pathlib import Path

import pytest

from occ.archives import host_tar
from occ.archives.manifest import Listing
from occ.archives.members import Members
from occ.archives.packing import Packing, unpacked
from occ.errors import FailedError

pytestmark = pytest.mark.skipif(not host_tar.gnu_tar(), reason="there is no GNU tar")


class EnoughError(Exception):
    """Somebody asks for an end."""


def read(folder: Path) -> tuple[Members, tuple[str, ...]]:
    file, listing = io.BytesIO(), Listing()
    packing = Packing(file)
    said = host_tar.read_folder(str(folder), packing.take, tick=lambda: None)
    packing.finish()
    file.seek(0)
    unpacked(file, listing)
    return listing.members(), said


def test_a_folder_is_read_with_all_that_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "-rf").write_text("a name like an option")
    os.utime(tmp_path / "-rf", ns=(1, 1_500_000_000_000_000_001))
    os.mkfifo(tmp_path / "fifo")
    with (tmp_path / "hole").open("wb") as file:
        file.truncate(64 << 20)
    members, said = read(tmp_path)
    assert said == ()
    assert list(members) == ["-rf", ".", "fifo", "hole"]
    assert members["-rf"].mtime == 1_500_000_000_000_000_001
    assert members["hole"].size == 64 << 20


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts")
def test_a_disk_that_is_mounted_within_it_is_read_too(tmp_path: Path) -> None:
    place = tmp_path / "media"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], check=True)
    try:
        (place / "film").write_text("film")
        members, _ = read(tmp_path)
    finally:
        subprocess.run(["umount", str(place)], check=True)
    assert list(members) == [".", "media", "media/film"]


def test_a_hole_takes_no_room(tmp_path: Path) -> None:
    with (tmp_path / "hole").open("wb") as file:
        file.truncate(1 << 30)
    pieces: list[bytes] = []
    host_tar.read_folder(str(tmp_path), pieces.append, tick=lambda: None)
    assert sum(map(len, pieces)) < 100_000


def test_a_folder_that_is_gone_is_told_in_words_of_tar(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match=r"exit status 2\): .*No such file or directory"):
        host_tar.read_folder(str(tmp_path / "gone"), lambda _: None, tick=lambda: None)


def test_a_file_that_changes_meanwhile_is_told(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"{number:02}").write_bytes(os.urandom(1 << 20))
    changed = False

    def take(_piece: bytes) -> None:
        nonlocal changed
        if not changed:  # the first pieces are of one of these, and most are still to come
            changed = True
            for file in tmp_path.iterdir():
                with file.open("ab") as more:
                    more.write(b"more" * (1 << 18))
                file.write_bytes(b"less")

    said = host_tar.read_folder(str(tmp_path), take, tick=lambda: None)
    assert [line for line in said if "changed as we read it" in line or "shrank" in line]


@pytest.mark.parametrize("where", ["take", "tick"])
def test_it_is_ended_within_a_second(where: str, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(50 << 20))

    def end(*_: object) -> None:
        raise EnoughError

    begun = time.monotonic()
    with pytest.raises(EnoughError):
        host_tar.read_folder(
            str(tmp_path),
            end if where == "take" else lambda _: None,
            tick=end if where == "tick" else lambda: None,
        )
    assert time.monotonic() - begun < 1
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    assert not children.exists() or "tar" not in children.read_text()


def test_a_child_that_says_nothing_is_ended_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = tmp_path / "tar"
    silent.write_text("#!/bin/sh\nexec sleep 60\n")
    silent.chmod(0o755)
    monkeypatch.setattr(host_tar, "gnu_tar", lambda: str(silent))
    until = time.monotonic() + 0.3

    def tick() -> None:
        if time.monotonic() > until:
            raise EnoughError

    with pytest.raises(EnoughError):
        host_tar.read_folder(str(tmp_path), lambda _: None, tick=tick)
    assert time.monotonic() - until < 1
