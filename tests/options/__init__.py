"""Every option of `docker run` and every field of the create call, each with its place in occ."""

import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

_FOLDER: Final = Path(__file__).parent
_TOLD: Final = tomllib.loads((_FOLDER / "docker_run.toml").read_text("utf-8"))
_OPTION: Final = re.compile(r"^ +(?:(-\w), )?(--[a-z0-9-]+)", re.MULTILINE)

ASIDE: Final[Mapping[str, str]] = _TOLD["aside"]
"""Options that no life of a container shows, each with the reason."""
FIELDS: Final[Mapping[str, Any]] = tomllib.loads((_FOLDER / "create.toml").read_text("utf-8"))
"""The fields of the create call by the object that they stand in; `api` is its version."""

State: TypeAlias = Literal["running", "created", "exited"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """Options that stand together, and the same in the config."""

    words: Sequence[str]
    config: Mapping[str, Any]
    secret: Mapping[str, str] = field(default_factory=dict)
    command: Sequence[str] = ()
    """Words behind the image."""
    only: Literal["", "running", "stopped"] = ""
    api: str = "1.41"
    """The first version of the engine's API that knows it."""

    @property
    def options(self) -> frozenset[str]:
        """The options among its words."""
        return frozenset(word for word in self.words if word.startswith("-"))


ROWS: Final = tuple(Row(**row) for row in _TOLD["row"])


def version(api: str) -> tuple[int, ...]:
    """A version of the API, to be compared."""
    return tuple(int(part) for part in api.split("."))


def known_to(api: str, state: State) -> list[Row]:
    """The rows that an engine knows, for containers that are found so.

    A container that was never started can have what no machine of the tests starts; a stopped one
    has no ports of the engine's choice.
    """
    kept = {"running": {"running"}, "created": {"stopped"}, "exited": set[str]()}[state]
    known = (row for row in ROWS if version(row.api) <= version(api))
    return [row for row in known if row.only in {"", *kept}]


def options_in(told: str) -> Mapping[str, str]:
    """Each option that `docker run --help` tells, with its short form or its own."""
    return {long: short or long for short, long in _OPTION.findall(told)}


def beside(rows: Sequence[Row], row: Row) -> bool:
    """Whether a container can have a row beside the others: the engine refuses no pair of them."""
    there = frozenset[str]().union(*(one.options for one in rows))
    again = there & row.options & {*_TOLD["once"]}
    together = there | row.options
    return (
        row not in rows
        and not again
        and not any(together.issuperset(pair) for pair in _TOLD["apart"])
    )


def drawn(rows: Sequence[Row], seed: int, wanted: int) -> list[Row]:
    """At most so many rows that can stand together."""
    taken: list[Row] = []
    for row in random.Random(seed).sample(rows, len(rows)):
        if len(taken) < wanted and beside(taken, row):
            taken.append(row)
    return taken


def dealt(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """All the rows, in as few containers as the pairs that stand apart allow."""
    hands: list[list[Row]] = []
    for row in rows:
        hand = next((hand for hand in hands if beside(hand, row)), None)
        if hand is None:
            hands.append(hand := [])
        hand.append(row)
    yield from hands


def merged(tables: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The tables as one: those below each other merged, lists one after the other."""
    found: dict[str, Any] = {}
    for table in tables:
        for key, value in table.items():
            there = found.get(key)
            if isinstance(value, Mapping):
                found[key] = merged([there or {}, value])
            else:
                found[key] = [*there, *value] if isinstance(there, list) else value
    return found
