"""The journal in SQLite, through SQLAlchemy Core: one file, one table, statements as text."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

from occ import own_files
from occ.domain.events import Entry, Event, JournalCreated, NumbersAdvanced
from occ.errors import JournalConflictError, JournalUnwritableError
from occ.journal import chain, codec, verify
from occ.journal.chain import START, Row
from occ.journal.port import Head, Stamp
from occ.journal.sqlite import connect, faults, files, migrate, place, schema
from occ.journal.sqlite.access import Access
from occ.journal.sqlite.connect import Opened
from occ.journal.sqlite.lock import ServiceLock
from occ.journal.sqlite.migrate import Scripts

if TYPE_CHECKING:
    from occ.domain.findings import Finding

_PAGE = 1_000  # rows a question; no read transaction lasts longer, so the WAL does not grow
_LEAST, _ALL = -(1 << 63), (1 << 63) - 1


class SqlJournal:
    """A journal in a file. Nothing is created before the first append."""

    def __init__(
        self, path: Path, scripts: Scripts | None = None, mounts: Path = place.MOUNTS
    ) -> None:
        self._address = str(path)
        self._access = Access(path, scripts or migrate.scripts(), mounts)
        self._mounts = mounts
        self._id = ""
        self._mine: Opened | None = None  # the connection on which the identity was seen to fit

    @property
    def id(self) -> str:
        """The journal's identity; one that does not exist yet will get the one told here."""
        if not self._id:
            with self._access.reading() as opened:
                there = self._stored_id(opened) if opened else ""
            self._id = there or secrets.token_hex(16)
        return self._id

    @property
    def address(self) -> str:
        """The file's absolute path."""
        return self._address

    def head(self) -> Head:
        """The last entry."""
        with self._access.reading() as opened:
            return _head(opened) if opened else START

    def open_operation(self, events: Sequence[Event], stamp: Stamp) -> int:
        """Append the first events of a new operation, and return its number."""
        coded, stamp = codec.encode_all(events), codec.clean(stamp)

        def decide(opened: Opened) -> Sequence[Row]:
            self._refuse_other(opened)
            number = self._last_operation(opened) + 1
            return chain.seal(_head(opened), number, 0, coded, stamp)

        rows = self._access.write(decide, first=self._first(stamp))
        return rows[0].operation

    def append(self, operation: int, seq: int, events: Sequence[Event], stamp: Stamp) -> int:
        """Append to an operation in one commit; see the port."""
        coded, stamp = codec.encode_all(events), codec.clean(stamp)

        def decide(opened: Opened) -> Sequence[Row]:
            self._refuse_other(opened)
            ((position, digest, following),) = opened.rows(schema.NEXT, (operation,))
            if following == seq:
                return chain.seal(Head(position, digest), operation, seq, coded, stamp)
            stored = opened.rows(schema.PLACE, (operation, seq))
            if stored and chain.is_ours(Row(*stored[0]), coded[0], stamp):
                return ()  # an append whose answer got lost, tried again
            raise chain.conflict(operation, seq)

        self._access.write(decide)
        return seq + len(events)

    def note(self, events: Sequence[Event], stamp: Stamp) -> None:
        """Append facts of no operation; see the port. Operation 0 begins as the journal is made."""
        coded, stamp = codec.encode_all(events), codec.clean(stamp)

        def decide(opened: Opened) -> Sequence[Row]:
            self._refuse_other(opened)
            ((position, digest, following),) = opened.rows(schema.NEXT, (0,))
            return chain.seal(Head(position, digest), 0, following, coded, stamp)

        self._access.write(decide, first=self._first(stamp))

    def entries(
        self,
        *,
        service: str = "",
        operation: int | None = None,
        names: Sequence[str] = (),
        after: int = 0,
    ) -> Iterator[Entry]:
        """Entries in order."""
        if operation is None:
            statement = schema.after(service=bool(service), names=len(names))
            given = (*((service,) if service else ()), *names)
            rows = self._rows(statement, lambda last: (last, *given, _PAGE), after)
        else:
            rows = self._rows(schema.OF_OPERATION, lambda last: (operation, last, _PAGE), after)
        for row in rows:
            if service in {"", row.service} and (not names or row.name in names):
                yield codec.entry(row, self.address)

    def latest(
        self,
        *,
        service: str = "",
        limit: int = 0,
        before: int = 0,
        name: str = "operation.planned",
    ) -> Iterator[Entry]:
        """The entries of one name, newest first."""
        statement = schema.newest(service=bool(service))
        given = (name, service) if service else (name,)
        left = limit or _ALL
        below = _ALL
        if before:
            with self._access.reading() as opened:
                begins = opened.rows(schema.BEGINS, (before,)) if opened else ()
            below = begins[0][0] if begins else _ALL
        while left:
            size = min(left, _PAGE)
            page = self._page(statement, (below, *given, size))
            for row in page:
                yield codec.entry(row, self.address)
            if len(page) < size:
                return
            left, below = left - size, page[-1].position

    def last_operation(self) -> int:
        """The greatest number of an operation."""
        with self._access.reading() as opened:
            return self._last_operation(opened) if opened else 0

    def verify(self, noted: Sequence[Head] = ()) -> Head:
        """Walk the whole chain; see the port. The file, its table and its guards come first."""
        with self._access.reading() as opened:
            if opened is None:
                return chain.expect(START, noted, {}, self.address)
            _verify_file(opened)
        rows = self._rows(schema.after(service=False, names=0), lambda last: (last, _PAGE))
        head = verify.verified(rows, noted, self.address)
        if head == START:
            raise chain.damaged(self.address, 1, "it is missing")
        return head

    def reserve(self) -> None:
        """Write 1 MiB beside the journal and keep it."""
        path = self._access.beside("reserve")
        try:
            files.write_reserve(path)
        except OSError as error:
            raise JournalUnwritableError(
                f"there is no room for 1 MiB beside the journal {self.address}: {error.strerror}",
                hint=f"make room, then type it again: df -h {path.parent}",
            ) from error

    def release(self) -> None:
        """Give the reserve up."""
        # Called when all else fails: the service matters more than a file that cannot be removed.
        with suppress(OSError):
            own_files.remove(self._access.beside("reserve"))

    def lock(self, service: str, *, aside: bool = False) -> ServiceLock:
        """The lock of a service: a file beside the journal's own."""
        return ServiceLock(Path(self._address), service, self._mounts, aside=aside)

    def files(self) -> Sequence[Path]:
        """The journal's file as it was named, then all that lies beside the file itself."""
        real = self._access.path
        beside = (real.with_name(f"{real.name}{end}") for end in ("", *connect.BESIDE))
        ours = (self._access.beside(end) for end in ("reserve", "open", "lock", "bugs", "tries"))
        locks = sorted(real.parent.glob(f"{escape(real.name)}.*.lock"))
        return tuple(dict.fromkeys((Path(self._address), *beside, *ours, *locks)))

    def keep_bug(self, text: str) -> str:
        """Keep the traceback of a bug in a file beside the journal."""
        path = self._access.beside("bugs")
        return str(path) if files.append_bounded(path, text) else ""

    def recall(self, name: str) -> str:
        """A text kept in a file beside the journal."""
        return files.text_of(self._access.beside(name))

    def remember(self, name: str, text: str) -> None:
        """Keep a text in a file beside the journal."""
        files.replace_text(self._access.beside(name), text)

    def findings(self) -> "Sequence[Finding]":
        """Findings about the disk that the journal lies on, who may touch it, and SQLite itself."""
        from occ.journal.sqlite import findings  # noqa: PLC0415 - for doctor alone

        place = findings.place_findings(Path(self._address), self._mounts)
        return (*place, *findings.version_findings())

    def close(self) -> None:
        """Let go of files and connections."""
        self._access.close()

    def _first(self, stamp: Stamp) -> Row:
        created = codec.encode_all((JournalCreated(self.id),))
        own = Stamp(service="", operator=stamp.operator, at=stamp.at)
        return chain.seal(START, 0, 0, created, own)[0]

    def _stored_id(self, opened: Opened) -> str:
        rows = opened.rows(schema.AT, (1,))
        event = codec.entry(Row(*rows[0]), self.address).event if rows else None
        if not isinstance(event, JournalCreated):
            raise chain.damaged(self.address, 1, "it is not journal.created")
        return event.id

    def _refuse_other(self, opened: Opened) -> None:
        """Refuse another journal than the one whose id the plan speaks of."""
        if opened is self._mine:
            return
        if self._id not in {"", self._stored_id(opened)}:
            raise JournalConflictError(
                f"the journal {self.address} was made or replaced by another process meanwhile",
                hint="occ status",
            )
        self._mine = opened

    def _last_operation(self, opened: Opened) -> int:
        numbers = [int(opened.scalar(schema.LAST_OPERATION))]
        for stored in opened.rows(schema.ADVANCED):
            event = codec.entry(Row(*stored), self.address).event
            numbers += [event.operation] if isinstance(event, NumbersAdvanced) else []
        return max(numbers)

    def _page(self, statement: str, values: Sequence[object]) -> list[Row]:
        with self._access.reading() as opened:
            return [Row(*row) for row in opened.rows(statement, values)] if opened else []

    def _rows(
        self, statement: str, values: Callable[[int], Sequence[object]], after: int = 0
    ) -> Iterator[Row]:
        last = after or _LEAST
        while page := self._page(statement, values(last)):
            yield from page
            if len(page) < _PAGE:
                return
            last = page[-1].position


def _head(opened: Opened) -> Head:
    rows = opened.rows(schema.HEAD)
    return Head(*rows[0]) if rows else START


def _verify_file(opened: Opened) -> None:
    for (said,) in opened.rows("PRAGMA integrity_check(1)"):
        if said != "ok":
            raise faults.not_one(opened.path, str(said))
    there = {name: " ".join(str(sql).split()) for name, sql in opened.rows(schema.TRIGGERS)}
    wanted = {name: " ".join(sql.split()) for name, sql in schema.GUARDS.items()}
    for name in sorted(there.keys() | wanted.keys()):
        if there.get(name) != wanted.get(name):
            raise faults.not_one(opened.path, f"its guard {name} is not as it was made")
