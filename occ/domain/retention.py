"""Retention: which snapshots, kept data sets and images go by the rules, and which stay, and why.

The rules that keep are met by rank and age; the bounds on room then take the oldest that are left.
Whatever is protected goes by neither.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from occ.domain.kept_names import SORTS, Name, Sort
from occ.domain.operation import Operation
from occ.domain.rules import Retain, Rules, span
from occ.domain.versions import Ledger

_NAMING: Final[Mapping[str, Sort]] = {
    "snapshot": "snapshot",
    "data": "data set",
    "number": "data set",
}
"""Inputs of steps that hold a number of one of these; more than that one is not wrong to keep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Data of another day that takes room, or the image of another day's version."""

    name: Name
    at: int
    """When it was taken or left, or its version recorded, in ms since 1970 UTC."""
    version: int = 0
    """The version that had last run on it, or whose image it is; 0 where nobody knows."""
    good: bool = True
    """It is verified; a data set is the data itself."""
    pinned: bool = False
    useless: str = ""
    """Why nobody needs it: it goes whatever the rules keep. Empty for all that was used once."""
    fixed: str = ""
    """Why it cannot be removed; empty where it can."""
    files: Mapping[str, int] = field(default_factory=dict)
    """Its files by an identity, with their bytes; a file that two share has one identity. Empty
    where its size is not known."""
    disk: str = ""
    """The disk on which it lies; empty where that is not known."""
    content: str = ""
    """An image's id: it goes when no version that stays has the same."""

    @property
    def age(self) -> tuple[int, int, str]:
        """The order of time."""
        return (self.at, self.name.number, self.name.sort)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The end of one item, and why."""

    item: Item
    why: str
    bytes: int
    """The room that is freed where it goes, or that it takes where it stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Everything that goes and everything that stays, oldest first."""

    gone: tuple[Verdict, ...]
    kept: tuple[Verdict, ...]
    short: Mapping[str, int] = field(default_factory=dict)
    """Disk -> the bytes that it still lacks of `min_free` and the next snapshot's room."""

    @property
    def freed(self) -> int:
        """The bytes that are free afterwards and were not before."""
        return sum(one.bytes for one in self.gone)


def needed_by(operations: Iterable[Operation]) -> dict[Name, str]:
    """The snapshots and data sets that unfinished operations name, each with why it stays.

    Every unfinished operation needs the snapshot that it takes itself.
    """
    found: dict[Name, str] = {}
    for operation in operations:
        kind = operation.planned.kind
        why = f"operation {operation.number} ({kind}) is unfinished and needs it"
        for name in _named(operation):
            found[name] = why
    return found


def _named(operation: Operation) -> Iterator[Name]:
    yield Name("snapshot", operation.number)
    if operation.planned.request.data:
        yield Name("data set", operation.planned.request.data)
    for step in operation.steps:
        for key, sort in _NAMING.items():
            number = step.plan.inputs.get(key)
            if isinstance(number, int) and number:
                yield Name(sort, number)


def protected(
    items: Collection[Item], ledger: Ledger, back: Collection[int], needed: Mapping[Name, str]
) -> dict[Name, str]:
    """The items that go by no rule, each with why.

    `back` are the versions that `occ rollback` may mean. The newest data of a version is protected,
    and an unverified one protects all down to the newest that is verified: nothing goes before the
    data that replaces it was verified.
    """
    found: dict[Name, str] = {}
    newest = sorted(items, key=lambda one: one.age, reverse=True)
    taken = (one for one in newest if one.name.sort == "snapshot" and one.good)
    for one in list(taken)[:1]:
        found[one.name] = "the newest that is verified"
    versions = dict.fromkeys(_last_proven(ledger), "the last proven version's")
    versions |= dict.fromkeys(back, "what occ rollback means")
    if ledger.staged is not None:
        versions[ledger.staged.number] = "staged: occ update --staged takes it"
    if ledger.current:
        versions[ledger.current] = "the current version's"
    for number, why in versions.items():
        for one in _until_good(one for one in newest if one.version == number and not one.content):
            found[one.name] = why
        found[Name("image", number)] = why
    for one in items:
        if one.pinned:
            found[one.name] = "pinned"
        if one.name in needed:
            found[one.name] = needed[one.name]
        if one.fixed and not (one.content and one.name in found):
            found[one.name] = one.fixed
    return found


def _until_good(newest: Iterable[Item]) -> Iterator[Item]:
    for one in newest:
        yield one
        if one.good:
            return


def _last_proven(ledger: Ledger) -> tuple[int, ...]:
    """The proven version that ran last, the current one left out."""
    proven = [
        (record.last_run_at, number)
        for number, record in ledger.versions.items()
        if record.standing == "proven" and number != ledger.current
    ]
    return (max(proven)[1],) if proven else ()


