"""The members of a volume, and the lines of a manifest that they are."""

import io
import json
from abc import abstractmethod
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Final, Self

_HEAD: Final = b'{"occ":"manifest","schema":1}\n'
_DECODER: Final = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Member:
    """A file, folder or whatever else lies in a volume. The fields stand in files, in this order.

    Paths are relative to the volume. Bytes of names that are not UTF-8 are lone surrogates.
    """

    path: str
    type: str
    """`file`, `folder`, `link`, `fifo`, `char` or `block`."""
    mode: int
    uid: int
    gid: int
    size: int
    mtime: int
    """In ns since 1970 UTC."""
    sha256: str
    """The digest of a file's content; empty for all else."""
    target: str
    """The end of a symbolic link, the numbers of a device."""
    attributes: str
    """A digest of its ACLs and extended attributes; empty without any."""
    names: str
    """The first of its names, where it has more than one (hard links)."""


FIELDS: Final = tuple(one.name for one in fields(Member))
"""Their names, in the order in which a line has them."""
_row = attrgetter(*FIELDS[1:])


class Members(Mapping[str, Member]):
    """The members of a volume by path, in the order of their paths.

    There may be millions of them, so none is held as an object, but as its line in a manifest: the
    path, and the end of the line. Equal ends are equal members.
    """

    @abstractmethod
    def end(self, path: str) -> bytes:
        """The end of the line of a path.

        Raises:
            KeyError: there is none.
        """

    @abstractmethod
    def ends(self) -> Iterator[tuple[str, bytes]]:
        """Each path with the end of its line."""

    def __getitem__(self, path: str) -> Member:
        """The member with a path."""
        return member_of(path, self.end(path))

    def __iter__(self) -> Iterator[str]:
        """All paths."""
        return (path for path, _ in self.ends())


class Listed(Members):
    """Members as they came, in any order."""

    def __init__(self, ends: Mapping[str, bytes]) -> None:
        self._ends = ends
        self._paths = sorted(ends)

    @classmethod
    def of(cls, members: Iterable[Member]) -> Self:
        """These."""
        return cls({one.path: rest_of(one) for one in members})

    def end(self, path: str) -> bytes:
        """As for all."""
        return self._ends[path]

    def ends(self) -> Iterator[tuple[str, bytes]]:
        """As for all."""
        return ((path, self._ends[path]) for path in self._paths)

    def __len__(self) -> int:
        """How many they are."""
        return len(self._ends)


class Written(Members):
    """Members in the text of a manifest, which is all that is held of them."""

    def __init__(self, text: bytes) -> None:
        """Look at each line.

        Raises:
            ValueError: the text is no manifest.
        """
        self._text, self._begins = text, array("Q")
        if not text.startswith(_HEAD):
            raise ValueError("it is no manifest of occ")
        at, before = len(_HEAD), ""
        while at < len(text):
            line = self._line(at)
            path = _checked(line)
            if self._begins and path <= before:
                raise ValueError("its lines are not in order")
            self._begins.append(at)
            at, before = at + len(line) + 1, path

    def end(self, path: str) -> bytes:
        """As for all; looked for in the text."""
        place = bisect_left(self._begins, path, key=lambda at: _split(self._line(at))[0])
        if place < len(self._begins):
            there, rest = _split(self._line(self._begins[place]))
            if there == path:
                return rest
        raise KeyError(path)

    def ends(self) -> Iterator[tuple[str, bytes]]:
        """As for all."""
        return (_split(self._line(at)) for at in self._begins)

    def __len__(self) -> int:
        """How many they are."""
        return len(self._begins)

    def _line(self, at: int) -> bytes:
        """The line that begins at a place, without its end."""
        stop = self._text.find(b"\n", at)
        return self._text[at : stop if stop >= 0 else len(self._text)]


def written(members: Members) -> bytes:
    """The manifest as its file has it: ASCII, one JSON list a line."""
    text = io.BytesIO()
    text.write(_HEAD)
    for path, rest in members.ends():
        text.write(b"[%b,%b\n" % (_json(path).encode("ascii"), rest))
    return text.getvalue()


def rest_of(one: Member) -> bytes:
    """All of a member but its path, as its line in a manifest ends."""
    return _json(_row(one))[1:].encode("ascii")


def member_of(path: str, rest: bytes) -> Member:
    """A member of its path and the end of its line."""
    return Member(path, *json.loads(b"[" + rest))


def _split(line: bytes) -> tuple[str, bytes]:
    """A line's path, and its end."""
    path, at = _DECODER.raw_decode(line.decode("ascii"), 1)
    return path, line[at + 1 :]


def _checked(line: bytes) -> str:
    """The path of a line that is a member, written as we write it."""
    try:
        told = json.loads(line.decode("ascii"))
        one = Member(*told)
    except (TypeError, RecursionError) as error:
        raise ValueError("a line of it is no member") from error
    if any(type(each) is not type(usual) for each, usual in zip(told, _USUAL, strict=True)):
        raise ValueError("a line of it is no member")
    if line != b"[%b,%b" % (_json(one.path).encode("ascii"), rest_of(one)):
        raise ValueError("a line of it is not as occ writes it")
    return one.path


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


_USUAL: Final = ("", "", 0, 0, 0, 0, 0, "", "", "", "")
