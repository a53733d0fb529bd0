"""Files of people's that are written anew: whole or as before, by one of occ's at a time."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from occ.errors import ConfigError
from occ.settings.toml.document import decode, read_bytes
from occ.settings.toml.node import printable

_INSTEAD = "name another file with --config or OCC_CONFIG"


def rewrite(file: Path, text: str) -> None:
    """Have the file hold this text: whole or as before, mode 0600 where it is new.

    It stays its owner's; one that root makes belongs to whom the folder belongs: who types
    `sudo occ` once is not to be kept out of it afterwards. Who has read it to change it does both
    within `alone`.

    Raises:
        ConfigError: it cannot be written.
    """
    target = Path(os.path.realpath(file))
    with _explained(file):
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # mode 0600
        try:
            with os.fdopen(handle, "wb") as draft:
                draft.write(text.encode())
                draft.flush()
                _give(draft.fileno(), target)
                os.fsync(draft.fileno())
            if target.exists():
                Path(name).chmod(target.stat().st_mode & 0o777)
            Path(name).replace(target)
            sync_folder(target.parent)
        finally:
            Path(name).unlink(missing_ok=True)


def _give(draft: int, target: Path) -> None:
    """Have a draft belong to whom the file belongs that it becomes."""
    is_new = not target.exists()
    if is_new and os.geteuid() != 0:
        return
    owner, ours = (target.parent if is_new else target).stat(), os.fstat(draft)
    # One after the other: the group can be kept by who may not give a file away.
    with suppress(OSError):  # not root, or a file system or namespace without such an owner
        if owner.st_gid != ours.st_gid:
            os.fchown(draft, -1, owner.st_gid)
    with suppress(OSError):  # as above
        if owner.st_uid != ours.st_uid:
            os.fchown(draft, owner.st_uid, -1)


def exchange(file: Path, before: str, text: str) -> None:
    """Have the file hold this text, if it still holds what it did when somebody began.

    Raises:
        ConfigError: it was changed meanwhile, or cannot be read or written.
    """
    with alone(file):
        content = read_bytes(file, instead=_INSTEAD)
        if ("" if content is None else decode(content, file)) != before:
            raise ConfigError(
                f"{printable(str(file))} was changed by somebody else meanwhile and is left as it "
                "is now; type the command again"
            )
        rewrite(file, text)


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """While it is entered, no other occ rewrites a file of the same folder.

    The lock is on the folder itself: it leaves no file behind, and goes with its process. What
    asks people is never done within it, so it is waited for.

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


def sync_folder(folder: Path) -> None:
    """Have the new name of a file in a folder last, too.

    Raises:
        OSError: the disk failed.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"{printable(str(file))}: it cannot be written ({error.strerror}); make it and its "
            "folder writable, or name another one with --config"
        ) from None