def retention(
    retain: Retain,
    items: Collection[Item],
    stays: Mapping[Name, str],
    ledger: Ledger,
    free: Mapping[str, int],
    now: int,
) -> Retention:
    """The answer of the rules.

    `stays` are the protected ones, `free` the bytes that are free on each disk that is known, `now`
    is in ms since 1970 UTC. Asked again when it was carried out, nothing more goes.
    """
    rules, oldest = retain.rules, sorted(items, key=lambda one: one.age)
    wanted = _wanted(rules, oldest, ledger, now)
    gone: dict[Name, str] = {}
    for one in oldest:
        if one.name not in wanted and one.name not in stays:
            gone[one.name] = one.useless or f"beyond {_words(rules, one.name.sort)}"
    shared = {one.content for one in oldest if one.name not in gone}
    for one in oldest:
        if one.content and one.content in shared and gone.pop(one.name, ""):
            wanted[one.name] = "a version that stays has the same image"
    room = _Room(oldest, free)
    for one in oldest:
        if one.name in gone:
            room.drop(one)
    for one in oldest:
        if one.name in gone or one.name in stays or not one.files:
            continue
        if why := room.lacks(rules, retain.room, one.disk):
            gone[one.name] = why
            room.drop(one)
    leaving = _Room(oldest, {})
    return Retention(
        gone=tuple(
            Verdict(item=one, why=gone[one.name], bytes=leaving.drop(one))
            for one in oldest
            if one.name in gone
        ),
        kept=tuple(
            Verdict(
                item=one,
                why=stays.get(one.name) or wanted.get(one.name, ""),
                bytes=sum(one.files.values()),
            )
            for one in oldest
            if one.name not in gone
        ),
        short=room.short(rules, retain.room),
    )


def _wanted(rules: Rules, oldest: list[Item], ledger: Ledger, now: int) -> dict[Name, str]:
    """The items that a rule keeps, with the rule."""
    images = [one for one in reversed(oldest) if one.name.sort == "image"]
    kept_images = images[: rules.keep_images] if rules.keep_images else images
    told = f"keep_images {rules.keep_images}" if rules.keep_images else "all are kept"
    found = {one.name: told for one in kept_images}
    oldest = [one for one in oldest if one.name.sort != "image" and not one.useless]
    if not rules.keep_last:
        return found | {one.name: "all are kept" for one in oldest}
    if rules.keep_within_ms:
        young = (one for one in oldest if now - one.at < rules.keep_within_ms)
        found |= {one.name: f"keep_within {span(rules.keep_within_ms)}" for one in young}
    for sort in SORTS:
        newest = [one for one in reversed(oldest) if one.name.sort == sort]
        healthy = [one for one in newest if ledger.proven(one.version)]
        kept = _first_good(healthy, rules.keep_healthy)
        found |= {one.name: f"keep_healthy {rules.keep_healthy}" for one in kept}
        kept = _first_good(newest, rules.keep_last)
        found |= {one.name: f"keep_last {rules.keep_last}" for one in kept}
    return found


def _first_good(newest: Iterable[Item], count: int) -> Iterator[Item]:
    """As many good ones, and the others among them: none of those takes the place of a good one."""
    for one in newest:
        if not count:
            return
        count -= one.good
        yield one


def _words(rules: Rules, sort: Sort) -> str:
    if sort == "image":
        return f"keep_images {rules.keep_images}"
    said = [f"keep_last {rules.keep_last}"]
    said += [f"keep_within {span(rules.keep_within_ms)}"] if rules.keep_within_ms else []
    said += [f"keep_healthy {rules.keep_healthy}"] if rules.keep_healthy else []
    return ", ".join(said)


class _Room:
    """The room that is taken and free while one after another goes."""

    def __init__(self, items: Iterable[Item], free: Mapping[str, int]) -> None:
        self._sizes: dict[str, int] = {}
        self._sharing: dict[str, int] = {}
        self._free = dict(free)
        for one in items:
            for file, size in one.files.items():
                self._sizes[file] = size
                self._sharing[file] = self._sharing.get(file, 0) + 1
        self._taken = sum(self._sizes.values())

    def drop(self, item: Item) -> int:
        """Take the files of an item away; the bytes that become free by it."""
        freed = 0
        for file in item.files:
            self._sharing[file] -= 1
            freed += 0 if self._sharing[file] else self._sizes[file]
        self._taken -= freed
        if item.disk in self._free:
            self._free[item.disk] += freed
        return freed

    def lacks(self, rules: Rules, room: int, disk: str) -> str:
        """The bound that is not met, where something on this disk would help; empty for none."""
        if rules.max_bytes and self._taken > rules.max_bytes:
            return "max_bytes is exceeded"
        return "min_free is not kept" if disk in self.short(rules, room) else ""

    def short(self, rules: Rules, room: int) -> dict[str, int]:
        """The bytes that each disk lacks, where it lacks some."""
        if not rules.min_free:
            return {}
        lacks = {disk: rules.min_free + room - free for disk, free in self._free.items()}
        return {disk: lack for disk, lack in lacks.items() if lack > 0}
