"""The output of a program: all of it counted in a hash, the end of it kept, without secrets."""

import hashlib
from collections.abc import Iterable
from typing import Final

from occ.domain.secrets.secrecy import clean, redact

KEPT_BYTES: Final = 8_192
_LINES: Final = 100


class Output:
    """Takes pieces as they come; a gigabyte takes no more room than a page."""

    def __init__(self, hidden: Iterable[str]) -> None:
        self._hidden = tuple(hidden)
        # A secret that begins before the kept end is still seen whole.
        self._room = KEPT_BYTES + max((len(value.encode()) for value in self._hidden), default=0)
        self._hash = hashlib.sha256()
        self._end = b""
        self._cut = False

    def take(self, piece: bytes) -> None:
        """Take one piece."""
        self._hash.update(piece)
        end = self._end + piece
        self._cut = self._cut or len(end) > self._room
        self._end = end[-self._room :]

    @property
    def digest(self) -> str:
        """SHA-256 of all pieces, as hex."""
        return self._hash.hexdigest()

    @property
    def tail(self) -> tuple[str, ...]:
        """The last lines, with no secret in them; of a longer output the first line may be cut."""
        text = clean(redact(self._end.decode(errors="backslashreplace"), self._hidden))
        if self._cut:
            text = text[-KEPT_BYTES:]
        return tuple(line.rstrip("\r") for line in text.split("\n") if line.strip())[-_LINES:]
