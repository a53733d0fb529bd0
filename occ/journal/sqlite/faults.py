"""SQLite's failures in our words: told by its result codes, never by the text of a message.

The codes are those of https://sqlite.org/rescode.html.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from occ.errors import (
    JournalConflictError,
    JournalDamagedError,
    JournalError,
    JournalUnwritableError,
)

_PRIMARY = 0xFF  # an extended code holds its primary code in the lowest byte

_NO_ROOM = "there is no room left"
_DENIED = {
    sqlite3.SQLITE_READONLY: "it is read-only",
    sqlite3.SQLITE_PERM: "permission denied",
    sqlite3.SQLITE_AUTH: "permission denied",
    sqlite3.SQLITE_CANTOPEN: "it, or a file beside it, cannot be opened",
    sqlite3.SQLITE_FULL: _NO_ROOM,
    sqlite3.SQLITE_IOERR_SHMSIZE: _NO_ROOM,  # for the -shm file, the first to be made
    sqlite3.SQLITE_IOERR: "the disk does not answer as it should",
    sqlite3.SQLITE_BUSY: "another process has held it for ten seconds",
    sqlite3.SQLITE_LOCKED: "another process has held it for ten seconds",
    sqlite3.SQLITE_PROTOCOL: "another process has held it for ten seconds",
    sqlite3.SQLITE_NOLFS: "the file is too large for this file system",
}


def code(error: sa.exc.DBAPIError | sqlite3.Error) -> int:
    """SQLite's extended result code; 0 where the driver itself complains."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    return int(getattr(cause, "sqlite_errorcode", 0))


def is_denial(error: sa.exc.DBAPIError | sqlite3.Error) -> bool:
    """Whether the file could not be written, or could not be opened as asked."""
    return code(error) & _PRIMARY in _DENIED


@contextmanager
def explained(path: Path, *, writing: bool) -> Iterator[None]:
    """Turn the errors of SQLite and of the file system into ours, which name the journal."""
    try:
        yield
    except (sa.exc.DBAPIError, sqlite3.Error) as error:
        raise _explain(error, path, writing=writing) from error
    except UnicodeError as error:  # the driver's, about a text of SQLite that quotes the file
        raise not_one(path, "it holds what is no text") from error
    except OSError as error:
        raise _denied(path, error.strerror or str(error), writing=writing) from error


def _explain(
    error: sa.exc.DBAPIError | sqlite3.Error, path: Path, *, writing: bool
) -> JournalError:
    number = code(error)
    said = str(error.orig if isinstance(error, sa.exc.DBAPIError) else error)
    if number & _PRIMARY == sqlite3.SQLITE_CONSTRAINT:
        return JournalConflictError(
            f"the journal {path} refused an entry: {said}", hint="occ status"
        )
    why = _DENIED.get(number, _DENIED.get(number & _PRIMARY))
    if why is not None:
        return _denied(path, f"{why} ({said})", writing=writing)
    return not_one(path, said)


def not_one(path: Path, why: str) -> JournalDamagedError:
    """The error of a file that is no journal, or none any more."""
    return JournalDamagedError(
        f"{path} cannot be read as a journal: {why}",
        hint="restore a copy, or name another: occ --journal PATH journal verify",
    )


def _denied(path: Path, why: str, *, writing: bool) -> JournalError:
    if writing:
        return JournalUnwritableError(
            f"the journal {path} cannot be written: {why}",
            hint=f"make room, check permissions (ls -ld {path.parent} {path}), type it again",
        )
    return JournalError(
        f"the journal {path} cannot be read: {why}",
        hint=f"check permissions: ls -ld {path.parent} {path}",
    )
