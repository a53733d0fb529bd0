"""The files of a service's snapshots: `7.web-data.tar.zst` is one volume in snapshot 7.

A file that is being written is a draft: it has a name by which an interrupted operation finds it
again, and becomes a snapshot's in one rename. Whatever is not named so is nobody's of ours.
"""

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from occ import own_files
from occ.errors import FailedError, NotFoundError
from occ.own_files import Folder

DATA: Final = ".tar.zst"
MANIFEST: Final = ".manifest"
_DRAFT: Final = ".draft"
_LONGEST: Final = 100
_MODE: Final = 0o700
_BLOCK: Final = 512


def stem(number: int, volume: str) -> str:
    """The beginning of the names of a volume's files; two volumes never have the same.

    A name that cannot be a file's as it is, or is long, gets a digest behind it.
    """
    plain = re.sub(r"[^a-zA-Z0-9_.-]", "-", volume.strip("/"))[:_LONGEST]
    if plain != volume:
        sign = hashlib.sha256(volume.encode(errors="surrogateescape")).hexdigest()[:8]
        plain = f"{plain}.{sign}"
    return f"{number}.{plain}"


@dataclass(slots=True)
class Draft:
    """A file that is being written; it goes again unless it is kept."""

    file: BinaryIO
    _folder: Folder
    _draft: str
    _name: str

    def keep(self) -> None:
        """Have it under its own name, whole and safe on the disk.

        Raises:
            OSError: it cannot be; a draft that somebody else removed meanwhile is not there.
        """
        self.file.flush()
        os.fsync(self.file.fileno())
        self._folder.rename(self._draft, self._name)


@dataclass(frozen=True, slots=True)
class Store:
    """One folder. It is made, for its owner alone, when the first file is written."""

    folder: Path

    def path(self, name: str) -> Path:
        """The place of a file."""
        return self.folder / name

    def make(self) -> None:
        """Have the folder.

        Raises:
            FailedError: it cannot be made.
        """
        with self._writing("any"):
            pass

    @contextmanager
    def draft(self, name: str) -> Iterator[Draft]:
        """A draft of a file of this name.

        Raises:
            FailedError: it cannot be written, or not be kept.
        """
        with self._writing(name) as folder:
            draft = f".{name}.{os.urandom(6).hex()}{_DRAFT}"
            handle = folder.own(draft, os.O_RDWR | os.O_EXCL)
            try:
                with os.fdopen(handle, "w+b") as file:
                    yield Draft(file, folder, draft, name)
            finally:
                folder.remove(draft)

    def write(self, name: str, content: bytes) -> None:
        """Have a file with this content, whole and safe on the disk.

        Raises:
            FailedError: it cannot be written.
        """
        with self._writing(name) as folder:
            folder.write(name, content, mode=0o600)

    @contextmanager
    def reading(self, name: str) -> Iterator[BinaryIO]:
        """A file, open for reading.

        Raises:
            NotFoundError: it is not there.
            FailedError: it cannot be read.
        """
        try:
            with self._open(name) as folder:
                handle = _plain(folder.open(name, os.O_RDONLY | os.O_NONBLOCK))
        except FileNotFoundError:
            raise NotFoundError(
                f"{self.path(name)} is not there", hint="occ snapshot list (is snapshot_dir right?)"
            ) from None
        except OSError as error:
            raise self._failed(name, "read", error) from None
        with os.fdopen(handle, "rb") as file:
            try:
                yield file
            except OSError as error:
                raise self._failed(name, "read", error) from None

    def refer(self, name: str, to: str) -> bool:
        """Have a file be another name of an earlier one; false where the file system cannot.

        Then nothing is changed. Whichever of the two is removed, the other one stays whole.
        """
        other = f".{name}.{os.urandom(6).hex()}{_DRAFT}"
        try:
            with self._open(name) as folder:
                inside = {"src_dir_fd": folder.descriptor, "dst_dir_fd": folder.descriptor}
                os.link(to, other, follow_symlinks=False, **inside)
                try:
                    folder.rename(other, name)
                finally:
                    folder.remove(other)
        except OSError:  # a disk without such links keeps both
            return False
        return True

    def names(self, number: int) -> tuple[str, ...]:
        """The files of a snapshot, drafts among them.

        Raises:
            FailedError: the folder cannot be read.
        """
        with suppress(FileNotFoundError), self._looking() as folder:
            return self._names(folder, number)
        return ()

    def sizes(self, number: int) -> dict[str, int]:
        """The files of a snapshot by an identity, which names of one file share, with their bytes.

        Raises:
            FailedError: the folder cannot be read.
        """
        found: dict[str, int] = {}
        with suppress(FileNotFoundError), self._looking() as folder:
            for name in self._names(folder, number):
                with suppress(FileNotFoundError):
                    told = os.stat(name, dir_fd=folder.descriptor, follow_symlinks=False)
                    found[f"{told.st_dev}:{told.st_ino}"] = told.st_blocks * _BLOCK
        return found

    def remove(self, number: int) -> int:
        """Have no files of a snapshot, nor drafts of one; how many there were.

        Raises:
            FailedError: one cannot be removed.
        """
        with suppress(FileNotFoundError), self._looking("changed") as folder:
            found = self._names(folder, number)
            for name in found:
                folder.remove(name)
            if found:
                folder.sync()
            return len(found)
        return 0

    @staticmethod
    def _names(folder: Folder, number: int) -> tuple[str, ...]:
        ours = re.compile(rf"\.?{number}\..+({re.escape(DATA)}|{re.escape(MANIFEST)})(\..+)?")
        handle = folder.readable()
        try:
            there = os.listdir(handle)  # noqa: PTH208 - of an open folder
            return tuple(sorted(name for name in there if ours.fullmatch(name)))
        finally:
            os.close(handle)

    @contextmanager
    def _open(self, name: str, *, make: int = 0) -> Iterator[Folder]:
        with own_files.folder_of(self.path(name), make=make, last=False) as (folder, _):
            yield folder

    @contextmanager
    def _writing(self, name: str) -> Iterator[Folder]:
        try:
            with self._open(name, make=_MODE) as folder:
                yield folder
        except OSError as error:
            raise self._failed(name, "written", error) from error

    @contextmanager
    def _looking(self, verb: str = "read") -> Iterator[Folder]:
        try:
            with self._open("any") as folder:
                yield folder
        except FileNotFoundError:
            raise
        except OSError as error:
            raise self._failed("", verb, error) from error

    def _failed(self, name: str, verb: str, error: OSError) -> FailedError:
        return FailedError(
            f"{self.path(name)} cannot be {verb} ({error.strerror or error})",
            hint=f"ls -la {self.folder}; df -h {self.folder}",
        )


def _plain(file: int) -> int:
    """The descriptor of a plain file; a pipe would be waited for."""
    if stat.S_ISREG(os.fstat(file).st_mode):
        return file
    os.close(file)
    raise OSError(errno.EINVAL, "it is no plain file")
