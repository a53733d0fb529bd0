"""The manifest of a snapshot: what is in it, a line a member, made from the finished file."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from occ.archives.members import FIELDS, Listed, Member, Members, member_of, rest_of
from occ.archives.sparse import Content
from occ.archives.tar import BrokenTarError, Header

ROOT: Final = "."
"""The path of the volume's own folder."""
_ATTRIBUTES: Final = ("SCHILY.xattr.", "SCHILY.acl.")
_SECOND: Final = 10**9


class Listing:
    """The members of an archive that goes by, as its visitor.

    `tick` is called often where that takes long; an exception out of it goes through.
    """

    def __init__(self, tick: Callable[[], None] = lambda: None) -> None:
        self._tick = tick
        self._root = ""
        self._ends: dict[str, bytes] = {}
        self._first: dict[str, str] = {}
        self._now: Member | None = None
        self._content = Content({}, 0)

    def begin(self, header: Header) -> None:
        """A member begins; a hard link has the facts of the member that it is a name of."""
        path = self._path(header.more.get("GNU.sparse.name", b"").decode(errors="surrogateescape"))
        path = path or self._path(header.name)
        if header.type == "hard":
            first = self._first.get(self._path(header.target), self._path(header.target))
            if first not in self._ends:
                raise BrokenTarError(f"{path} is a name of {first}, which it does not have")
            self._first[path] = first
            self._now = replace(member_of(first, self._ends[first]), path=path)
            return
        self._first.pop(path, None)
        self._content = Content(header.more, header.size, self._tick)
        self._now = Member(
            path=path,
            type=header.type,
            mode=header.mode,
            uid=header.uid,
            gid=header.gid,
            size=self._content.size if header.type == "file" else 0,
            mtime=header.mtime,
            sha256="",
            target=header.target,
            attributes=_attributes(header.more),
            names="",
        )

    def data(self, piece: memoryview) -> None:
        """A piece of its content."""
        self._content.feed(piece)

    def end(self) -> None:
        """It is whole."""
        now = self._now
        if now is None:
            return
        if now.type == "file" and now.path not in self._first:
            now = replace(now, sha256=self._content.finish())
        self._ends[now.path] = rest_of(now)

    def members(self) -> Members:
        """All of them, when the archive is whole."""
        groups: dict[str, list[str]] = {}
        for path, first in self._first.items():
            groups.setdefault(first, [first]).append(path)
        for paths in groups.values():
            first = min(paths)
            for path in paths:
                one = member_of(path, self._ends[path])
                self._ends[path] = rest_of(replace(one, names=first))
        return Listed(self._ends)

    def _path(self, name: str) -> str:
        """A name as a path below the volume's own folder, which is the first member."""
        if not name:
            return ""
        if not self._root:
            if not name.endswith("/"):
                raise BrokenTarError("its first member is no folder: is it the data of a volume?")
            self._root = name
        below = (name if name.endswith("/") else f"{name}/").removeprefix(self._root)
        parts = below.split("/")[:-1]
        if not f"{name}/".startswith(self._root) or {"", ".", ".."} & {*parts}:
            raise BrokenTarError(f"a member {name!r} lies outside of the volume")
        return "/".join(parts) or ROOT


def _attributes(more: Mapping[str, bytes]) -> str:
    named = sorted(key for key in more if key.startswith(_ATTRIBUTES))
    if not named:
        return ""
    digest = hashlib.sha256()
    for key in named:
        name = key.encode(errors="surrogateescape")
        digest.update(b"%d %b %d %b" % (len(name), name, len(more[key]), more[key]))
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Difference:
    """A path at which two manifests are not the same."""

    path: str
    what: str
    """`added`, `removed`, or the fields that differ."""


def differences(before: Members, after: Members, *, coarse: bool) -> Iterator[Difference]:
    """Where two manifests differ, in the order of paths.

    `coarse` leaves out what one of them cannot know, because it was read through the engine:
    times below the second, ACLs and extended attributes.
    """
    for path, first, second in _paired(before, after):
        if first is None or second is None:
            yield Difference(path, "added" if first is None else "removed")
            continue
        if first == second:
            continue
        one, other = member_of(path, first), member_of(path, second)
        if coarse:
            one, other = _coarse(one), _coarse(other)
        if one != other:
            fields = [name for name in FIELDS if getattr(one, name) != getattr(other, name)]
            yield Difference(path, ", ".join("content" if f == "sha256" else f for f in fields))


def _paired(before: Members, after: Members) -> Iterator[tuple[str, bytes | None, bytes | None]]:
    """Every path of the two, once, in order, with the ends of its lines."""
    first, second = before.ends(), after.ends()
    one, other = next(first, None), next(second, None)
    while one or other:
        path = min(each[0] for each in (one, other) if each)
        here, there = one and one[0] == path, other and other[0] == path
        yield path, one[1] if one and here else None, other[1] if other and there else None
        one = next(first, None) if here else one
        other = next(second, None) if there else other


def _coarse(member: Member) -> Member:
    return replace(member, mtime=member.mtime // _SECOND * _SECOND, attributes="")
