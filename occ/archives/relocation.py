"""A tar of a volume whose first folder gets another name, as the way that writes it wants it.

Tar extracts `./x` into the folder that it is in; the engine's archive call extracts at the root of
a container, and needs `occ-snapshot/x`. Extracted at the volume's own place, that call refuses a
symbolic link which leads out of the volume, and passes over the facts of the volume's own folder.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from occ.archives.tar import BLOCK, BrokenTarError, Header, Tar

_END: Final = bytes(2 * BLOCK)
_NAMES: Final = ("path", "linkpath", "GNU.sparse.name")


def relocated(pieces: Iterable[bytes], root: str) -> Iterator[bytes]:
    """The archive with this name of its first folder, `./`; untouched where it has that already.

    Raises:
        BrokenTarError: it is no whole tar of a volume.
    """
    rest, first, begun = iter(pieces), _First(), list[bytes]()
    tar = Tar(first)
    for piece in rest:
        begun.append(piece)
        tar.feed(piece)
        if first.name:
            break
    if not first.name.endswith("/"):
        raise BrokenTarError("its first member is no folder: is it the data of a volume?")
    if first.name == root:
        yield from begun
        yield from rest
        return
    moving = _Moving(first.name, root)
    tar = Tar(moving)
    for piece in chain(begun, rest):
        tar.feed(piece)
        yield moving.taken()
    tar.finish()
    yield _END


class _First:
    """Waits for the name of the first member."""

    def __init__(self) -> None:
        self.name = ""

    def begin(self, header: Header) -> None:
        self.name = self.name or header.name

    def data(self, piece: memoryview) -> None:
        """Content is passed over."""

    def end(self) -> None:
        """As its end."""


class _Moving:
    """Writes each member again, with an extended header that has the new names."""

    def __init__(self, old: str, new: str) -> None:
        self._old, self._new = old, new
        self._out = list[memoryview | bytes]()
        self._size = 0

    def taken(self) -> bytes:
        """All that was written since the last time."""
        out, self._out = b"".join(self._out), []
        return out

    def begin(self, header: Header) -> None:
        more = {key: value for key, value in header.more.items() if key not in _NAMES}
        named = header.more.get("GNU.sparse.name", b"").decode(errors="surrogateescape")
        more["path"] = self._moved(named or header.name)
        if named:
            more["GNU.sparse.name"] = more["path"]
        if header.type == "hard":
            more["linkpath"] = self._moved(header.target)
        elif header.type == "link":
            more["linkpath"] = header.target.encode(errors="surrogateescape")
        data = b"".join(_record(key, value) for key, value in more.items())
        self._out += [_extended(len(data)), data, bytes(-len(data) % BLOCK), header.block]
        self._size = header.size

    def data(self, piece: memoryview) -> None:
        self._out.append(piece)

    def end(self) -> None:
        self._out.append(bytes(-self._size % BLOCK))

    def _moved(self, name: str) -> bytes:
        below = (name if name.endswith("/") else f"{name}/").removeprefix(self._old)
        if not f"{name}/".startswith(self._old):
            raise BrokenTarError(f"a member {name!r} lies outside of the volume")
        moved = f"{self._new}{below}"
        whole = moved if name.endswith("/") else moved.removesuffix("/")
        return whole.encode(errors="surrogateescape")


def _record(key: str, value: bytes) -> bytes:
    """A record as an extended header has it: its length counts its own digits."""
    text = b" %b=%b\n" % (key.encode(errors="surrogateescape"), value)
    length = len(text) + len(str(len(text)))
    length += len(str(length)) - len(str(len(text)))
    return str(length).encode() + text


def _extended(size: int) -> bytes:
    """The header of an extended header of so many bytes."""
    block = bytearray(BLOCK)
    fields = ((0, b"PaxHeaders/x"), (100, b"0000644\0"), (124, b"%011o\0" % size), (156, b"x"))
    for at, text in (*fields, (257, b"ustar\x0000"), (148, b"        ")):
        block[at : at + len(text)] = text
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)
