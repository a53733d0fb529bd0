"""The lock of a running program: a file whose lock it inherits, so that it outlives occ."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from occ.errors import FailedError
from occ.own_files import folder_of


@contextmanager
def held(file: Path) -> Iterator[int]:
    """The descriptor of the locked file, to be inherited; the file is gone at the end.

    Raises:
        FailedError: a program that was begun before still has it.
    """
    with folder_of(file, make=0o700) as (folder, name):
        lock = folder.own(name, os.O_RDWR)
        try:
            if not _taken(lock):
                raise FailedError(
                    f"a run of {file.stem} that was begun before has not ended", hint="ps -ef"
                )
            yield lock
            folder.remove(name)
        finally:
            os.close(lock)


def free(file: Path) -> bool:
    """Whether no program has the lock."""
    try:
        with folder_of(file) as (folder, name):
            lock = folder.open(name, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        return _taken(lock)
    finally:
        os.close(lock)


def holders(file: Path) -> tuple[int, ...]:
    """The processes that have the file open, where this system tells (Linux); never this one."""
    found: list[int] = []
    with suppress(OSError):
        there = file.stat()
        for process in Path("/proc").iterdir():
            if process.name.isdigit() and int(process.name) != os.getpid():
                with suppress(OSError):
                    opened = (one.stat() for one in (process / "fd").iterdir())
                    if any((o.st_dev, o.st_ino) == (there.st_dev, there.st_ino) for o in opened):
                        found.append(int(process.name))
    return tuple(found)


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in {errno.EWOULDBLOCK, errno.EACCES}:
            raise
        return False
    return True
