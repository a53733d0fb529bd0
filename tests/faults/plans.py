"""All cells, and the end that ends.toml states for each."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.cells import Plan

ENDS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "ends.toml").read_text())
THENS = ("resume", "abort", "next")
CODES = ("409", "404", "500")
BATCHED = ("late", "engine9", "engine15", "prune")
# where a fault can be given; everywhere if it is not named
PLACES = {
    "timeout": ("engine", "after"),
    "refuse": ("engine", "before"),
    "full": ("journal", "before"),
    "late": ("engine", "before"),
}


@dataclass(frozen=True)
class Stated:
    """The end of a cell, as somebody wrote it down."""

    status: int
    meanwhile: str
    exit: int
    serves: str
    outcome: str
    keeps: tuple[int, ...]
    previous: int
    marker: str


def calls(kind: str) -> list[str]:
    """The changing calls of a kind of operation, each with its port."""
    words = ENDS[kind]["calls"].split()
    return [f"journal {word}" if word == "j" else f"engine {word}" for word in words]


def points(kind: str) -> list[str]:
    """All points of a kind, in order."""
    counts = {"journal": 0, "engine": 0}
    found = []
    for call in calls(kind):
        port = call.split()[0]
        counts[port] += 1
        found += [f"{port}:{counts[port]}:{when}" for when in ("before", "after")]
    if kind == "absent":
        found.remove("engine:2:after")  # that pull never comes to its end
    return found


def plans() -> Iterator[Plan]:
    """Every cell that is stated. What is typed next goes round with the points."""
    for kind, table in ENDS.items():
        faults = [name for name in table if name != "calls"]
        for fault in [*faults, "late"]:
            port, when = PLACES.get(fault, ("", ""))
            for number, point in enumerate(points(kind)):
                if not point.startswith(port) or not point.endswith(when):
                    continue
                ends = _zone(kind, fault, point)[2:]
                thens = [then for then, end in zip(THENS, ends, strict=False) if end]
                code = CODES[number // 2 % 3] if fault == "refuse" else ""
                yield Plan(kind, fault + code, point, thens[number % len(thens)])


def stated(plan: Plan) -> Stated:
    """The end that ends.toml states for a cell."""
    fault = plan.fault.rstrip("0123456789") if plan.fault.startswith("refuse") else plan.fault
    zone = _zone(plan.kind, fault, plan.point)
    status, _, meanwhile = zone[1].partition(":")
    typed, serves, outcome, keeps, previous, *lost = zone[2 + THENS.index(plan.then)].split()
    return Stated(
        status=int(status),
        meanwhile=meanwhile.replace("-", ""),
        exit=int(typed),
        serves=serves.replace("-", ""),
        outcome=outcome,
        keeps=tuple(int(digit) for digit in keeps.replace("-", "")),
        previous=int(previous),
        marker="lost" if lost else "there",
    )


def _zone(kind: str, fault: str, point: str) -> list[str]:
    """The row of a cell. A call made late ends as one made just before its caller died."""
    if fault == "late":
        fault, point = "kill", point.replace("before", "after")
    order = points(kind)
    if point not in order:  # the pull that never ends
        point = point.replace("after", "before")
    rows: list[list[str]] = ENDS[kind][fault]
    return [row for row in rows if order.index(row[0]) <= order.index(point)][-1]
