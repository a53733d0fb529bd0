"""All cells, and the end that ends.toml states for each."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from tests.faults.cells import Plan
from tests.faults.kinds import ENDS, runs_beside

THENS = ("resume", "abort", "next")
CODES = ("409", "404", "500")
BATCHED = ("late", "engine9", "engine15", "prune")
# where a fault can be given; everywhere if it is not named
PLACES = {
    "timeout": ("engine", "after"),
    "refuse": ("engine", "before"),
    "full": ("journal", "before"),
    "late": ("engine", "before"),
    "overrun": ("engine", "before"),
}
_AS = {"late": "kill", "overrun": "timeout"}
# of these a run on the real engine takes every so-manieth cell
PARTS = {"prune": 4, "registry": 6, "refuse": 3}
_OTHERS = ("calls", "killed", "part")  # what a kind's table holds besides faults


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
    data: str


def calls(kind: str) -> list[str]:
    """The changing calls of a kind of operation, each with its port."""
    words = ENDS[kind]["calls"].replace("!", "").split()
    return [f"journal {word}" if word == "j" else f"engine {word}" for word in words]


def points(kind: str) -> list[str]:
    """All points of a kind, in order; there is none after a call that never comes to its end."""
    counts = {"journal": 0, "engine": 0}
    found = []
    for word in ENDS[kind]["calls"].split():
        port = "journal" if word == "j" else "engine"
        counts[port] += 1
        whens = ("before",) if word.endswith("!") else ("before", "after")
        found += [f"{port}:{counts[port]}:{when}" for when in whens]
    return found


def plans() -> Iterator[Plan]:
    """Every cell that is stated. What is typed next goes round with the points."""
    for kind, table in ENDS.items():
        faults = [name for name in table if name not in _OTHERS]
        for fault in [*faults, "late", "overrun"]:
            port, when = _place(kind, fault)
            for number, point in enumerate(points(kind)):
                if not point.startswith(port) or not point.endswith(when):
                    continue
                ends = _zone(kind, fault, point)[2:]
                thens = [then for then, end in zip(THENS, ends, strict=False) if end]
                for code in CODES if fault == "refuse" else ("",):
                    yield Plan(kind, fault + code, point, thens[number % len(thens)])


def _place(kind: str, fault: str) -> tuple[str, str]:
    """The port and the moments at which a fault can be given; empty words are any."""
    copies = fault == "full" and runs_beside(kind)  # the disk has more than the journal
    return ("", "") if copies else PLACES.get(fault, ("", ""))


def on_real_engine(seed: int) -> Iterator[Plan]:
    """What one run on a real engine tries: of the kinds with a `part`, every so-manieth cell.

    Which of them is the seed's choice; the engine in memory has them all.
    """
    rows: dict[tuple[str, str], list[Plan]] = defaultdict(list)
    for plan in plans():
        rows[plan.kind, plan.fault].append(plan)
    for (kind, fault), row in rows.items():
        part = max(ENDS[kind].get("part", 1), PARTS.get(fault.rstrip("0123456789"), 1))
        yield from row[random.Random(f"{seed} {kind} {fault}").randrange(part) :: part]


def stated(plan: Plan) -> Stated:
    """The end that ends.toml states for a cell."""
    fault = "refuse" if plan.fault.startswith("refuse") else plan.fault
    zone = _zone(plan.kind, fault, plan.point)
    status, _, meanwhile = zone[1].partition(":")
    typed, serves, outcome, keeps, previous, *told = zone[2 + THENS.index(plan.then)].split()
    return Stated(
        status=int(status),
        meanwhile=meanwhile.replace("-", ""),
        exit=int(typed),
        serves=serves.replace("-", ""),
        outcome=outcome,
        keeps=tuple(int(digit) for digit in keeps.replace("-", "")),
        previous=int(previous),
        data=told[0] if told else "there",
    )


def _zone(kind: str, fault: str, point: str) -> list[str]:
    """The row of a cell.

    A call made late ends as one made just before its caller died, and one that is carried out
    when its caller has given up waiting as one whose answer was lost.
    """
    if fault in _AS:
        fault, point = _AS[fault], point.replace("before", "after")
    order = points(kind)
    if point not in order:  # the pull that never ends
        point = point.replace("after", "before")
    rows: list[list[str]] = ENDS[kind][fault]
    return [row for row in rows if order.index(row[0]) <= order.index(point)][-1]
