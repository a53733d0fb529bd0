"""The journal as the rest of occ sees it: an append-only list of entries."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from string import hexdigits
from typing import TYPE_CHECKING, Final, Protocol, Self

from occ.domain.events import Entry, Event
from occ.domain.total import MOST_NUMBER, whole_number
from occ.errors import UsageMistakeError

if TYPE_CHECKING:
    from occ.domain.findings import Finding

_SHOWN: Final = 16
_WHOLE: Final = 64
"""Digits of a hash: as a label shows it, and all."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry's position and hash; every container of occ carries it in a label."""

    position: int
    hash: str

    def __str__(self) -> str:
        return f"{self.position}:{self.hash[:_SHOWN]}"

    @property
    def whole(self) -> str:
        """The head with its whole hash, to be noted elsewhere."""
        return f"{self.position}:{self.hash}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """The head in a label, its hash shortened; position 0 when the text is not a head."""
        position, _, digest = text.partition(":")
        number = whole_number(position, MOST_NUMBER)
        return cls(number, digest) if number is not None and digest else cls(0, "")

    @classmethod
    def noted(cls, text: str) -> "Head":
        """The head that a person noted, as `occ journal head` or a label shows it.

        Raises:
            UsageMistakeError: the text is no head, or has too few digits of the hash.
        """
        found = cls.parse(text)
        digits = set(found.hash) <= set(hexdigits)
        if found.position < 1 or not digits or not _SHOWN <= len(found.hash) <= _WHOLE:
            raise UsageMistakeError(
                f"{text!r} is no head of a journal, which is POSITION:HASH with {_SHOWN} to "
                f"{_WHOLE} digits",
                hint="occ journal head",
            )
        return cls(found.position, found.hash.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """The fields that all entries of one append have in common."""

    service: str
    """The service's name; empty for entries of the journal's own, `notify:NAME` for notices."""
    operator: str
    """The account that typed the command."""
    at: int
    """Milliseconds since 1970, UTC."""


class Lock(AbstractContextManager["Lock", None], Protocol):
    """The lock of one service: at most one occ drives a service. A lock dies with its holder.

    Entering it takes it, unless it was taken already; leaving it lets go of it.
    """

    def acquire(self) -> Self:
        """Take it, or fail at once.

        Raises:
            BusyError: another process has it.
            JournalUnwritableError: it cannot be made where the journal is.
        """

    def taken(self) -> bool | None:
        """Whether somebody has it at this instant, None where that cannot be told.

        To ask takes nothing, and keeps nobody from taking it.
        """

    def release(self) -> None:
        """Let go of it."""


class Journal(Protocol):
    """An append-only list of entries.

    Every method raises JournalError or one of its kinds when the journal cannot be used;
    a journal that does not exist yet is read as an empty one, and reading does not create it.
    """

    @property
    def id(self) -> str:
        """The journal's identity, 32 hexadecimal digits; made at the first append."""

    @property
    def address(self) -> str:
        """The argument for `--journal`: an absolute path, or a URL without a password."""

    def head(self) -> Head:
        """The last entry; position 0 when there is none."""

    def open_operation(self, events: Sequence[Event], stamp: Stamp) -> int:
        """Append the first events of a new operation in one commit, and return its number."""

    def append(self, operation: int, seq: int, events: Sequence[Event], stamp: Stamp) -> int:
        """Append to an operation in one commit, the first event at `seq`; returns the next seq.

        After an error in the commit itself, (operation, seq) is read again: the commit counts when
        our entry is there.

        Raises:
            JournalConflictError: somebody else has written at `seq`, or the operation is not
                in this journal up to there.
            JournalUnwritableError: the entries are not in the journal.
        """

    def note(self, events: Sequence[Event], stamp: Stamp) -> None:
        """Append facts that belong to no operation in one commit, as the next ones of operation 0.

        Their place is chosen while nobody else writes, so no other append can be in its way. A
        journal that is not there yet is made.

        Raises:
            JournalUnwritableError: the entries are not in the journal.
        """

    def entries(
        self,
        *,
        service: str = "",
        operation: int | None = None,
        names: Sequence[str] = (),
        after: int = 0,
    ) -> Iterator[Entry]:
        """Entries in order of position, of one service, one operation, or some event names.

        `after` keeps those of greater positions.
        """

    def latest(
        self,
        *,
        service: str = "",
        limit: int = 0,
        before: int = 0,
        name: str = "operation.planned",
    ) -> Iterator[Entry]:
        """The entries of one event name, newest first; `operation.planned` lists operations.

        `limit` 0 is all of them; `before` keeps those of operations with a lower number.
        """

    def last_operation(self) -> int:
        """The greatest number of an operation, counting numbers skipped; 0 when none."""

    def verify(self, noted: Sequence[Head] = ()) -> Head:
        """Walk the whole chain.

        `noted` are heads that were written down elsewhere, for example in containers' labels;
        their hashes may be shortened. Only such heads can tell that the last entries were cut off.

        Raises:
            JournalDamagedError: naming the first entry that does not fit, or cannot be read.
        """

    def reserve(self) -> None:
        """Show that there is room: 1 MiB is written beside the journal and kept until released.

        Raises:
            JournalUnwritableError: there is no room.
        """

    def release(self) -> None:
        """Give the reserve up, so that its room can be used."""

    def lock(self, service: str, *, aside: bool = False) -> Lock:
        """The lock of a service, or of the operation that works aside for it; not taken yet."""

    def files(self) -> Sequence[Path]:
        """The journal's files on this machine, there or not, its own first; empty on a server."""

    def keep_bug(self, text: str) -> str:
        """Keep the traceback of a bug beside the journal, where only its owner reads it.

        Older ones give way. The journal itself is not touched, and no error is raised.

        Returns:
            The file; empty where the text could not be kept, and on a server.
        """

    def recall(self, name: str) -> str:
        """A small text that was kept beside the journal; empty where there is none."""

    def remember(self, name: str, text: str) -> None:
        """Keep a small text beside the journal, for counts that may be lost; no error is raised."""

    def findings(self) -> "Sequence[Finding]":
        """Findings about the place where the journal is kept, and the program that keeps it."""

    def close(self) -> None:
        """Let go of files and connections."""
