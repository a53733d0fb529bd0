"""Who may do what with a journal's file, and when: readers at any time, writers one by one."""

import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from occ import own_files
from occ.errors import BusyError, JournalError, JournalUnwritableError
from occ.journal import codec
from occ.journal.chain import Row
from occ.journal.sqlite import connect, faults, files, migrate, place, schema
from occ.journal.sqlite.connect import Opened
from occ.journal.sqlite.lock import FileLock
from occ.journal.sqlite.migrate import Scripts

_TURN_MS = 10_000


class Access:
    """One process's way to a journal's file, by one connection that is opened when needed.

    A writer takes its turn under a lock file of ours: SQLite 3.7.0 to 3.51.2 has a race in which
    two connections that write at one instant can damage a file in WAL mode. For as long as it
    has the journal open, a writer also shares a second lock, which a migration needs alone.
    """

    def __init__(self, named: Path, scripts: Scripts, mounts: Path = place.MOUNTS) -> None:
        self._named = named
        self.path = named.resolve()  # locks must lie beside the file itself, however it was named
        self._mounts = mounts
        self._scripts = scripts
        self._opened: Opened | None = None
        self._seen = False
        self._turn = FileLock(self.beside("lock"))
        self._open = FileLock(self.beside("open"))

    def beside(self, end: str) -> Path:
        """The file of ours beside the journal with this ending."""
        return self.path.with_name(f"{self.path.name}.{end}")

    @contextmanager
    def reading(self) -> Iterator[Opened | None]:
        """A connection to ask; None when there is no journal. It never waits for a writer.

        Raises:
            JournalError: it cannot be read, or was there and is gone.
        """
        with faults.explained(self.path, writing=False):
            there = self._there()
            if self._seen and not there:
                raise self._gone()
            yield self._to_read() if there else None

    def write(
        self, decide: Callable[[Opened], Sequence[Row]], first: Row | None = None
    ) -> Sequence[Row]:
        """Append in one commit the rows that `decide` makes of the journal as it then stands.

        `first` is the first entry of a journal that is not there yet; without it none is made.
        An error in the commit itself tells nothing, so the journal is read again.

        Raises:
            JournalUnwritableError: they are not in the journal.
            JournalError: of `decide`, or the journal cannot be used.
        """
        begins = self._opened is None or not self._opened.writable
        if begins:
            place.refuse_network(self.path, "the journal", self._mounts)
        with faults.explained(self.path, writing=True):
            if first is not None:
                files.make_folder(self._named)
            elif begins:
                own_files.refuse_links(self._named)
            self._take_turn()
            try:
                if first is not None and not self._there():
                    migrate.create(self.path, first, self._scripts)
                return self._transaction(self._to_write(), decide)
            finally:
                self._turn.release()

    def close(self) -> None:
        """Let go of the connection and of the locks."""
        self._let_go()
        self._turn.release()

    def _let_go(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None
        self._open.release()

    def _transaction(
        self, opened: Opened, decide: Callable[[Opened], Sequence[Row]]
    ) -> Sequence[Row]:
        try:
            opened.run("BEGIN IMMEDIATE")
            rows = decide(opened)
            if rows:
                opened.connection.exec_driver_sql(schema.INSERT, list(rows))
        except BaseException:
            self.close()  # which gives up what was not committed
            raise
        try:
            opened.run("COMMIT")
        except BaseException:
            self.close()
            if rows and self._has(rows[0]):
                return rows
            raise
        return rows

    def _has(self, row: Row) -> bool:
        try:
            with self.reading() as opened:
                found = opened.rows(schema.PLACE, (row.operation, row.seq)) if opened else ()
        except JournalError:
            return False
        return bool(found) and Row(*found[0]) == row

    def _take_turn(self) -> None:
        try:
            taken = self._turn.take(wait_ms=_TURN_MS)
        except FileNotFoundError:
            raise self._gone() from None
        if not taken:
            raise JournalUnwritableError(
                f"another process has held {self._turn.path} for {_TURN_MS // 1000} s",
                hint=f"look who: fuser -v {self._turn.path}",
            )

    def _to_read(self) -> Opened:
        if self._opened is not None and self._opened.usable(writable=False):
            return self._opened
        self.close()
        opened = connect.open_to_read(self.path)
        return self._settled(opened, lambda: migrate.revision(opened, self._scripts))

    def _to_write(self) -> Opened:
        if self._opened is not None and self._opened.usable(writable=True):
            return self._opened
        self._let_go()
        if not self._there():
            raise self._gone()
        opened = connect.open_to_write(self.path)
        return self._settled(opened, lambda: self._fit_to_write(opened))

    def _settled(self, opened: Opened, check: Callable[[], object]) -> Opened:
        try:
            check()
        except BaseException:
            opened.close()
            self._open.release()
            raise
        self._opened = opened
        self._seen = True
        return opened

    def _fit_to_write(self, opened: Opened) -> None:
        """Have the newest schema and nothing that a newer occ wrote."""
        if migrate.revision(opened, self._scripts) != self._scripts.newest:
            if not self._open.take():
                raise BusyError(
                    f"the journal {self.path} needs a newer schema, and another occ is at work "
                    "with the older one",
                    hint="type the command again when it has ended: occ status",
                )
            migrate.to_newest(opened, self._scripts)
        self._open.take(shared=True, wait_ms=_TURN_MS)
        for name, number in opened.rows(schema.KINDS):
            if not codec.known(name, number):
                raise codec.newer(name, number)

    def _there(self) -> bool:
        try:
            found = self.path.stat(follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            left = connect.unfinished_files(self.path)
            if left:
                raise faults.not_one(self.path, f"it is gone, but {left[0]} is left") from None
            return False
        if not stat.S_ISREG(found.st_mode):
            raise faults.not_one(self.path, "it is no file")
        return True

    def _gone(self) -> JournalUnwritableError:
        return JournalUnwritableError(
            f"the journal {self.path} is gone", hint="restore a copy, then: occ status"
        )
