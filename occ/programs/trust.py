"""Whether a file is root's alone: only then may root run it, or do what it says."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from occ.errors import UntrustedProgramError

_OTHERS: Final = 0o022
_MOST_LINKS: Final = 40


def refuse_untrusted(file: Path, called: str) -> None:
    """Refuse a file that somebody else than root can write to, or put another one in place of.

    Every folder on its way counts, and so do the links and the folders on theirs. A folder that all
    may write to is fine where it is sticky: there nobody renames what is root's. An access list is
    seen by the group's bits, which the system keeps as its mask. A file that is not there is
    left: nothing of it can be run.

    Raises:
        UntrustedProgramError: naming the file or folder, and how to mend it.
    """
    for path, found in _way(file):
        folder = stat.S_ISDIR(found.st_mode)
        if found.st_uid != 0:
            raise _refused(
                called, path, f"belongs to {_account(found.st_uid)}", f"chown root {path}"
            )
        if stat.S_ISLNK(found.st_mode):
            continue  # whoever may write to its folder could change it, and that was looked at
        if found.st_mode & _OTHERS and not (folder and found.st_mode & stat.S_ISVTX):
            raise _refused(called, path, "can be written by others", f"chmod go-w {path}")


def _way(file: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Every folder, link and file on the way to a file, with its facts, from the root on."""
    todo, here, links = _parts(os.fspath(file.absolute())), "/", 0
    yield here, os.lstat(here)
    while todo:
        part = todo.pop()
        if part == "..":
            here = os.path.dirname(here)  # noqa: PTH120 - of a text that has no links left in it
            continue
        path = os.path.join(here, part)  # noqa: PTH118 - as above
        try:
            found = os.lstat(path)
        except OSError:
            return
        yield path, found
        if not stat.S_ISLNK(found.st_mode):
            here = path
            continue
        links += 1
        if links > _MOST_LINKS:
            return
        leads = os.fspath(Path(path).readlink())
        here = "/" if leads.startswith("/") else here
        todo += _parts(leads)


def _parts(path: str) -> list[str]:
    """The parts of a path, the first one last."""
    return [part for part in reversed(path.split("/")) if part not in {"", "."}]


def _refused(called: str, path: str, why: str, mend: str) -> UntrustedProgramError:
    return UntrustedProgramError(
        f"root does not run {called}: {path} {why}, who could have root run anything", hint=mend
    )


def _account(number: int) -> str:
    import pwd  # noqa: PLC0415 - for a refusal alone

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"
