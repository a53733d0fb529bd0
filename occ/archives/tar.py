"""A tar that goes by: followed from header to header, so that a cut anywhere is seen.

Both ways of reading a volume write POSIX archives (pax, IEEE Std 1003.1). The first member is the
volume's own folder, and the name of every other one begins with its name. The reader is total: it
takes bytes from outside, holds little of them, and refuses whatever neither way writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, TypeAlias

BLOCK: Final = 512
MOST_HEADER: Final = 1 << 20
"""The bytes that a member's extended header may take."""

_ZEROS: Final = bytes(BLOCK)
_LONG: Final = {b"L": "path", b"K": "linkpath"}
_DIGITS: Final = 19  # of a number of 64 bits
_OWN_BYTES: Final = 0x80  # the mark of a field that holds a number's own bytes
_NEGATIVE: Final = 0xFF

Type: TypeAlias = Literal["file", "hard", "link", "char", "block", "folder", "fifo"]
_TYPES: Final[Mapping[bytes, Type]] = {
    b"0": "file",
    b"7": "file",
    b"1": "hard",
    b"2": "link",
    b"3": "char",
    b"4": "block",
    b"5": "folder",
    b"6": "fifo",
}


class BrokenTarError(ValueError):
    """The bytes are no whole tar of a volume; the message says why, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A member as its header tells it. Names are bytes that are not UTF-8 as surrogates."""

    name: str
    type: Type
    mode: int
    uid: int
    gid: int
    size: int
    """The bytes that follow in the archive."""
    mtime: int
    """In ns since 1970 UTC."""
    target: str = ""
    """The end of a link, or the numbers of a device."""
    more: Mapping[str, bytes] = field(default_factory=dict)
    """The records of its extended header."""
    block: bytes = field(default=b"", repr=False)
    """The header itself, without the extended one."""


class Visitor(Protocol):
    """Told each member, its content in pieces, and its end."""

    def begin(self, header: Header) -> None:
        """A member begins."""

    def data(self, piece: memoryview) -> None:
        """The next bytes of its content, as the archive has them."""

    def end(self) -> None:
        """Its content is whole."""


class Tar:
    """The state between two pieces of an archive."""

    def __init__(self, visitor: Visitor | None = None) -> None:
        self._visitor = visitor
        self._held = bytearray()
        self._wanted = BLOCK
        self._extends: bytes = b""
        self._size = 0
        self._content = 0
        self._padding = 0
        self._zeros = 0
        self._more: dict[str, bytes] = {}
        self.bytes = 0
        """How many bytes have gone by."""
        self.ended = False
        """Whether the two blocks of zeros that end an archive have been read."""

    def feed(self, piece: bytes) -> None:
        """Take the next bytes.

        Raises:
            BrokenTarError: they cannot be the next ones of an archive.
        """
        self.bytes += len(piece)
        view, at = memoryview(piece), 0
        while at < len(view):
            if self._content or self._padding:
                at += self._pass(view[at:])
                continue
            if not self._held and len(view) - at >= (wanted := self._wanted):
                self._wanted = BLOCK
                at += wanted
                self._read(piece[at - wanted : at])
                continue
            part = view[at : at + self._wanted - len(self._held)]
            self._held += part
            at += len(part)
            if len(self._held) == self._wanted:
                block, self._held, self._wanted = bytes(self._held), bytearray(), BLOCK
                self._read(block)

    def finish(self) -> None:
        """See that the archive has come to its end.

        Raises:
            BrokenTarError: its end is missing.
        """
        if not self.ended or self._held:
            raise BrokenTarError(f"it ends early, after {self.bytes} bytes")

    def _pass(self, view: memoryview) -> int:
        """Let content go by, then the zeros that fill its last block; how much of it."""
        if not self._content:
            count = min(self._padding, len(view))
            self._padding -= count
            return count
        count = min(self._content, len(view))
        self._content -= count
        if self._visitor:
            self._visitor.data(view[:count])
            if not self._content:
                self._visitor.end()
        return count

    def _read(self, block: bytes) -> None:
        if self._extends:
            self._extend(block)
        elif block == _ZEROS:
            self._zeros += 1
            self.ended = self._zeros > 1
        elif self._zeros:
            raise BrokenTarError("something follows its end")
        else:
            self._begin(block)

    def _begin(self, block: bytes) -> None:
        """A header."""
        if not _is_header(block, whole=self._visitor is not None):
            raise BrokenTarError(f"no header where one belongs, after {self.bytes} bytes")
        kind, size = block[156:157], _number(block[124:136])
        if kind in {b"x", *_LONG}:
            if not 0 < size <= MOST_HEADER:
                raise BrokenTarError("the header of a member has no possible size")
            self._extends, self._size, self._wanted = kind, size, size + -size % BLOCK
            return
        more, self._more = self._more, {}
        size = _stored(block, more)
        self._content, self._padding = size, -size % BLOCK
        if self._visitor:
            self._visitor.begin(_header(block, more))
            if not size:
                self._visitor.end()

    def _extend(self, block: bytes) -> None:
        """The content of a header that tells more of the member behind it."""
        data, kind, self._extends = block[: self._size], self._extends, b""
        if not self._visitor and b" size=" not in data:
            return  # to follow it, the size is all that counts
        if kind in _LONG:
            self._more[_LONG[kind]] = data.rstrip(b"\0")
        else:
            self._more |= _records(data)


