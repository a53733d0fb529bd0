"""The content of a member: hashed as whoever reads the file would see it, its holes as zeros."""

import hashlib
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from occ.archives.tar import BLOCK, BrokenTarError

_MOST_MAP: Final = 1 << 24
_DIGITS: Final = 19
_ZEROS: Final = bytes(1 << 20)


class Content:
    """A digest in the making. GNU tar writes a sparse file as a map of its pieces, then these."""

    def __init__(
        self, more: Mapping[str, bytes], stored: int, tick: Callable[[], None] = lambda: None
    ) -> None:
        """Make ready for so many bytes of a member with this extended header.

        `tick` is called often within a hole, which takes no room and may take hours.
        """
        self._tick = tick
        self._digest = hashlib.sha256()
        self._map: bytearray | None = None
        self._sparse = False
        self._pieces: deque[tuple[int, int]] = deque()
        self._at = 0
        self.size = stored
        """The size of the file."""
        form = (more.get("GNU.sparse.major"), more.get("GNU.sparse.minor"))
        if form == (b"1", b"0"):
            self._map, self.size = bytearray(), _number(more.get("GNU.sparse.realsize", b""))
        elif any(key.startswith("GNU.sparse.") for key in more):
            raise BrokenTarError("a sparse file in a form that no occ wrote")

    def feed(self, piece: memoryview) -> None:
        """The next bytes as the archive has them."""
        if self._map is None:
            self._fill(piece)
            return
        self._map += piece
        if len(self._map) > _MOST_MAP:
            raise BrokenTarError("the map of a sparse file is too large")
        self._read_map(bytes(self._map))

    def finish(self) -> str:
        """The digest, in hexadecimal digits."""
        if self._map is not None:
            self._read_map(bytes(self._map))
        if self._map is not None or any(length for _, length in self._pieces):
            raise BrokenTarError("a sparse file is not whole")
        self._hole(self.size)
        if self._at != self.size:
            raise BrokenTarError("a file is longer than its header says")
        return self._digest.hexdigest()

    def _fill(self, piece: memoryview) -> None:
        if not self._sparse:
            self._digest.update(piece)
            self._at += len(piece)
            return
        while len(piece):
            if not self._pieces:
                raise BrokenTarError("a sparse file has more than its map says")
            offset, length = self._pieces[0]
            self._hole(offset)
            part = piece[:length]
            self._digest.update(part)
            self._at += len(part)
            piece = piece[len(part) :]
            self._pieces[0] = (offset + len(part), length - len(part))
            if len(part) == length:
                self._pieces.popleft()

    def _hole(self, until: int) -> None:
        while self._at < until:
            self._tick()
            zeros = _ZEROS[: until - self._at]
            self._digest.update(zeros)
            self._at += len(zeros)

    def _read_map(self, text: bytes) -> None:
        """The map, once all of it is there: how many pieces, then offset and length of each."""
        lines = text.split(b"\n", 1)
        if len(lines) == 1:
            return
        count = _number(lines[0])
        if count > _MOST_MAP:
            raise BrokenTarError("the map of a sparse file is too large")
        numbers = text.split(b"\n", 2 * count + 1)
        if len(numbers) < 2 * count + 2:
            return
        taken = sum(len(number) + 1 for number in numbers[:-1])
        whole = taken + -taken % BLOCK
        if len(text) < whole:
            return
        told = [_number(number) for number in numbers[1:-1]]
        self._pieces.extend(p for p in zip(told[::2], told[1::2], strict=True) if p[1])
        ends = [0, *(offset + length for offset, length in self._pieces)]
        starts = [*(offset for offset, _ in self._pieces), self.size]
        if any(start < end for start, end in zip(starts, ends, strict=True)):
            raise BrokenTarError("the map of a sparse file overlaps")
        self._map, self._sparse = None, True
        self._fill(memoryview(text)[whole:])


def _number(text: bytes) -> int:
    if not (text.isdigit() and len(text) <= _DIGITS):
        raise BrokenTarError("the map of a sparse file cannot be read")
    return int(text)
