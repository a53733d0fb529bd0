"""Files and folders that only their owner may touch: 0600 and 0700, whatever the umask."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from occ import own_files

RESERVE_BYTES = 1 << 20
MOST_KEPT_BYTES = 1 << 16


def make_folder(file: Path) -> None:
    """Have the folder of a file; every folder made for it is 0700, one that is there stays.

    Raises:
        OSError: it cannot be made; see `folder_of`.
    """
    with own_files.folder_of(file, make=0o700):
        pass


def open_private(path: Path, flags: int) -> int:
    """Open a file of ours for writing, made 0600 when it is not there; a link is not followed.

    Raises:
        OSError: it cannot be opened; see `Folder.own`.
    """
    with own_files.folder_of(path, last=False) as (folder, name):
        return folder.own(name, flags)


def write_reserve(path: Path) -> None:
    """Have 1 MiB written and synced; random bytes, so that a compressing disk cannot cheat.

    Raises:
        OSError: there is no room, or no permission.
    """
    with own_files.folder_of(path, make=0o700, last=False) as (folder, name):
        there = folder.look(name)
        if there and stat.S_ISREG(there.st_mode) and there.st_size == RESERVE_BYTES:
            return
        try:
            with os.fdopen(folder.own(name, os.O_WRONLY), "wb") as file:
                file.truncate()
                file.write(os.urandom(RESERVE_BYTES))
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):  # the first error is the one to tell
                folder.remove(name)
            raise


def append_bounded(path: Path, text: str) -> bool:
    """Append a text to a file of ours of which the last 64 KiB are kept; whether it could be."""
    data = text.encode(errors="backslashreplace")
    try:
        with os.fdopen(open_private(path, os.O_RDWR), "r+b") as file:
            os.fchmod(file.fileno(), 0o600)
            data = (file.read() + data)[-MOST_KEPT_BYTES:]
            file.seek(0)
            file.truncate()
            file.write(data)
    except (OSError, ValueError):
        return False
    return True


def replace_text(path: Path, text: str) -> None:
    """Have a file of ours hold a text, whole or as before, where it can be written."""
    with suppress(OSError), own_files.folder_of(path, last=False) as (folder, name):
        folder.write(name, text.encode(errors="backslashreplace"))


def text_of(path: Path) -> str:
    """The text in a file of ours; empty where there is none to read."""
    try:
        return path.read_bytes()[:MOST_KEPT_BYTES].decode(errors="replace")
    except OSError:
        return ""
