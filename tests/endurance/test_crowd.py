"""Ten at once for a minute, one of them killed every two seconds, on one service and on three."""

import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from occ.domain.events import (
    Entry,
    OperationAbandoned,
    OperationDone,
    OperationPlanned,
    OperationResumed,
    OperationUnchanged,
    OperationUndone,
)
from occ.journal.sqlite.store import SqlJournal
from tests.box import FAST, Box, serves
from tests.endurance.conftest import Write
from tests.endurance.crowd import READERS, Crowd
from tests.host import containers
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.machine import free_port

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
_ENDS = (OperationDone, OperationUndone, OperationUnchanged, OperationAbandoned)
SECONDS, PEOPLE, KILL_EVERY = 60, 10, 2


@pytest.fixture
def journal_file() -> Iterator[Path]:
    """A journal in memory: readers are to wait for locks there, and not for a disk of many."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder) / "journal.db"


@pytest.mark.parametrize("count", [1, 3], ids=["one service", "three services"])
def test_ten_at_once(  # noqa: PLR0917 - fixtures
    private_engine: PrivateEngine,
    images: Images,
    run_name: str,
    tmp_path: Path,
    journal_file: Path,
    seed: int,
    write: Write,
    count: int,
) -> None:
    names = [f"{run_name}-{letter}" for letter in "abc"[:count]]
    ports = {name: free_port() for name in names}
    refs = [
        images.publish("good", f"{n}.0", name=f"{run_name}-image", tag=f"v{n}", forget=False).ref
        for n in (1, 2)
    ]
    _configure(tmp_path, refs[0], ports)
    extra = {"OCC_JOURNAL": str(journal_file)}
    boxes = {n: Box(tmp_path, private_engine.url, service=n, extra=extra) for n in names}
    for name, box in boxes.items():
        box.well("start", "--service", name, "--yes")
    box = boxes[names[0]]
    crowd = Crowd(box, _choices(names, refs), seed)
    with subprocess.Popen(
        [sys.executable, "-m", "tests.endurance.reader", str(journal_file)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    ) as reader:
        killed = crowd.work(people=PEOPLE, seconds=SECONDS, kill_every=KILL_EVERY)
        assert reader.poll() is None, "a reader failed"
        reader.kill()
        assert reader.stdout is not None
        looks = [tuple(map(int, line.split())) for line in reader.stdout.read().splitlines()[:-1]]

    changes = [t for t in crowd.typed if t.verb not in READERS]
    for typed in crowd.typed:
        assert typed.status in ({0, -9} if typed.verb in READERS else {0, 4, 8, -9}), typed
        assert "Traceback" not in typed.said, typed
        if typed.status == 8:
            assert "is driven by process" in typed.said or "about to begin" in typed.said, typed
    for name in names:
        boxes[name].well("start", "--service", name, "--yes")
        assert serves(ports[name]) in {"1.0", "2.0"}
        assert containers(private_engine, name) == {name: "running"}
        status = box.well("status", "--service", name, "-o", "json").result()
        assert (status["drift"], status["unfinished"]) == ([], None)

    journal = SqlJournal(journal_file)
    verified = journal.verify()
    entries = list(journal.entries())
    journal.close()
    turns = [turn for name in names for turn in one_at_a_time(entries, name)]
    lifetimes = {t.pid: (t.began, t.ended) for t in crowd.typed}
    seen = [turn for turn in turns if turn.pid in lifetimes]
    for turn in seen:
        began, ended = lifetimes[turn.pid]
        assert began <= turn.first <= turn.last <= ended, turn
    waits = sorted(took - spent for took, spent in looks)
    assert len(waits) > 100
    assert waits[-1] < 100_000, f"a reader waited {waits[-1]} us"
    ends = Counter(t.status for t in changes)
    assert ends[8] > 0
    assert ends[0] > 0
    write(
        f"crowd-{count}",
        {
            "commands typed": len(crowd.typed),
            "changes that ended well (0)": ends[0],
            "changes refused by a rule (4)": ends[4],
            "changes that found another at work (8)": ends[8],
            "commands killed": killed,
            "operations driven, each by one at a time": len({t.operation for t in seen}),
            "of these taken up again by another command": len(seen)
            - len({t.operation for t in seen}),
            "readers that failed": 0,
            "looks of a reader beside them": len(waits),
            "its longest wait": f"{waits[-1] / 1000:.1f} ms",
            "entries of the journal, which verifies": verified.position,
        },
    )


class Turn:
    """What one process wrote of one operation: its first and last time."""

    def __init__(self, entry: Entry, pid: int) -> None:
        self.operation, self.pid = entry.operation, pid
        self.first = self.last = entry.at

    def __repr__(self) -> str:
        return f"operation {self.operation}, process {self.pid}: {self.first} to {self.last}"


def one_at_a_time(entries: Sequence[Entry], service: str) -> list[Turn]:
    """The turns at a service in their order; fails where an operation begins inside another."""
    turns: list[Turn] = []
    unfinished = 0
    for entry in entries:
        if entry.service != service:
            continue
        if entry.seq == 0:
            assert not unfinished, f"entry {entry.position} begins within {unfinished}"
            unfinished = entry.operation
        assert entry.operation == unfinished, f"entry {entry.position} is in another's turn"
        if isinstance(entry.event, OperationPlanned | OperationResumed):
            turns.append(Turn(entry, entry.event.actor.pid))
        if not turns or turns[-1].operation != entry.operation:
            continue  # a host recorded in the same append as the plan after it
        turns[-1].last = entry.at
        if isinstance(entry.event, _ENDS):
            unfinished = 0
    return turns


def _choices(names: Sequence[str], refs: Sequence[str]) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name in names:
        of = ("--service", name)
        found += [("update", *of, "--yes", "--image", ref) for ref in refs]
        found += [(verb, *of, "--yes") for verb in ("rollback", "start", "stop", "start")]
        found += [("history", *of, "-o", "json"), ("history", *of)]
    return found


def _configure(folder: Path, ref: str, ports: dict[str, int]) -> None:
    text = "".join(
        f'[services.{name}]\nimage = "{ref}"\nports = ["127.0.0.1:{port}:3000"]\n'
        f'volumes = ["{name}-data:/data"]\nsnapshot = "never"\n'
        f'[services.{name}.health]\npath = "/health"\n{FAST}'
        for name, port in ports.items()
    )
    (folder / "config.toml").write_text(text)
