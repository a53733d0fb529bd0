"""The hash chain: every entry covers the one before it, and the bytes that are stored."""

import hashlib
from dataclasses import dataclass

GENESIS = "0" * 64
_DOMAIN = b"occ journal entry 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An entry as it is stored, but for its own hash."""

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


def link(row: Row) -> str:
    """SHA-256 over a domain tag and every field, each with its length before it."""
    digest = hashlib.sha256(_DOMAIN)
    for value in (
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
    ):
        data = str(value).encode()
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()
