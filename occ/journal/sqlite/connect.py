"""A journal's file, opened: the settings of SQLite that keep what was acknowledged."""

import os
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from occ import own_files
from occ.errors import JournalError
from occ.journal.sqlite import faults

_BUSY_SECONDS = 10
Values: TypeAlias = Sequence[object]

BESIDE = ("-wal", "-shm", "-journal")
"""The endings of the names of the files that SQLite keeps beside a journal."""


@dataclass(slots=True, kw_only=True)
class Opened:
    """One connection to a journal's file."""

    path: Path
    connection: sa.Connection
    writable: bool
    frozen: tuple[int, ...]
    """Device, inode, size and times of a file opened as unchanging; empty for any other."""
    pid: int
    """The process that opened it."""
    file: tuple[int, int]
    """Device and inode."""

    def usable(self, *, writable: bool) -> bool:
        """Whether it serves: of this process (not forked), and still the file of that name."""
        if self.pid != os.getpid() or (writable and not self.writable):
            return False
        try:
            return _identity(self.path) == self.file
        except FileNotFoundError:
            return False

    def rows(self, statement: str, values: Values = ()) -> Sequence[Any]:
        """All rows of a question; its read transaction has ended when they are returned.

        Raises:
            JournalError: somebody writes to a file that was taken for unchanging.
        """
        found = self.connection.exec_driver_sql(statement, tuple(values)).fetchall()
        if self.frozen and _look(self.path) != self.frozen:
            raise JournalError(
                f"the journal {self.path} changed while it was read from a read-only place",
                hint="type the command again",
            )
        return found

    def scalar(self, statement: str, values: Values = ()) -> Any:  # noqa: ANN401 - SQL's
        """The one value of a question that has one."""
        return self.rows(statement, values)[0][0]

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction was begun and has not ended; SQLite ends some by itself."""
        return _raw(self.connection).in_transaction

    def run(self, statement: str) -> None:
        """Run a statement that has no answer."""
        self.connection.exec_driver_sql(statement)

    def close(self) -> None:
        """Close it, unless it belongs to the process that we were forked from."""
        if self.pid == os.getpid():
            # SQLite gives up what was not committed; an error on the way changes nothing.
            with suppress(sa.exc.DBAPIError):
                self.connection.close()
            return
        _OF_PARENTS.append(self.connection)


# Connections that came with a fork. Closing one here could end locks that the parent relies on
# (https://sqlite.org/howtocorrupt.html, 2.6), so they are kept until the process ends.
_OF_PARENTS: list[sa.Connection] = []


def open_to_write(path: Path) -> Opened:
    """Open an existing file for the one writer.

    Raises:
        sqlite3.Error, sqlalchemy.exc.DBAPIError, OSError: see `faults.explained`.
    """
    return _opened(path, "mode=rw", writable=True)


def open_to_read(path: Path) -> Opened:
    """Open an existing file to read; it may lie in a place that cannot be written.

    A journal in WAL mode needs files beside it even to be read. Where those cannot be made, one
    that was closed in order is read as a file that does not change, and looked at again after.

    Raises:
        sqlite3.Error, sqlalchemy.exc.DBAPIError, OSError: see `faults.explained`.
    """
    try:
        return _opened(path, "mode=rw", writable=False)
    except (sa.exc.DBAPIError, sqlite3.Error) as error:
        if not faults.is_denial(error) or unfinished_files(path):
            raise
    return _opened(path, "mode=ro&immutable=1", writable=False, frozen=_look(path))


def unfinished_files(path: Path) -> tuple[Path, ...]:
    """The files beside it that hold changes which the file itself does not have yet."""
    beside = (path.with_name(f"{path.name}{end}") for end in ("-wal", "-journal"))
    return tuple(file for file in beside if file.is_file() and file.stat().st_size)


def back_up(opened: Opened, target: Path) -> None:
    """Copy a journal as it stands, by SQLite's own means; the name appears when it is complete.

    Raises:
        sqlite3.Error, OSError: see `faults.explained`.
    """
    part = target.with_name(f"{target.name}.part")
    with own_files.folder_of(target, last=False) as (folder, name):
        folder.remove(part.name)
        os.close(folder.own(part.name, os.O_WRONLY | os.O_EXCL))
        with closing(sqlite3.connect(part)) as copy:
            _raw(opened.connection).backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        folder.rename(part.name, name)


def _opened(path: Path, mode: str, *, writable: bool, frozen: tuple[int, ...] = ()) -> Opened:
    file = _identity(path)
    engine = sa.create_engine(
        "sqlite://",
        creator=lambda: _sqlite(path, mode, writable=writable),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",  # transactions are begun by us, in our own words
    )
    return Opened(
        path=path,
        connection=engine.connect(),
        writable=writable,
        frozen=frozen,
        pid=os.getpid(),
        file=file,
    )


def _sqlite(path: Path, mode: str, *, writable: bool) -> sqlite3.Connection:
    # psow=0: no belief that the sectors around a torn write survive; it cost acknowledged commits.
    uri = f"file:{quote(os.fsencode(path))}?{mode}&psow=0"
    connection = sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("PRAGMA recursive_triggers = ON")  # REPLACE meets the DELETE guard
        if writable:
            (found,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
            if found != "wal":  # a file system without shared memory
                connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA synchronous = EXTRA")
            if sys.platform == "darwin":  # where fsync alone does not reach the disk
                connection.execute("PRAGMA fullfsync = ON")
                connection.execute("PRAGMA checkpoint_fullfsync = ON")
        else:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("PRAGMA schema_version").fetchone()  # opens what lies beside it
    except BaseException:
        connection.close()
        raise
    return connection


def _raw(connection: sa.Connection) -> sqlite3.Connection:
    found = connection.connection.driver_connection
    if not isinstance(found, sqlite3.Connection):
        raise TypeError(f"{type(found)} is not of sqlite3")
    return found


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat(follow_symlinks=False)
    return found.st_dev, found.st_ino


def _look(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
