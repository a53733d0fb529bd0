"""The hash chain: every entry covers the one before it, and the bytes that are stored.

Pure. A serialiser may change over the years. The hash covers the bytes as they are stored, so an
old entry is never serialised again to be checked.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from occ.errors import JournalConflictError, JournalDamagedError
from occ.journal.port import Head, Stamp

GENESIS = "0" * 64
START = Head(0, GENESIS)
_DOMAIN = b"occ journal entry 1"


class Row(NamedTuple):
    """An entry as it is stored, its own hash last. `at` is ms since 1970 UTC."""

    position: int
    operation: int
    seq: int
    name: str
    schema: int
    at: int
    service: str
    operator: str
    body: str
    previous: str
    hash: str


def link(fields: Iterable[object]) -> str:
    """SHA-256 over a domain tag and every field but the hash, each with its length before it.

    The lengths put the cut between two fields under the hash; the tag keeps these hashes apart from
    all others.
    """
    parts = [_DOMAIN]
    for value in fields:
        # A damaged file may hold bytes that are no text; they fit no hash.
        data = str(value).encode(errors="backslashreplace")
        parts += (len(data).to_bytes(8, "big"), data)
    return hashlib.sha256(b"".join(parts)).hexdigest()


def seal(
    head: Head, operation: int, seq: int, coded: Sequence[tuple[str, int, str]], stamp: Stamp
) -> list[Row]:
    """The rows that follow `head`, for encoded events of one operation from `seq` on."""
    rows: list[Row] = []
    previous = head.hash
    for offset, (name, schema, body) in enumerate(coded, start=1):
        fields = (
            head.position + offset,
            operation,
            seq + offset - 1,
            name,
            schema,
            stamp.at,
            stamp.service,
            stamp.operator,
            body,
            previous,
        )
        previous = link(fields)
        rows.append(Row(*fields, previous))
    return rows


def intact(row: Row) -> bool:
    """Whether a row is as it was written."""
    return link(row[:-1]) == row.hash


def is_ours(stored: Row, coded: tuple[str, int, str], stamp: Stamp) -> bool:
    """Whether a stored row is this very event of this very append, at whatever position."""
    head = Head(stored.position - 1, stored.previous)
    return seal(head, stored.operation, stored.seq, (coded,), stamp) == [stored]


def conflict(operation: int, seq: int) -> JournalConflictError:
    """The error of an append whose place is not free."""
    return JournalConflictError(
        f"operation {operation} was taken over by another process: entry {seq} is not ours to "
        "write",
        hint=f"occ show {operation}",
    )


def walk(head: Head, rows: Iterable[Row], address: str) -> Head:
    """The head after rows that follow `head`.

    Raises:
        JournalDamagedError: naming the first entry that does not fit.
    """
    for row in rows:
        if row.position != head.position + 1:
            raise damaged(address, head.position + 1, "it is missing")
        if not intact(row):
            raise damaged(address, row.position, "its hash does not fit what it says")
        if row.previous != head.hash:
            raise damaged(address, row.position, "it does not follow the entry before it")
        head = Head(row.position, row.hash)
    return head


def expect(head: Head, noted: Iterable[Head], found: Mapping[int, str], address: str) -> Head:
    """The head, if the heads that were noted elsewhere are in the journal.

    Only noted heads can tell that a tail was cut off, or that the whole journal was written anew. A
    noted hash may be shortened to its beginning; `found` are the hashes at the noted positions.

    Raises:
        JournalDamagedError: naming the first entry that differs from its note.
    """
    for note in sorted(noted, key=lambda one: one.position):
        if note.position > head.position:
            raise damaged(address, head.position + 1, f"{note} was noted, so it is missing")
        if note.position and not found[note.position].startswith(note.hash):
            raise damaged(address, note.position, f"{note} was noted, so it was written anew")
    return head


def damaged(address: str, position: int, why: str) -> JournalDamagedError:
    """The error that names an entry."""
    return JournalDamagedError(
        f"entry {position} of the journal {address} does not fit: {why}",
        hint="restore a copy from before; without one: occ --journal NEW adopt CONTAINER --take",
    )
