"""What the journal's writes cost, against bare durable commits of sqlite3.

`python -m tests.bench.journal` measures only this, and counts syncs where strace is there.
"""

import argparse
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from occ.domain.events import Event, OperationDone, OperationPlanned, OperationUnchanged
from occ.domain.request import StepPlan
from occ.domain.step_events import StepDone, StepStarted
from occ.domain.values import Json
from occ.journal.sqlite.store import SqlJournal
from tests.bench.turns import Figure, figure
from tests.unit.journal.samples import ACTOR, PLANNED, STAMP

_STEPS = 10
_NOTICES, _AT_ONCE, _TURNS = 100_000, 1_000, 10
_RESULT: dict[str, Json] = {"container": "c" * 64, "finished_at": 1_700_000_000_123}


def measure(folder: Path, rounds: int) -> Sequence[Figure]:
    """A ten-step operation's eleven appends, to ten bare durable commits."""
    bare = _bare(folder / "bare.db")
    journal = SqlJournal(folder / "bench.db")
    journal.open_operation((_planned(),), STAMP)  # made, and open
    found = figure(
        "journal writes of ten steps",
        "ten bare durable commits of sqlite3",
        3.0,
        rounds * 5,
        baseline=lambda: _commits(bare),
        measured=lambda: _operation(journal),
    )
    bare.close()
    journal.close()
    notices = _notices(folder, rounds)
    if shutil.which("strace"):
        print(f"  syncs of those eleven appends: {_syncs(folder)}")
    return (found, notices)


def _notices(folder: Path, rounds: int) -> Figure:
    """What a hundred thousand facts of no operation cost whoever opens an operation."""
    without, noted = SqlJournal(folder / "without.db"), SqlJournal(folder / "noted.db")
    for journal in (without, noted):
        journal.open_operation((_planned(),), STAMP)
    for _ in range(_NOTICES // _AT_ONCE):
        noted.note((OperationUnchanged(),) * _AT_ONCE, STAMP)
    found = figure(
        f"opening an operation, {_NOTICES} notices",
        "the same without notices",
        1.15,
        rounds * 5,
        baseline=lambda: _opened(without),
        measured=lambda: _opened(noted),
    )
    without.close()
    noted.close()
    return found


def _opened(journal: SqlJournal) -> float:
    began = time.perf_counter()
    for _ in range(_TURNS):
        journal.open_operation((_planned(),), STAMP)
    return time.perf_counter() - began


def filled(path: Path, *, operations: int) -> None:
    """Make a journal with so many operations of ten steps."""
    journal = SqlJournal(path)
    for _ in range(operations):
        _operation(journal)
    journal.close()


def _bare(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE entries (position INTEGER PRIMARY KEY, body TEXT)")
    return connection


def _commits(connection: sqlite3.Connection) -> float:
    began = time.perf_counter()
    for _ in range(_STEPS):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO entries (body) VALUES (?)", ("x" * 600,))
        connection.execute("COMMIT")
    return time.perf_counter() - began


def _operation(journal: SqlJournal) -> float:
    number, seq = journal.open_operation((_planned(),), STAMP), 1
    began = time.perf_counter()
    for events in _appends():
        seq = journal.append(number, seq, events, STAMP)
    return time.perf_counter() - began


def _appends() -> Sequence[Sequence[Event]]:
    """The result of one step goes with the intent of the next."""
    between = [(StepDone(n, _RESULT), StepStarted(n + 1)) for n in range(_STEPS - 1)]
    return ((StepStarted(0),), *between, (StepDone(_STEPS - 1, _RESULT), OperationDone()))


def _planned() -> OperationPlanned:
    return OperationPlanned(
        kind="update",
        actor=ACTOR,
        request=PLANNED.request,
        found=PLANNED.found,
        steps=tuple(StepPlan(name=f"step_{n}", title=f"Step {n}") for n in range(_STEPS)),
    )


def _syncs(folder: Path) -> int:
    """Syncs of a process that carries out two operations, less those of one with only one."""
    return _traced(folder, 2) - _traced(folder, 1) - 1  # less the plan's own


def _traced(folder: Path, operations: int) -> int:
    log = folder / f"strace-{operations}.log"
    command = [sys.executable, "-m", "tests.bench.journal", "--only", str(operations)]
    strace = ["strace", "-f", "-e", "trace=fsync,fdatasync", "-o", str(log)]
    subprocess.run([*strace, *command], check=True)
    return sum("sync(" in line for line in log.read_text().splitlines())


def _only(operations: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        filled(Path(folder) / "journal.db", operations=operations)


def main() -> None:
    """Measure only this."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", type=int, default=0, help="carry out so many, measure nothing")
    chosen = parser.parse_args()
    if chosen.only:
        _only(chosen.only)
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), chosen.rounds)


if __name__ == "__main__":
    main()
