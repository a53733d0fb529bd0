"""A service that keeps a list: how it comes to a change of its data, and which data is where."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

# of prune the rule by which one of three data sets goes that were left
MORE: Final = {"prune-data": "keep_last = 1\n"}
FIRST: Final = {"put-back-data": "blind1"}
TO: Final = {"update-data": "diary2", "put-back-data": "ruins"}
_TWO: Final = ("rollback-data", "prune-data")


class Well(Protocol):
    """A command that must end well."""

    def __call__(self, verb: str, *words: str) -> None:
        """Type it."""


def begin(
    change: str, configure: Callable[[str], None], well: Well, write: Callable[[str], None]
) -> None:
    """Version 1 has an entry of its own; before a rollback or a prune, version 2 has one too."""
    configure(FIRST.get(change, "diary1"))
    well("start")
    write("1")
    if change in _TWO:
        configure("diary2")
        well("update")
        write("2")
    if change == "prune-data":
        for data in ("then", "2", "2"):  # the last two leave two sets more, both of version 1
            well("rollback", "--to", "1", "--data", data)
    if change in TO:
        configure(TO[change])


@dataclass(frozen=True, slots=True)
class Kept:
    """A volume of the service: its list, None without one, and the names of who mounts it."""

    list: bytes | None
    by: Collection[str]


def told(volumes: Mapping[str, Kept], service: str) -> str:
    """The data of a service as in ends.toml: `form:entries` of each list, the mounted one first.

    A list of form 2.0 with the entries 1 and 2 is `2:12`, and `-` is none. A volume that nobody
    mounts has a `~`, and each helper that reads and should have gone is a `*` at the end.
    """
    order = sorted(volumes, key=lambda name: (service not in volumes[name].by, name))
    lists = (("" if volumes[n].by else "~") + _short(volumes[n].list) for n in order)
    readers = {by for one in volumes.values() for by in one.by if ".occ-snapshot" in by}
    return "+".join(lists) + "*" * len(readers)


def _short(content: bytes | None) -> str:
    form, _, entries = (content or b"").decode().partition("\n")
    return f"{form[5:6]}:{entries.replace(chr(10), '')}" if form else "-"
