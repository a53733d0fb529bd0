"""Files of ours in folders that may be somebody else's: written by descriptor, no link followed.

Whoever owns a folder can put a link in the place of a file at any instant, also between two calls
of ours. So a folder is opened once, each part of its path within the part before it, and everything
after that happens within the open folder.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from occ.paths import LinkError, walked

_FOLDER = os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that is held open. No method follows a link."""

    descriptor: int

    def look(self, name: str) -> os.stat_result | None:
        """The facts of a file or of a link itself; None without one."""
        with suppress(FileNotFoundError):
            return os.stat(name, dir_fd=self.descriptor, follow_symlinks=False)
        return None

    def open(self, name: str, flags: int, mode: int = 0o600) -> int:
        """Open a file, and return its descriptor.

        Raises:
            LinkError: it is a link.
            OSError: as for `os.open`.
        """
        try:
            return os.open(name, flags | _FILE, mode, dir_fd=self.descriptor)
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
            raise LinkError(errno.ELOOP, f"{name} is a link, which is not followed") from None

    def own(self, name: str, flags: int) -> int:
        """Open a plain file for writing, made 0600 when it is not there.

        A file that root makes gets the owner of its folder: otherwise a single `sudo occ` would
        keep the folder's owner out of it.

        Raises:
            OSError: it cannot be opened, or is another name of a file that lies elsewhere.
        """
        try:
            made = self.open(name, flags | os.O_CREAT | os.O_EXCL)
        except FileExistsError:
            if flags & os.O_EXCL:
                raise
            return _plain(self.open(name, flags | os.O_CREAT | os.O_NONBLOCK), name)
        self.give(made)
        return made

    def give(self, file: int, like: os.stat_result | None = None) -> None:
        """Give a file that root makes the owner of this folder, or of the file that it replaces.

        Others give what they may: a person who may not give a file away can still keep its group.
        """
        if like is None and os.geteuid() != 0:
            return
        owner, ours = like or os.fstat(self.descriptor), os.fstat(file)
        with suppress(OSError):  # not root, or a file system or namespace without such an owner
            if owner.st_gid != ours.st_gid:
                os.fchown(file, -1, owner.st_gid)
        with suppress(OSError):  # as above
            if owner.st_uid != ours.st_uid:
                os.fchown(file, owner.st_uid, -1)

    def write(self, name: str, content: bytes, *, mode: int | None = None) -> None:
        """Have a file with this content: whole or as before, and safe on the disk.

        Without a `mode` the file keeps mode and owner; a new one is 0600, and as `give` says.

        Raises:
            OSError: it cannot be written.
        """
        with self._draft(name, content, mode) as draft:
            os.replace(draft, name, src_dir_fd=self.descriptor, dst_dir_fd=self.descriptor)
        self.sync()

    def add(self, name: str, content: bytes) -> None:
        """As `write`, and a file that is there already stays.

        Raises:
            OSError: it cannot be written.
        """
        with self._draft(name, content, None) as draft, suppress(FileExistsError):
            os.link(
                draft,
                name,
                src_dir_fd=self.descriptor,
                dst_dir_fd=self.descriptor,
                follow_symlinks=False,
            )
        self.sync()

    def rename(self, name: str, new: str) -> None:
        """Have a file under another name, safe on the disk; one of that name is replaced.

        Raises:
            OSError: it cannot be.
        """
        os.replace(name, new, src_dir_fd=self.descriptor, dst_dir_fd=self.descriptor)
        self.sync()

    def remove(self, name: str) -> None:
        """Have no such file; of a link, the link itself.

        Raises:
            OSError: it cannot be removed.
        """
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self.descriptor)

    def sync(self) -> None:
        """Make names in it durable.

        Raises:
            OSError: the disk failed.
        """
        readable = self.readable()
        try:
            os.fsync(readable)
        finally:
            os.close(readable)

    def readable(self) -> int:
        """A descriptor of its own for this folder, which can be synced and locked."""
        return os.open(".", os.O_RDONLY | _FOLDER, dir_fd=self.descriptor)

    @contextmanager
    def _draft(self, name: str, content: bytes, mode: int | None) -> Iterator[str]:
        """The name of a draft that is safe on the disk; at the end it is gone, unless renamed."""
        draft = f".{name}.{os.urandom(6).hex()}"
        there = self.look(name)
        handle = self.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                if mode is None:
                    self.give(handle, there)
                    mode = there.st_mode & 0o777 if there and stat.S_ISREG(there.st_mode) else 0o600
                os.fchmod(handle, mode)
                os.fsync(handle)
            yield draft
        finally:
            self.remove(draft)


@contextmanager
def folder_of(file: Path, *, make: int = 0, last: bool = True) -> Iterator[tuple[Folder, str]]:
    """The folder of a file, held open, and the file's name in it.

    Root follows a link only where nobody else can have made it: the link is root's, in a folder of
    root's that others may not write to, or not as they like (sticky). Everybody else follows links
    as every program does. `make` is the mode of folders that are made where they are missing; 0
    makes no folder. Without `last` the file itself is not followed where it is a link.

    Raises:
        LinkError: naming the link and its owner.
        OSError: a folder is missing, is a file, or cannot be opened or made.
    """
    descriptor, name = walked(file, make=make, last=last)
    try:
        yield Folder(descriptor), name
    finally:
        os.close(descriptor)


def remove(file: Path) -> None:
    """Have no such file; of a link, the link itself.

    Raises:
        OSError: as for `folder_of`, or it cannot be removed.
    """
    with suppress(FileNotFoundError), folder_of(file, last=False) as (folder, name):
        folder.remove(name)


def refuse_links(file: Path) -> None:
    """Refuse a file that is reached by a link which `folder_of` does not follow.

    A folder that is missing is no link.

    Raises:
        OSError: as for `folder_of`.
    """
    with suppress(FileNotFoundError), folder_of(file):
        pass


def open_to_rewrite(file: Path) -> int:
    """Open a file for reading by the same rule as for writing, for what is written back there.

    Raises:
        OSError: as for `folder_of`, or it cannot be opened.
    """
    with folder_of(file) as (folder, name):
        return folder.open(name, os.O_RDONLY | os.O_NONBLOCK)


def _plain(file: int, name: str) -> int:
    """The descriptor, of a plain file that has this name alone."""
    found = os.fstat(file)
    if stat.S_ISREG(found.st_mode) and found.st_nlink <= 1:
        os.set_blocking(file, True)
        return file
    os.close(file)
    raise OSError(errno.EEXIST, f"{name} is no plain file, or another name of a file elsewhere")
