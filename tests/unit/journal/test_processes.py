"""Several processes at one journal: writers, the killed, the stopped, the forked."""

import fcntl
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from occ.domain.events import OperationResumed
from occ.domain.step_events import StepDone, StepStarted
from occ.errors import JournalConflictError, JournalUnwritableError
from occ.journal.sqlite.lock import FileLock
from occ.journal.sqlite.store import SqlJournal
from tests.unit.journal.samples import ACTOR, PLANNED, STAMP

ROOT = Path(__file__).parents[3]


def writer(path: Path, name: str, times: int, pause: float = 0) -> "subprocess.Popen[str]":
    words = [str(path), name, str(times), str(pause)]
    command = [sys.executable, "-m", "tests.unit.journal.writer", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def test_four_processes_appending_at_once(path: Path) -> None:
    made = SqlJournal(path)  # so that none of them finds another's identity in its plan
    made.open_operation((PLANNED,), STAMP)
    made.close()
    writers = [writer(path, f"w{n}", 200) for n in range(4)]
    told = [process.communicate(timeout=120)[0].splitlines() for process in writers]
    assert [process.returncode for process in writers] == [0, 0, 0, 0]
    assert {len(lines) for lines in told} == {201}
    journal = SqlJournal(path)
    entries = list(journal.entries())
    assert [entry.position for entry in entries] == list(range(1, 2 + 1 + 4 * 401))
    assert journal.verify().position == len(entries)
    assert Counter(e.service for e in entries if e.operation > 1) == {
        f"w{n}": 401 for n in range(4)
    }
    for number in range(2, 6):
        assert [e.seq for e in journal.entries(operation=number)] == list(range(401))
    turns = sum(a.service != b.service for a, b in pairwise(entries))
    assert turns > 8  # they were really at it at the same time
    journal.close()


def test_two_processes_making_it_at_once_make_one(path: Path) -> None:
    writers = [writer(path, f"w{n}", 3) for n in range(3)]
    for process in writers:
        process.communicate(timeout=60)
    journal = SqlJournal(path)
    assert journal.verify().position == 1 + 7 * sum(p.returncode == 0 for p in writers)
    assert any(process.returncode == 0 for process in writers)
    assert [e.position for e in journal.entries(names=("journal.created",))] == [1]
    journal.close()


def test_what_was_acknowledged_survives_a_kill(path: Path) -> None:
    chance = random.Random(7)
    SqlJournal(path).open_operation((PLANNED,), STAMP)
    for turn in range(20):
        process = writer(path, f"w{turn}", 100_000)
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        until = time.monotonic() + chance.uniform(0, 0.06)
        while time.monotonic() < until:
            lines.append(process.stdout.readline())
        process.kill()
        rest, _ = process.communicate(timeout=30)
        lines += [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
        number, acknowledged = map(int, lines[-1].split())
        journal = SqlJournal(path)
        there = [entry.seq for entry in journal.entries(operation=number)]
        assert there == list(range(len(there)))
        assert len(there) > acknowledged
        assert len(there) % 2 == 1  # whole appends only: the plan, then pairs
        following = journal.append(number, len(there), (OperationResumed(ACTOR),), STAMP)
        assert following == len(there) + 1
        journal.verify()
        journal.close()


class Impatient:
    """A clock that waits by putting its hands forward."""

    def __init__(self) -> None:
        self.waited = 0

    def now(self) -> int:
        return self.waited

    def monotonic(self) -> int:
        return self.waited

    def sleep(self, ms: int) -> None:
        self.waited += ms


def test_a_process_stopped_in_its_turn_is_waited_for_and_then_named(
    journal: SqlJournal, path: Path
) -> None:
    number = journal.open_operation((PLANNED,), STAMP)
    clock, lock = Impatient(), path.with_name("journal.db.lock")
    journal._access._turn = FileLock(lock, clock)
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(JournalUnwritableError, match="another process has held") as told:
            journal.append(number, 1, (StepStarted(0),), STAMP)
    assert clock.waited == 10_000
    assert "fuser" in told.value.hint
    assert journal.append(number, 1, (StepStarted(0),), STAMP) == 2


def test_a_zombie_that_wakes_up_is_refused(path: Path) -> None:
    zombie = writer(path, "zombie", 1000, pause=0.2)
    assert zombie.stdout is not None
    number = int(zombie.stdout.readline().split()[0])
    zombie.stdout.readline()
    time.sleep(0.05)  # it is in its pause
    os.kill(zombie.pid, signal.SIGSTOP)
    try:
        journal = SqlJournal(path)
        seq = sum(1 for _ in journal.entries(operation=number))
        journal.append(number, seq, (OperationResumed(ACTOR),), STAMP)
        os.kill(zombie.pid, signal.SIGCONT)
        zombie.communicate(timeout=30)
        assert zombie.returncode == 1
        last = list(journal.entries(operation=number))[-1]
        assert last.event == OperationResumed(ACTOR)
        journal.verify()
        journal.close()
    finally:
        zombie.kill()
        zombie.communicate(timeout=30)


def test_a_journal_used_after_a_fork_is_opened_anew(journal: SqlJournal) -> None:
    number = journal.open_operation((PLANNED,), STAMP)
    forked = multiprocessing.get_context("fork")

    def child() -> None:
        assert journal.append(number, 1, (StepStarted(0),), STAMP) == 2
        assert journal.verify().position == 3
        journal.close()

    process = forked.Process(target=child)
    process.start()
    process.join(30)
    assert process.exitcode == 0
    with pytest.raises(JournalConflictError):
        journal.append(number, 1, (StepDone(0),), STAMP)
    assert journal.append(number, 2, (StepDone(0),), STAMP) == 3
    assert journal.verify().position == 4
