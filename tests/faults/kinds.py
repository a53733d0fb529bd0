"""The kinds of operation that the matrix knows, as ends.toml has them."""

import tomllib
from pathlib import Path
from typing import Any

from tests.faults import beside

ENDS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "ends.toml").read_text())
WAYS = ("resume", "abort")
VERBS = ("start", "stop", "restart", "rollback", "prune")  # others are an update
OF_DATA = "-data"
"""The end of a kind's name whose service keeps a list, and takes and restores it."""
WORDS = {
    "rollback-data": ("--to", "1", "--data", "then"),
    "rehearse": ("--rehearse-only",),
    "rehearse-bad": ("--rehearse-only",),
    "update-rehearsed": ("--rehearse",),
    "drill": ("drill",),
    "stage": ("--stage",),
    "update-staged": ("--staged",),
}


def way(kind: str) -> str:
    """`resume` or `abort` where an operation is taken up that was killed before; else empty."""
    word = kind.partition("-")[0]
    return word if word in WAYS else ""


def change(kind: str) -> str:
    """The kind of the operation itself."""
    return kind.partition("-")[2] if way(kind) else kind


def verb(kind: str) -> str:
    """What is typed for the change."""
    word = change(kind).removesuffix(OF_DATA)
    if word == beside.DRILL:
        return "snapshot"
    return word if word in VERBS else "update"


def words(kind: str) -> tuple[str, ...]:
    """All that is typed for a change or for the way out that is tried."""
    if way(kind):
        return (way(kind), "--yes")
    return (verb(kind), *WORDS.get(kind, ()), "--yes")


def of_data(kind: str) -> bool:
    """Whether its service keeps a list, and every volume is looked at."""
    return kind.endswith(OF_DATA)


def runs_beside(kind: str) -> bool:
    """Whether a version is run beside the service, and what may be left of that is looked for."""
    return change(kind) in beside.KINDS


def killed(kind: str) -> str:
    """The point at which an operation that is taken up was killed."""
    return str(ENDS[kind]["killed"])
