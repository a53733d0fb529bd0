"""`python -m tests.faults.found_sweep`: every found state by every change on a real engine.

To the end, killed at a drawn call and resumed, and killed and aborted. `--part 4` tries every
fourth cell, in the seed's order; words choose states and changes.
"""

import itertools
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.faults.asking import campaign_parser
from tests.faults.found import STATES, VERBS, differs
from tests.faults.found_stage import MADE, found_stage, with_images
from tests.faults.matrix import Matrix, matrix
from tests.faults.table import record
from tests.testbed.engine import PrivateEngine

WAYS = ("", "resume", "abort")
_NAMES = itertools.count()


@dataclass(frozen=True)
class Cell:
    """A found state, a change, and the way out after a kill; to the end without one."""

    state: str
    verb: str
    way: str = ""
    point: str = "none"

    def __str__(self) -> str:
        killed = f", killed {self.point}, then {self.way}" if self.way else ""
        return f"{self.state}: {self.verb}{killed}"


def cells(seed: int) -> Iterator[Cell]:
    """All that can be made on an engine at will; the points of the kills are the seed's."""
    draw = random.Random(seed)
    states = [state for state in STATES if state.partition("-under-")[0] in MADE]
    for state, verb, way in itertools.product(states, VERBS, WAYS):
        port, most = draw.choice((("engine", 12), ("journal", 15)))
        point = f"{port}:{draw.randrange(most) + 1}:{draw.choice(('before', 'after'))}"
        yield Cell(state, verb, way, point if way else "none")


def wrong(made: Matrix, cell: Cell) -> str:
    """In what a cell ends otherwise than is stated; empty where it does not."""
    stated = STATES[cell.state]
    try:
        with found_stage(made, f"s{next(_NAMES)}x", cell.state) as there:
            there.ready()
            found = there.stands()
            if found != stated["found"]:
                return f"{cell}: it was to be found as {stated['found']}, and was {found}"
            if not cell.way and (codes := there.codes()) != stated["doctor"]:
                return f"{cell}: doctor found {codes}, not {stated['doctor']}"
            ended = there.ended(cell.verb, cell.point, cell.way)
            said = f"\n    it said: {there.on.said().strip()}"
    except Exception as error:  # noqa: BLE001 - a cell that broke is a cell that differs
        return f"{cell}: {type(error).__name__}: {error}"
    if cell.way:
        told = differs(cell.state, cell.verb, cell.way, ended, cell.point)
    else:
        end = f"{ended.status} {ended.stands}"
        told = "" if end == stated[cell.verb] else f"{cell}: {end}, not {stated[cell.verb]}"
    return told and told + said


def sweep(
    made: Matrix, chosen: Sequence[Cell], tell: Callable[[str], None] = lambda _: None
) -> list[str]:
    """Try them, several at a time; what differs."""

    def one(cell: Cell) -> str:
        told = wrong(made, cell)
        tell(f"DIFFERS {told}" if told else f"as stated: {cell}")
        return told

    with ThreadPoolExecutor(made.at_once) as pool:
        return [told for told in pool.map(one, chosen) if told]


def table(tried: Sequence[Cell], differing: int) -> str:
    """How many cells of each change and way were tried."""
    lines = ["| change | to the end | killed, resume | killed, abort |", "|---|---|---|---|"]
    for verb in VERBS:
        counts = [sum(c.verb == verb and c.way == way for c in tried) for way in WAYS]
        lines.append(f"| {verb} | {' | '.join(map(str, counts))} |")
    return "\n".join([*lines, "", f"Not as stated: {differing}."])


def main() -> int:
    """Try the cells; the exit status is 1 if one differs."""
    parser = campaign_parser(__doc__, at_once=6)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--part", type=int, default=1)
    asked = parser.parse_args()
    every = [c for c in cells(asked.seed) if all(w in (c.state, c.verb) for w in asked.words)]
    random.Random(asked.seed).shuffle(every)
    chosen = every[:: asked.part]
    print(f"found states: {len(chosen)} of {len(every)} cells, seed {asked.seed}", flush=True)
    began = time.monotonic()
    with PrivateEngine() as engine, matrix(asked.at_once, (engine, engine)) as made:
        told = sweep(with_images(made), chosen, lambda said: print(said, flush=True))
    minutes = (time.monotonic() - began) / 60
    text = table(chosen, len(told))
    print(f"{text}\n\n{minutes:.0f} minutes, seed {asked.seed}")
    if not asked.words and not asked.no_record:
        said = f"{len(chosen)} of {len(every)} cells in {minutes:.0f} minutes"
        record("found states", text, said, asked.seed)
    return int(bool(told))


if __name__ == "__main__":
    raise SystemExit(main())
