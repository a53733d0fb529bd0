"""The manifest of a snapshot: what is in it, a line a member, made from the finished file."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import Final

from occ.archives.sparse import Content
from occ.archives.tar import BrokenTarError, Header

ROOT: Final = "."
"""The path of the volume's own folder."""
_HEAD: Final = '{"occ":"manifest","schema":1}'
_ATTRIBUTES: Final = ("SCHILY.xattr.", "SCHILY.acl.")
_SECOND: Final = 10**9


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


_FIELDS: Final = tuple(one.name for one in fields(Member))
_row = attrgetter(*_FIELDS)


class Listing:
    """The members of an archive that goes by, as its visitor.

    `tick` is called often where that takes long; an exception out of it goes through.
    """

    def __init__(self, tick: Callable[[], None] = lambda: None) -> None:
        self._tick = tick
        self._root = ""
        self._members: dict[str, Member] = {}
        self._first: dict[str, str] = {}
        self._now: Member | None = None
        self._content = Content({}, 0)

    def begin(self, header: Header) -> None:
        """A member begins; a hard link has the facts of the member that it is a name of."""
        path = self._path(header.more.get("GNU.sparse.name", b"").decode(errors="surrogateescape"))
        path = path or self._path(header.name)
        if header.type == "hard":
            first = self._first.get(self._path(header.target), self._path(header.target))
            if first not in self._members:
                raise BrokenTarError(f"{path} is a name of {first}, which it does not have")
            self._first[path] = first
            self._now = replace(self._members[first], path=path)
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
        self._members[now.path] = now

    def members(self) -> dict[str, Member]:
        """All of them, by path, in the order of their paths."""
        groups: dict[str, list[str]] = {}
        for path, first in self._first.items():
            groups.setdefault(first, [first]).append(path)
        for paths in groups.values():
            for path in paths:
                self._members[path] = replace(self._members[path], names=min(paths))
        return dict(sorted(self._members.items()))

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


def written(members: Mapping[str, Member]) -> bytes:
    """The manifest as its file has it: ASCII, one JSON list a line."""
    lines = [json.dumps(_row(member), separators=(",", ":")) for member in members.values()]
    return "\n".join((_HEAD, *lines, "")).encode("ascii")


def read(text: bytes) -> dict[str, Member]:
    """The members of a manifest.

    Raises:
        ValueError: the text is no manifest.
    """
    lines = text.decode("ascii").splitlines()
    if not lines or lines[0] != _HEAD:
        raise ValueError("it is no manifest of occ")
    return {member.path: member for member in map(_member, lines[1:])}


def _member(line: str) -> Member:
    try:
        told = json.loads(line)
        member = Member(*told)
    except (TypeError, RecursionError) as error:
        raise ValueError("a line of it is no member") from error
    if any(type(one) is not type(usual) for one, usual in zip(told, _USUAL, strict=True)):
        raise ValueError("a line of it is no member")
    return member


_USUAL: Final = ("", "", 0, 0, 0, 0, 0, "", "", "", "")


@dataclass(frozen=True, slots=True)
class Difference:
    """A path at which two manifests are not the same."""

    path: str
    what: str
    """`added`, `removed`, or the fields that differ."""


def differences(
    before: Mapping[str, Member], after: Mapping[str, Member], *, coarse: bool
) -> Iterator[Difference]:
    """Where two manifests differ, in the order of paths.

    `coarse` leaves out what one of them cannot know, because it was read through the engine:
    times below the second, ACLs and extended attributes.
    """
    for path in sorted({*before, *after}):
        one, other = before.get(path), after.get(path)
        if one is None or other is None:
            yield Difference(path, "added" if one is None else "removed")
            continue
        if coarse:
            one, other = _coarse(one), _coarse(other)
        if one != other:
            fields = [name for name in _FIELDS if getattr(one, name) != getattr(other, name)]
            yield Difference(path, ", ".join("content" if f == "sha256" else f for f in fields))


def _coarse(member: Member) -> Member:
    return replace(member, mtime=member.mtime // _SECOND * _SECOND, attributes="")
