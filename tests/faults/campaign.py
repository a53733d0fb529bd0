"""Random operations, killed at random microseconds, and killed again on the way out.

`python -m tests.faults.campaign --seed 7` draws what the same seed drew before: which operations,
at which microsecond each is killed, and what is typed next. What the engine was at just then is the
machine's own affair.
"""

import random
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from threading import Lock

from occ.domain.operation import Operation
from occ.domain.operation_fold import fold
from occ.errors import OccError
from occ.journal.open import open_journal
from tests.box import serves
from tests.crash.cells import Cell, containers
from tests.faults.asking import campaign_parser
from tests.faults.cells import HASTY, PATIENT, Stage, marker
from tests.faults.matrix import Matrix, matrix
from tests.faults.table import record

# how long each takes at most, in µs: kills are drawn from this span
SPANS = {
    "start": 900_000,
    "stop": 600_000,
    "restart": 1_200_000,
    "update": 2_000_000,
    "rollback": 2_000_000,
    "resume": 1_500_000,
    "abort": 1_000_000,
}
MOST_AGAIN = 5  # so often a way out is killed in a row


@dataclass(frozen=True)
class Round:
    """One operation and what becomes of it, drawn beforehand."""

    verb: str
    image: str
    at: int
    then: tuple[tuple[str, int], ...]
    last: str


def draw(source: random.Random) -> Round:
    """The next round: a verb, an instant, and the ways out that are killed too."""
    verb = source.choices(
        ("update", "rollback", "restart", "stop", "start"), weights=(5, 3, 2, 1, 1)
    )[0]
    image = source.choice(("one", "two", "two", "bad", "crash"))
    again = source.randint(1, MOST_AGAIN) if source.random() < 0.5 else 0
    ways = [source.choice(("resume", "abort")) for _ in range(again)]
    return Round(
        verb=verb,
        image=image,
        at=source.randrange(SPANS[verb]),
        then=tuple((way, source.randrange(SPANS[way])) for way in ways),
        last=source.choice(("resume", "abort")),
    )


@dataclass
class Tally:
    """What has been tried so far, and what was found wrong."""

    wanted: int
    rounds: int = 0
    kills: int = 0
    again: int = 0
    lost: int = 0
    down: int = 0
    damaged: int = 0
    others: int = 0
    said: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    @property
    def enough(self) -> bool:
        """Whether as many kills were seen as were wanted."""
        return self.kills >= self.wanted

    def add(self, kills: int, wrong: list[tuple[str, str]]) -> None:
        """One more round."""
        with self._lock:
            self.rounds += 1
            self.kills += kills
            self.again += max(0, kills - 1)
            for what, said in wrong:
                setattr(self, what, getattr(self, what) + 1)
                self.said.append(said)

    @property
    def good(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.said

    def text(self) -> str:
        """The figures, as a table."""
        rows = {
            "operations": self.rounds,
            "kills": self.kills,
            "of them while resuming or aborting": self.again,
            "volumes lost": self.lost,
            "services down afterwards that were up before": self.down,
            "journals that do not verify": self.damaged,
            "anything else not as it must be": self.others,
        }
        return "\n".join(
            ["| what | count |", "|---|---|", *(f"| {k} | {v} |" for k, v in rows.items())]
        )


def played(on: Stage, one: Round) -> tuple[int, list[tuple[str, str]]]:
    """Play a round: how often occ was killed, and what was wrong in the end."""
    if one.verb == "update":
        on.configure(one.image, HASTY if one.image == "bad" else PATIENT)
    was_up, before = bool(serves(on.cell.port)), on.cell.last_operation()
    occ = on.cell.zygote.occ
    story = [(one.verb, occ(on.box, one.verb, "--yes", point=f"time:{one.at}"))]
    for way, at in one.then:
        story.append((way, occ(on.box, way, "--yes", point=f"time:{at}")))
    story.append((one.last, occ(on.box, one.last, "--yes")))
    kills = sum(status == -signal.SIGKILL for _, status in story)
    told = f"{on.box.service}: {one}, it went {story}"
    found = _wrong(on, was_up=was_up, before=before)
    return kills, [(what, f"{said}: {told}\n{on.said()}") for what, said in found]


def _wrong(on: Stage, *, was_up: bool, before: int) -> Iterator[tuple[str, str]]:
    cell = on.cell
    try:
        operation = _last(cell)
    except OccError as error:
        yield "damaged", error.message
        return
    if operation.ending is None:
        yield "others", "an operation is unfinished"
    stopped = operation.number > before and operation.planned.kind == "stop"
    now = serves(cell.port)
    if was_up and not now and not (stopped and operation.ending == "done"):
        yield "down", "nothing serves"
    with closing(cell.ground.engine.client()) as client:
        there = containers(client, cell.box.service)
        kept = marker(client, cell.box.service)
    if kept != "there":
        yield "lost", f"the marker is {kept}"
    states = ("running",) if now else ("exited", "created")
    if there not in {(f"{cell.box.service} {state} unless-stopped",) for state in states}:
        yield "others", f"containers are {there}"
    if not now and cell.zygote.occ(on.box, "start", "--yes") != 0:
        yield "down", "it cannot be started"


def _last(cell: Cell) -> Operation:
    journal = open_journal(cell.box.environ["OCC_JOURNAL"])
    try:
        journal.verify()
        operation = fold(journal.entries(operation=journal.last_operation()))
        assert operation is not None
        return operation
    finally:
        journal.close()


def campaign(made: Matrix, seed: int, tally: Tally, tell: Callable[[str], None]) -> Tally:
    """Play rounds on several services at once until there were kills enough."""

    def one(number: int) -> None:
        source = random.Random(f"{seed} {number}")
        with made.alone(f"r{number}x") as on:
            on.prepare("update")
            while not tally.enough:
                kills, wrong = played(on, draw(source))
                tally.add(kills, wrong)
                for _, said in wrong:
                    tell(said)
                if wrong:
                    return  # what comes after it would only be its consequence

    with ThreadPoolExecutor(made.at_once) as pool:
        list(pool.map(one, range(made.at_once)))
    return tally


def main() -> int:
    """Play; the exit status is 1 if anything was wrong."""
    parser = campaign_parser(__doc__)
    parser.add_argument("--kills", type=int, default=300)
    asked = parser.parse_args()
    print(f"random campaign: {asked.kills} kills, seed {asked.seed}", flush=True)
    began = time.monotonic()
    with matrix(asked.at_once) as made:
        tally = campaign(made, asked.seed, Tally(asked.kills), lambda said: print(f"WRONG {said}"))
    minutes = (time.monotonic() - began) / 60
    print(f"{tally.text()}\n\n{minutes:.0f} minutes, seed {asked.seed}")
    if not asked.no_record:
        said = f"{asked.at_once} services at a time, {minutes:.0f} minutes"
        record("campaign", tally.text(), said, asked.seed)
    return int(not tally.good)


if __name__ == "__main__":
    raise SystemExit(main())
