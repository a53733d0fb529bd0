"""Files that are rewritten whole or not at all, by one occ at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from occ import own_files
from occ.errors import ConfigError
from occ.paths import LinkError
from occ.settings.toml.node import printable


def rewrite(file: Path, text: str) -> None:
    """Have the file hold this text: whole or as before, mode 0600 where it is new.

    The file keeps its owner, and a file that root makes gets the owner of its folder: a person
    who types `sudo occ` once is not kept out of it afterwards. A caller that reads the file to
    change it does both within `alone`.

    Raises:
        ConfigError: it cannot be written, or is reached by a link of others that root is not to
            follow.
    """
    with _explained(file), own_files.folder_of(file, make=0o700) as (folder, name):
        folder.write(name, text.encode())


def remove(file: Path) -> None:
    """Have no such file.

    Raises:
        ConfigError: it cannot be removed.
    """
    with _explained(file):
        own_files.remove(file)


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """While it is entered, no other occ rewrites a file of the same folder.

    The lock is on the folder itself: it leaves no file behind, and goes with its process. Nobody
    is asked anything while it is held, so others wait for it.

    Raises:
        ConfigError: the folder cannot be made or opened.
    """
    with _explained(file), own_files.folder_of(file, make=0o700) as (folder, _):
        handle = folder.readable()
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
    except LinkError as error:
        why = printable(str(error.strerror))
        raise ConfigError(
            f"{printable(file)}: it is not written, for {why}; name the file itself, or type the "
            "command as its owner"
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{printable(file)}: it cannot be written ({error.strerror}); make it and its "
            "folder writable, or name another one with --config"
        ) from None
