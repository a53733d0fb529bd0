"""Data that goes by in pieces, and the files of snapshots: what happens to occ in their middle."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from occ.archives import host_tar
from occ.archives.store import Draft, Store

STREAMS: Final = frozenset({"read_folder", "write_folder"})
LARGE: Final = 4 << 20
"""The bytes from which on a stream has a middle: one of an empty volume has none."""


@dataclass
class Stream:
    """Counts the bytes of one call, and has something happen once so many went by."""

    limit: int
    happen: Callable[[], None]
    passed: int = field(default=0, init=False)

    def wrapped(self, name: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments of a call with the last one, which takes or gives pieces, counted."""
        *others, last = args
        if name == "read_folder":
            return (*others, self._taking(last))
        return (*others, self._giving(last))

    def _taking(self, take: Callable[[bytes], None]) -> Callable[[bytes], None]:
        def counted(piece: bytes) -> None:
            take(piece)
            self._count(piece)

        return counted

    def _giving(self, give: Iterable[bytes]) -> Iterator[bytes]:
        for piece in give:
            yield piece
            self._count(piece)

    def _count(self, piece: bytes) -> None:
        self.passed += len(piece)
        if self.limit and self.passed >= self.limit:
            self.happen()


def watch_host(watched: Any) -> None:
    """Have this process call what it does beside its two ports through `watched`.

    It is a child that was forked for one command. With OCC_WAY=engine it finds no tar, so that
    volumes are read and written through the engine.
    """
    if os.environ.get("OCC_WAY") == "engine":
        host_tar.gnu_tar = str  # type: ignore[assignment]
    read, write = host_tar.read_folder, host_tar.write_folder
    keep, whole = Draft.keep, Store.write
    host_tar.read_folder = lambda *args, **more: watched("read_folder", read, *args, **more)
    host_tar.write_folder = lambda *args, **more: watched("write_folder", write, *args, **more)
    _method(Draft, "keep", lambda self: watched("keep", keep, self))
    _method(Store, "write", lambda *args: watched("write", whole, *args))


def _method(owner: type, name: str, method: Callable[..., Any]) -> None:
    setattr(owner, name, method)
