"""The journal in SQLite, through SQLAlchemy Core: one file, one table, statements as text."""

import fcntl
import json
import os
import sqlite3
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from occ.domain.events import Entry, Event, JournalCreated
from occ.errors import (
    JournalConflictError,
    JournalDamagedError,
    JournalError,
    JournalNewerError,
    JournalUnwritableError,
)
from occ.journal import chain, codec, migrate, schema
from occ.journal.port import Head, Stamp

_RESERVE_BYTES = 1 << 20
_EVERYTHING = 1 << 62
_UNWRITABLE = ("readonly", "full", "disk I/O", "unable to open", "permission")


class SqlJournal:
    """A journal in a file. Nothing is created before the first append.

    A writer holds one connection, begins IMMEDIATE and is serialised by a lock file of ours:
    SQLite 3.7.0 to 3.51.2 has a race in which two connections that write at one instant can
    damage a file in WAL mode. Readers do neither, and never wait for a writer.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._id = ""
        self._engine: sa.Engine | None = None
        self._writer: sa.Connection | None = None
        self._pid = os.getpid()

    @property
    def id(self) -> str:
        """The journal's identity; one that does not exist yet gets the one told here."""
        if not self._id:
            with self._reading() as connection:
                row = connection.exec_driver_sql(schema.FIRST).fetchone() if connection else None
            self._id = str(json.loads(row[1])["id"]) if row else uuid.uuid4().hex  # noqa: TID251
        return self._id

    @property
    def address(self) -> str:
        """The file's absolute path."""
        return str(self._path)

    def head(self) -> Head:
        """The last entry."""
        with self._reading() as connection:
            row = connection.exec_driver_sql(schema.HEAD).fetchone() if connection else None
        return Head(row[0], row[1]) if row else Head(0, chain.GENESIS)

    def open_operation(self, events: Sequence[Event], stamp: Stamp) -> int:
        """Append the first events of a new operation, and return its number."""
        coded = [codec.encode(event) for event in events]
        with self._writing() as connection:
            if not connection.exec_driver_sql(schema.HEAD).fetchone():
                created = [codec.encode(JournalCreated(self.id))]
                self._insert(connection, 0, 0, created, stamp)
            number = _last_operation(connection) + 1
            self._insert(connection, number, 0, coded, stamp)
        return number

    def append(self, operation: int, seq: int, events: Sequence[Event], stamp: Stamp) -> int:
        """Append to an operation in one commit; see the port."""
        coded = [codec.encode(event) for event in events]
        hashes: list[str] = []
        try:
            with self._writing() as connection:
                hashes = self._insert(connection, operation, seq, coded, stamp)
        except JournalUnwritableError:
            if not hashes or not self._committed(operation, seq, hashes[0]):
                raise
        return seq + len(events)

    def entries(
        self, *, service: str = "", operation: int | None = None, names: Sequence[str] = ()
    ) -> Iterator[Entry]:
        """Entries in order."""
        if operation is not None:
            rows = self._rows(schema.OF_OPERATION, (operation,))
        elif service:
            rows = self._rows(schema.of_service(len(names)), (service, *names))
        else:
            rows = self._rows(schema.ALL, ())
        wanted = set(names)
        return (_entry(row) for row in rows if not wanted or row[3] in wanted)

    def latest(self, *, service: str = "", limit: int = 0, before: int = 0) -> Iterator[Entry]:
        """The entries `operation.planned`, newest first."""
        named = (service,) if service else ()
        values = (*named, before or _EVERYTHING, limit or -1)
        return map(_entry, self._rows(schema.planned(service=bool(service)), values))

    def last_operation(self) -> int:
        """The greatest number of an operation."""
        with self._reading() as connection:
            return _last_operation(connection) if connection else 0

    def verify(self) -> Head:
        """Walk the whole chain."""
        head = Head(0, chain.GENESIS)
        for stored in self._rows(schema.ALL, ()):
            row = _row(stored)
            if row.position != head.position + 1:
                raise self._damaged(row.position, f"it should be entry {head.position + 1}")
            if row.previous != head.hash:
                raise self._damaged(row.position, "it does not follow the entry before it")
            if chain.link(row) != stored[10]:
                raise self._damaged(row.position, "its hash does not fit what it says")
            head = Head(row.position, stored[10])
        if head.position == 0 and self._path.exists():
            raise self._damaged(1, "there is no entry at all")
        return head

    def reserve(self) -> None:
        """Write 1 MiB beside the journal and keep it."""
        try:
            descriptor = os.open(self._reserve, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(os.urandom(_RESERVE_BYTES))  # a compressing disk cannot cheat
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            self.release()
            raise JournalUnwritableError(
                f"no room for 1 MiB beside {self._path}: {error.strerror}",
                hint="make room, then type the command again",
            ) from error

    def release(self) -> None:
        """Give the reserve up."""
        self._reserve.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the writer's connection."""
        if self._writer is not None and self._pid == os.getpid():
            self._writer.close()
        self._writer = None

    @property
    def _reserve(self) -> Path:
        return self._path.with_name(f"{self._path.name}.reserve")

    def _rows(self, statement: str, values: tuple[object, ...]) -> Iterator[Sequence[Any]]:
        with self._reading() as connection:
            if connection is None:
                return
            result = connection.exec_driver_sql(statement, values)
            while rows := result.fetchmany(1000):
                yield from rows

    def _insert(
        self,
        connection: sa.Connection,
        operation: int,
        seq: int,
        coded: Sequence[tuple[str, int, str]],
        stamp: Stamp,
    ) -> list[str]:
        taken = connection.exec_driver_sql(schema.PLACE, (operation, seq)).fetchone()
        if taken:
            raise JournalConflictError(
                f"operation {operation} was taken over by another process", hint="occ status"
            )
        head = connection.exec_driver_sql(schema.HEAD).fetchone()
        position, previous = (head[0], head[1]) if head else (0, chain.GENESIS)
        stored, hashes = [], []
        for offset, (name, number, body) in enumerate(coded):
            row = chain.Row(
                position=position + offset + 1,
                operation=operation,
                seq=seq + offset,
                name=name,
                schema=number,
                at=stamp.at,
                service=stamp.service,
                operator=stamp.operator,
                body=body,
                previous=previous,
            )
            previous = chain.link(row)
            hashes.append(previous)
            stored.append((*_fields(row), previous))
        connection.exec_driver_sql(schema.INSERT, stored)
        return hashes

    def _committed(self, operation: int, seq: int, wanted: str) -> bool:
        with self._reading() as connection:
            if connection is None:
                return False
            row = connection.exec_driver_sql(schema.PLACE, (operation, seq)).fetchone()
        return row is not None and row[0] == wanted

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """One transaction of the one writer; what goes wrong becomes an error of ours."""
        self._make_folder()
        with self._explained(), self._one_writer():
            connection = self._open_writer()
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")

    def _open_writer(self) -> sa.Connection:
        if self._writer is None or self._pid != os.getpid():
            self._pid = os.getpid()
            connection = self._connect(writable=True)
            migrate.to_newest(connection, self._path)
            self._writer = connection
        return self._writer

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection | None]:
        """A connection that only reads; None when there is no journal yet."""
        if not self._path.exists():
            yield None
            return
        with self._explained():
            connection = self._connect(writable=False)
            try:
                stored = migrate.stored_revision(connection)
                if stored > schema.REVISION:
                    raise migrate.newer(self._path, stored)
                yield connection if stored else None
            finally:
                connection.close()

    def _connect(self, *, writable: bool) -> sa.Connection:
        engine = sa.create_engine(
            "sqlite://",
            creator=lambda: self._sqlite(writable=writable),
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
        )
        return engine.connect()

    def _sqlite(self, *, writable: bool) -> sqlite3.Connection:
        existed = self._path.exists()
        if writable and not existed:
            os.close(os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600))
        # psow=0 closes a torn-sector hole that lost an acknowledged commit.
        mode = "rw" if writable or os.access(self._path.parent, os.W_OK) else "ro"
        extra = "" if mode == "rw" else "&immutable=1"
        uri = f"file:{quote(str(self._path))}?mode={mode}&psow=0{extra}"
        connection = sqlite3.connect(uri, uri=True, timeout=10, isolation_level=None)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA recursive_triggers = ON")
        if writable:
            self._settle_mode(connection)
        return connection

    def _settle_mode(self, connection: sqlite3.Connection) -> None:
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA synchronous = EXTRA")
        if sys.platform == "darwin":
            connection.execute("PRAGMA fullfsync = ON")

    def _make_folder(self) -> None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise self._unwritable(str(error.strerror)) from error

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        try:
            descriptor = os.open(
                self._path.with_name(f"{self._path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600
            )
        except OSError as error:
            raise self._unwritable(str(error.strerror)) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sa.exc.DBAPIError, sqlite3.Error) as error:
            cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
            raise self._explain(str(cause)) from error

    def _explain(self, text: str) -> JournalError:
        if "one_entry_a_place" in text or "UNIQUE" in text or "must follow" in text:
            return JournalConflictError(
                f"another process has written to {self._path} in our place", hint="occ status"
            )
        if any(word in text for word in _UNWRITABLE):
            return self._unwritable(text)
        return JournalDamagedError(
            f"{self._path} cannot be read as a journal: {text}",
            hint="restore a copy, or begin another: occ --journal PATH status",
        )

    def _unwritable(self, text: str) -> JournalUnwritableError:
        return JournalUnwritableError(
            f"{self._path} cannot be written: {text}",
            hint=f"make room and check permissions: ls -ld {self._path.parent}",
        )

    def _damaged(self, position: int, why: str) -> JournalDamagedError:
        return JournalDamagedError(
            f"entry {position} of {self._path} does not fit: {why}",
            hint="restore a copy from before; what is on the host: occ --journal NEW status",
        )


def _last_operation(connection: sa.Connection) -> int:
    last = int(connection.exec_driver_sql(schema.LAST_OPERATION).scalar_one())
    advanced = connection.exec_driver_sql(schema.ADVANCED).scalars()
    return max([last, *(int(json.loads(body)["operation"]) for body in advanced)])


def _row(stored: Sequence[Any]) -> chain.Row:
    return chain.Row(
        position=stored[0],
        operation=stored[1],
        seq=stored[2],
        name=stored[3],
        schema=stored[4],
        at=stored[5],
        service=stored[6],
        operator=stored[7],
        body=stored[8],
        previous=stored[9],
    )


def _fields(row: chain.Row) -> tuple[object, ...]:
    return (
        row.position,
        row.operation,
        row.seq,
        row.name,
        row.schema,
        row.at,
        row.service,
        row.operator,
        row.body,
        row.previous,
    )


def _entry(stored: Sequence[Any]) -> Entry:
    return Entry(
        position=stored[0],
        operation=stored[1],
        seq=stored[2],
        at=stored[5],
        service=stored[6],
        operator=stored[7],
        hash=stored[10],
        event=codec.decode(stored[3], stored[4], stored[8]),
    )


__all__ = ["JournalNewerError", "SqlJournal"]
