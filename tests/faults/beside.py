"""Kinds that run a version beside the service: how one comes to them, and what may not be left."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final, Protocol

TO: Final = {"rehearse": "two", "rehearse-bad": "bad", "update-rehearsed": "two"}
DRILL: Final = "drill"
KINDS: Final = (*TO, DRILL)
_COPIES: Final = "rehearsal"


class Well(Protocol):
    """A command that must end well."""

    def __call__(self, verb: str, *words: str) -> None:
        """Type it."""


def told(marker: str, names: Iterable[str], service: str, folder: Path, *, drilled: bool) -> str:
    """The data of a service as in ends.toml, from its marker and the names of all that is there.

    Each container, volume and network beside the service, and each file of a copy, is a `*`. A
    drill has one snapshot, of two files, and no other kind has any; otherwise there is a `?`.
    """
    left = sorted(name for name in names if name.startswith(f"{service}.occ-"))
    files = [file for file in (folder / "snapshots").rglob("*") if file.is_file()]
    copies = [file for file in files if file.parent.name == _COPIES]
    whole = len(files) - len(copies) == (2 if drilled else 0)
    return f"{marker}{'*' * (len(left) + len(copies))}{'' if whole else '?'}"
