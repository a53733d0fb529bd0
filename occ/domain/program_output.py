"""The output of a program: all of it counted in a hash, the end of it kept, without secrets."""

import hashlib
from collections.abc import Iterable
from typing import Final

from occ.domain.secrets.secrecy import MASK, clean, redact

KEPT_BYTES: Final = 8_192
_LINES: Final = 100


class Output:
    """Takes pieces as they come; a gigabyte takes no more room than a page."""

    def __init__(self, hidden: Iterable[str]) -> None:
        self._hidden = tuple(hidden)
        self._hash = hashlib.sha256()
        self._end = b""
        self._cut = False

    def take(self, piece: bytes) -> None:
        """Take one piece."""
        self._hash.update(piece)
        end = self._end + piece
        self._cut = self._cut or len(end) > KEPT_BYTES
        self._end = end[-KEPT_BYTES:]

    @property
    def digest(self) -> str:
        """SHA-256 of all pieces, as hex."""
        return self._hash.hexdigest()

    @property
    def tail(self) -> tuple[str, ...]:
        """The last lines, with no secret in them; the first may lack its beginning."""
        end = self._end
        if self._cut:
            rest = max((_rest(end, value.encode()) for value in self._hidden), default=0)
            end = MASK.encode() + end[rest:] if rest else end
        text = clean(redact(end.decode(errors="backslashreplace"), self._hidden))
        return tuple(line.rstrip("\r") for line in text.split("\n") if line.strip())[-_LINES:]


def _rest(end: bytes, value: bytes) -> int:
    """How many of the first bytes are the rest of a value whose beginning was cut off."""
    return next((n for n in range(len(value) - 1, 0, -1) if end.startswith(value[-n:])), 0)
