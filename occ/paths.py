"""The way to a file, part by part: root goes along no link that somebody else made."""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

_STEP = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW
"""A folder on the way need not be readable, where the system knows such an opening."""
_MOST_LINKS = 40  # as Linux has it


class LinkError(OSError):
    """A link on the way to a file was made by somebody else than root, and root is asked to go."""


def walked(file: Path, *, make: int, last: bool) -> tuple[int, str]:
    """The open folder of a file, and the file's name in it; see `own_files.folder_of`.

    Raises:
        LinkError: naming the link and its owner.
        OSError: a folder is missing, is a file, or cannot be opened or made.
    """
    todo = _parts(os.fspath(file.absolute()))
    here, seen, links = os.open("/", _STEP), Path("/"), 0
    try:
        while todo:
            part = todo.pop()
            followed = _followed(here, seen, part) if todo or last else None
            if followed is None and not todo:
                return here, part
            if followed is None:
                here, seen = _entered(here, part, make=make), seen / part
                continue
            links += 1
            _refuse_endless(links, file)
            todo += _parts(followed)
            if followed.startswith("/"):
                here, seen = _entered(here, "/", make=0), Path("/")
    except BaseException:
        os.close(here)
        raise
    os.close(here)
    raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(file))


def _refuse_endless(links: int, file: Path) -> None:
    if links > _MOST_LINKS:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), os.fspath(file))


def _parts(path: str) -> list[str]:
    """The parts of a path, the first one last."""
    return [part for part in reversed(path.split("/")) if part not in {"", "."}]


def _entered(here: int, part: str, *, make: int) -> int:
    """The folder within this one, in the place of this one, which is closed."""
    try:
        entered = os.open(part, _STEP, dir_fd=here)
    except FileNotFoundError:
        if not make:
            raise
        with suppress(FileExistsError):  # another occ was as quick
            os.mkdir(part, make, dir_fd=here)
        entered = os.open(part, _STEP, dir_fd=here)
    os.close(here)
    return entered


def _followed(here: int, seen: Path, part: str) -> str | None:
    """The text of a link; None for whatever is no link."""
    try:
        found = os.stat(part, dir_fd=here, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISLNK(found.st_mode):
        return None
    if os.geteuid() == 0:
        around = os.fstat(here)
        shared = around.st_mode & 0o022 and not around.st_mode & stat.S_ISVTX
        if found.st_uid != 0 or around.st_uid != 0 or shared:
            whose = _account(found.st_uid or around.st_uid)
            said = f"{seen / part} is a link of {whose}, and root follows no link of others"
            raise LinkError(errno.ELOOP, said)
    return os.readlink(part, dir_fd=here)


def _account(number: int) -> str:
    import pwd  # noqa: PLC0415 - for a refusal alone

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"