def _is_header(block: bytes, *, whole: bool) -> bool:
    """Whether it is a header: by its sum, or, where time counts, by its mark alone."""
    if block[257:262] != b"ustar":
        return False
    rest = block[:148] + b"        " + block[156:]
    return not whole or _number(block[148:156]) == sum(rest)


def _stored(block: bytes, more: Mapping[str, bytes]) -> int:
    """The bytes of content that follow a header; only files have any."""
    kind = _TYPES.get(block[156:157])
    if kind is None:
        raise BrokenTarError("a member of a kind that no volume has")
    if kind != "file":
        return 0
    return _decimal(more["size"]) if "size" in more else _number(block[124:136])


def _header(block: bytes, more: Mapping[str, bytes]) -> Header:
    kind = _TYPES[block[156:157]]
    prefix, name = _text(block[345:500]), _text(block[:100])
    target = _text(block[157:257])
    if kind in {"char", "block"}:
        target = f"{_number(block[329:337])}:{_number(block[337:345])}"
    elif "linkpath" in more:
        target = _name(more["linkpath"])
    told = _name(more["path"]) if "path" in more else f"{prefix}/{name}" if prefix else name
    return Header(
        name=told,
        type=kind,
        mode=_number(block[100:108]) & 0o7777,
        uid=_decimal(more["uid"]) if "uid" in more else _number(block[108:116]),
        gid=_decimal(more["gid"]) if "gid" in more else _number(block[116:124]),
        size=_stored(block, more),
        mtime=nanoseconds(more["mtime"]) if "mtime" in more else _number(block[136:148]) * 10**9,
        target=target if kind in {"hard", "link", "char", "block"} else "",
        more=more,
        block=block,
    )


def _records(data: bytes) -> dict[str, bytes]:
    """The records of an extended header, each `LENGTH KEY=VALUE` and a line's end."""
    found: dict[str, bytes] = {}
    at = 0
    while at < len(data):
        space = data.find(b" ", at, at + 10)
        length = _decimal(data[at:space]) if space > 0 else 0
        record = data[space + 1 : at + length]
        key, equals, value = record.partition(b"=")
        if not (equals and key and record.endswith(b"\n")) or at + length > len(data):
            raise BrokenTarError("the header of a member cannot be read")
        found[_name(key)] = value[:-1]
        at += length
    return found


def nanoseconds(text: bytes) -> int:
    """A time as an extended header has it, `-1.5`, in ns.

    Raises:
        BrokenTarError: it is no time.
    """
    whole, _, rest = text.removeprefix(b"-").partition(b".")
    total = _decimal(whole) * 10**9 + (_decimal(rest[:9].ljust(9, b"0")) if rest else 0)
    return -total if text.startswith(b"-") else total


def _decimal(text: bytes) -> int:
    if not (text.isdigit() and len(text) <= _DIGITS):
        raise BrokenTarError("a number in a header cannot be read")
    return int(text)


def _number(text: bytes) -> int:
    """A field of a header: octal digits, or, where these are too few, the number's own bytes."""
    if text[0] & _OWN_BYTES:
        rest = bytes((text[0] & ~_OWN_BYTES,)) + text[1:]
        signed = text[0] == _NEGATIVE
        number = int.from_bytes(text if signed else rest, "big", signed=signed)
        if number >> 63 not in {0, -1}:
            raise BrokenTarError("a number in a header cannot be read")
        return number
    digits = text.strip(b" \0")
    if digits.strip(b"01234567"):
        raise BrokenTarError("a number in a header cannot be read")
    return int(digits or b"0", 8)


def _text(text: bytes) -> str:
    return _name(text.partition(b"\0")[0])


def _name(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")
