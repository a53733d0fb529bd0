"""A volume of everything that a disk keeps, of any size, and how two of them are compared."""

import os
import random
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

_MEGABYTE = 1 << 20
_SMALL_A_FOLDER = 1000
_HOLE = 64 << 20
_YEAR_2001 = 1_000_000_000
_RSYNC = ("rsync", "-aHAXni", "--numeric-ids", "--checksum", "--delete", "--modify-window=-1")


def fill(folder: Path, *, megabytes: int, small: int, seed: int = 1) -> None:
    """Have so much data in a folder: half of it shrinks, half does not; and so many small files."""
    chance = random.Random(seed)
    _many(folder / "many", small, chance)
    (folder / "large").mkdir()
    left, number = megabytes, 0
    while left > 0:
        size = min(left, 256)
        with (folder / "large" / f"{number:03}").open("wb") as file:
            for _ in range(size):
                file.write(_piece(number, chance))
        left, number = left - size, number + 1
    _odd(folder)
    _times(folder)


def _piece(number: int, chance: random.Random) -> bytes:
    """A megabyte that does not shrink, or one like a log."""
    if number % 2:
        return chance.randbytes(_MEGABYTE)
    words = [b"%08x" % chance.getrandbits(32) for _ in range(500)]
    lines = b"".join(b" ".join(chance.choices(words, k=8)) + b"\n" for _ in range(2000))
    return (lines * (_MEGABYTE // len(lines) + 1))[:_MEGABYTE]


def _many(top: Path, count: int, chance: random.Random) -> None:
    top.mkdir()
    for number in range(count):
        folder = top / f"{number // _SMALL_A_FOLDER:04}"
        if number % _SMALL_A_FOLDER == 0:
            folder.mkdir()
        file = folder / f"session-{number:06}.json"
        file.write_bytes(chance.randbytes(chance.randrange(0, 3000)))
        os.chown(file, 1000 + number % 7, 1000 + number % 5)
        file.chmod((0o644, 0o600, 0o755, 0o4750, 0o440)[number % 5])
        if number % 50 == 0:
            os.setxattr(file, "user.occ", b"%d" % number)
        if number % 100 == 0:
            os.link(file, folder / f"link-{number:06}")


def _odd(folder: Path) -> None:
    """A file of every other sort."""
    for odd in (b"odd \xff\n name", b"x" * 255, b"-rf", b"back\\slash", "gr\u00fc\u00df".encode()):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + odd)).write_bytes(odd)
    for name, size in (("sparse", _HOLE), ("all hole", 4 * _HOLE)):
        with (folder / name).open("wb") as file:
            if name == "sparse":
                for place in range(0, size, size // 8):
                    file.seek(place)
                    file.write(b"data" * 1024)
            file.truncate(size)
    deep = folder.joinpath(*(letter * 60 for letter in "abcd"))
    deep.mkdir(parents=True)
    (deep / ("y" * 120)).write_text("deep")
    (folder / "out").symlink_to("../no where")
    (folder / "long link").symlink_to("z" * 300)
    os.mkfifo(folder / "fifo", 0o640)
    os.mknod(folder / "null", 0o600 | 0o020000, os.makedev(1, 3))
    (folder / "empty").mkdir()
    marked = folder / "marked"
    marked.write_text("marked")
    os.chown(marked, 1234, 3_000_000)
    marked.chmod(0o6751)
    for key, value in (("user.a", b"\0\xff\n"), ("trusted.b", b"b"), ("user.long", b"v" * 900)):
        os.setxattr(marked, key, value)
    for words in (("-m", "u:77:rw", "marked"), ("-d", "-m", "g:78:rwx", "empty")):
        subprocess.run(["setfacl", *words[:-1], str(folder / words[-1])], check=True)


def _times(folder: Path) -> None:
    """A time of its own for each, with nanoseconds; the folders after what is in them."""
    number = 0
    for top, folders, files in os.walk(folder, topdown=False):
        for name in (*files, *folders, "."):
            number += 1
            when = (_YEAR_2001 + number) * 10**9 + number * 7919 % 10**9
            os.utime(Path(top, name), ns=(1, when), follow_symlinks=False)


def compared(one: Path, other: Path) -> list[str]:
    """Every difference that rsync sees between two folders, and nothing is left out of."""
    if shutil.which("rsync") is None:
        raise RuntimeError("volumes are compared by rsync: apt-get install rsync")
    told = subprocess.run([*_RSYNC, f"{one}/", f"{other}/"], capture_output=True, check=True)
    return told.stdout.decode(errors="surrogateescape").splitlines()


def taken_up(folder: Path) -> int:
    """The bytes that the files in a folder take on the disk, as `du` counts them: no holes.

    The folders' own tables are left out: their size follows from the order in which names came.
    """
    seen: dict[int, int] = {}
    for top, _, files in os.walk(folder):
        for name in files:
            there = Path(top, name).lstat()
            seen[there.st_ino] = there.st_blocks * 512
    return sum(seen.values())


def spoiled(folder: Path) -> Mapping[str, str]:
    """Put one fault of each sort into a folder; by path the mark by which rsync tells it."""
    first, second = folder / "many" / "0000", folder / "large"
    byte = second / "000"
    when = byte.stat()
    with byte.open("r+b") as file:
        file.seek(_MEGABYTE // 2)
        old = file.read(1)[0]
        file.seek(_MEGABYTE // 2)
        file.write(bytes((old ^ 1,)))
    os.utime(byte, ns=(1, when.st_mtime_ns))
    (first / "session-000001.json").chmod(0o601)
    os.chown(first / "session-000002.json", 4, -1)
    os.setxattr(first / "session-000050.json", "user.occ", b"51")
    late = first / "session-000003.json"
    os.utime(late, ns=(1, late.stat().st_mtime_ns + 1))
    return {
        "large/000": "c",
        "many/0000/session-000001.json": "p",
        "many/0000/session-000002.json": "o",
        "many/0000/session-000050.json": "x",
        "many/0000/session-000003.json": "t",
    }
