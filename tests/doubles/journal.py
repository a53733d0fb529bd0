"""The journal in memory, for tests: it keeps what the one in a file keeps, and refuses the same."""

import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from occ.domain.events import Entry, Event, JournalCreated, NumbersAdvanced
from occ.domain.findings import Finding
from occ.errors import BusyError
from occ.journal import chain, codec, verify
from occ.journal.chain import START, Row
from occ.journal.port import Head, Stamp


class MemoryJournal:
    """A list of rows, as they would be stored: what cannot be encoded fails here too."""

    def __init__(self) -> None:
        self.id = secrets.token_hex(16)
        self.address = "memory"
        self.reserved = False
        self.bugs: list[str] = []
        self.locked: set[str] = set()
        self.texts: dict[str, str] = {}
        self._rows: list[Row] = []

    @property
    def rows(self) -> Sequence[Row]:
        """Everything that is stored."""
        return tuple(self._rows)

    def head(self) -> Head:
        """The last entry."""
        return Head(self._rows[-1].position, self._rows[-1].hash) if self._rows else START

    def open_operation(self, events: Sequence[Event], stamp: Stamp) -> int:
        """Append the first events of a new operation, and return its number."""
        coded, stamp = codec.encode_all(events), codec.clean(stamp)
        self._begin(stamp)
        number = self.last_operation() + 1
        self._rows += chain.seal(self.head(), number, 0, coded, stamp)
        return number

    def append(self, operation: int, seq: int, events: Sequence[Event], stamp: Stamp) -> int:
        """Append to an operation; see the port."""
        coded, stamp = codec.encode_all(events), codec.clean(stamp)
        there = [row for row in self._rows if row.operation == operation]
        if 0 < len(there) == seq:
            self._rows += chain.seal(self.head(), operation, seq, coded, stamp)
        elif not (0 < seq < len(there) and chain.is_ours(there[seq], coded[0], stamp)):
            raise chain.conflict(operation, seq)
        return seq + len(events)

    def note(self, events: Sequence[Event], stamp: Stamp) -> None:
        """Append facts of no operation; see the port."""
        coded, stamp = codec.encode_all(events), codec.clean(stamp)
        self._begin(stamp)
        seq = sum(row.operation == 0 for row in self._rows)
        self._rows += chain.seal(self.head(), 0, seq, coded, stamp)

    def _begin(self, stamp: Stamp) -> None:
        if not self._rows:
            created = codec.encode_all((JournalCreated(self.id),))
            own = Stamp(service="", operator=stamp.operator, at=stamp.at)
            self._rows += chain.seal(START, 0, 0, created, own)

    def entries(
        self,
        *,
        service: str = "",
        operation: int | None = None,
        names: Sequence[str] = (),
        after: int = 0,
    ) -> Iterator[Entry]:
        """Entries in order."""
        for row in tuple(self._rows):
            if (
                service in {"", row.service}
                and operation in {None, row.operation}
                and (not names or row.name in names)
                and row.position > after
            ):
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
        found = [
            row
            for row in reversed(self._rows)
            if row.name == name
            and service in {"", row.service}
            and (not before or 0 < row.operation < before)
        ]
        for row in found[: limit or None]:
            yield codec.entry(row, self.address)

    def last_operation(self) -> int:
        """The greatest number of an operation."""
        advanced = (e.event for e in self.entries(operation=0, names=("numbers.advanced",)))
        skipped = (e.operation for e in advanced if isinstance(e, NumbersAdvanced))
        return max([0, *(row.operation for row in self._rows), *skipped])

    def verify(self, noted: Sequence[Head] = ()) -> Head:
        """Walk the whole chain; see the port."""
        return verify.verified(tuple(self._rows), noted, self.address)

    def reserve(self) -> None:
        """Remember that room was asked for."""
        self.reserved = True

    def release(self) -> None:
        """Remember that it was given up."""
        self.reserved = False

    def lock(self, service: str, *, aside: bool = False) -> "MemoryLock":
        """The lock of a service."""
        return MemoryLock(self.locked, f"{service}~aside" if aside else service)

    def files(self) -> Sequence[Path]:
        """It has none."""
        return ()

    def keep_bug(self, text: str) -> str:
        """Remember it; there is no file."""
        self.bugs.append(text)
        return ""

    def recall(self, name: str) -> str:
        """A text that was kept; see the port."""
        return self.texts.get(name, "")

    def remember(self, name: str, text: str) -> None:
        """Keep a text; see the port."""
        self.texts[name] = text

    def findings(self) -> Sequence[Finding]:
        """Memory is where it should be."""
        return ()

    def close(self) -> None:
        """Nothing is open."""


class MemoryLock:
    """One name in a set that all locks of a journal share."""

    def __init__(self, locked: set[str], service: str) -> None:
        self._locked, self._service, self._held = locked, service, False

    def acquire(self) -> Self:
        """Take it; see the port."""
        if self._service in self._locked:
            raise BusyError(f"another occ is at work on {self._service}", hint="occ status")
        self._locked.add(self._service)
        self._held = True
        return self

    def taken(self) -> bool | None:
        """Whether somebody has it; see the port."""
        return self._service in self._locked

    def release(self) -> None:
        """Let go of it."""
        if self._held:
            self._locked.discard(self._service)
            self._held = False

    def __enter__(self) -> Self:
        return self if self._held else self.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
