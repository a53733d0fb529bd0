"""Files and folders that only their owner may touch: 0600 and 0700, whatever the umask."""

import os
from contextlib import suppress
from pathlib import Path

RESERVE_BYTES = 1 << 20
MOST_KEPT_BYTES = 1 << 16
_NOFOLLOW = os.O_NOFOLLOW | os.O_CLOEXEC


def make_folder(folder: Path) -> None:
    """Have a folder; every folder made for it is 0700, one that is there stays as it is.

    Raises:
        OSError: it cannot be made.
    """
    missing = [folder, *folder.parents]
    while missing and missing[-1].is_dir():
        missing.pop()
    for step in reversed(missing):
        with suppress(FileExistsError):  # another occ was as quick, or it is a file
            step.mkdir(mode=0o700)
    if not folder.is_dir():
        raise NotADirectoryError(20, "is not a folder", str(folder))


def open_private(path: Path, flags: int) -> int:
    """Open a file of ours for writing, made 0600 when it is not there; a link is not followed.

    A file that root makes gets the owner of its folder, as SQLite has it with its own files:
    otherwise a single `sudo occ` would keep the folder's owner out of a lock.

    Raises:
        OSError: it cannot be opened.
    """
    try:
        made = os.open(path, flags | os.O_CREAT | os.O_EXCL | _NOFOLLOW, 0o600)
    except FileExistsError:
        if flags & os.O_EXCL:
            raise
        return os.open(path, flags | os.O_CREAT | _NOFOLLOW, 0o600)
    owner = path.parent.stat()
    if os.geteuid() == 0 != owner.st_uid:
        with suppress(PermissionError):  # a file system that has no owners
            os.fchown(made, owner.st_uid, owner.st_gid)
    return made


def write_reserve(path: Path) -> None:
    """Have 1 MiB written and synced; random bytes, so that a compressing disk cannot cheat.

    Raises:
        OSError: there is no room, or no permission.
    """
    if path.is_file() and path.stat().st_size == RESERVE_BYTES:
        return
    try:
        with os.fdopen(open_private(path, os.O_WRONLY | os.O_TRUNC), "wb") as file:
            file.write(os.urandom(RESERVE_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):  # the first error is the one to tell
            path.unlink()
        raise


def append_bounded(path: Path, text: str) -> bool:
    """Append a text to a file of ours of which the last 64 KiB are kept; whether it could be."""
    data = text.encode(errors="backslashreplace")
    try:
        with os.fdopen(open_private(path, os.O_RDWR | os.O_NONBLOCK), "r+b") as file:
            os.fchmod(file.fileno(), 0o600)
            data = (file.read() + data)[-MOST_KEPT_BYTES:]
            file.seek(0)
            file.truncate()
            file.write(data)
    except (OSError, ValueError):
        return False
    return True
