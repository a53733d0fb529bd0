"""Files that are rewritten whole or not at all, by one occ at a time."""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from occ.disks import sync_folder
from occ.errors import ConfigError
from occ.settings.toml.node import printable


def rewrite(file: Path, text: str) -> None:
    """Have the file hold this text: whole or as before, mode 0600 where it is new.

    The file keeps its owner, and a file that root makes gets the owner of its folder: a person
    who types `sudo occ` once is not kept out of it afterwards. A caller that reads the file to
    change it does both within `alone`.

    Raises:
        ConfigError: it cannot be written.
    """
    target = Path(os.path.realpath(file))
    with _explained(file):
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with draft_of(target, text.encode(), lambda draft: _give(draft, target)) as draft:
            if target.exists():
                draft.chmod(target.stat().st_mode & 0o777)
            draft.replace(target)
            sync_folder(target.parent)


@contextmanager
def draft_of(
    target: Path, content: bytes, adjust: Callable[[int], object] = lambda _: None
) -> Iterator[Path]:
    """A file beside the target with this content, mode 0600, safe on the disk.

    `adjust` takes its descriptor before. At the end the file is gone, unless it was renamed.
    """
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            adjust(handle)
            os.fsync(handle)
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _give(draft: int, target: Path) -> None:
    """Give the draft the owner of the file that it will replace."""
    is_new = not target.exists()
    if is_new and os.geteuid() != 0:
        return
    owner, ours = (target.parent if is_new else target).stat(), os.fstat(draft)
    # One after the other: a person who may not give a file away can still keep the group.
    with suppress(OSError):  # not root, or a file system or namespace without such an owner
        if owner.st_gid != ours.st_gid:
            os.fchown(draft, -1, owner.st_gid)
    with suppress(OSError):  # as above
        if owner.st_uid != ours.st_uid:
            os.fchown(draft, owner.st_uid, -1)


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """While it is entered, no other occ rewrites a file of the same folder.

    The lock is on the folder itself: it leaves no file behind, and goes with its process. Nobody
    is asked anything while it is held, so others wait for it.

    Raises:
        ConfigError: the folder cannot be made or opened.
    """
    folder = Path(os.path.realpath(file)).parent
    with _explained(file):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # a file system without locks: then as any editor does
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"{printable(file)}: it cannot be written ({error.strerror}); make it and its "
            "folder writable, or name another one with --config"
        ) from None
