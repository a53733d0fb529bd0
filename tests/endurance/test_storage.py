"""The power cut at length, and damage at two hundred places, each asked of the real command."""

import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from occ.domain.events import StepDone, StepStarted
from occ.journal.store import SqlJournal
from tests.box import Box
from tests.endurance.conftest import Write
from tests.unit.journal.cuts import cut_everywhere
from tests.unit.journal.power import traced
from tests.unit.journal.samples import PLANNED, STAMP

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(1800)]

PLACES = 200


def test_the_power_goes_after_every_call_past_a_checkpoint(
    tmp_path: Path, seed: int, write: Write
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    calls = traced(folder / "journal.db", (20, 300))
    counted = cut_everywhere(calls, folder / "journal.db", seed=seed, draws=1, share=0.25)
    assert counted["different disks opened"] > 500
    write("power", {**counted, "reported entries lost": 0, "appends found by half": 0})


def test_damage_is_named_and_never_believed(tmp_path: Path, seed: int, write: Write) -> None:
    whole, chance = tmp_path / "whole.db", random.Random(seed)
    journal = SqlJournal(whole)
    for _ in range(10):
        number = journal.open_operation((PLANNED,), STAMP)
        for turn in range(9):
            index = turn % len(PLANNED.steps)
            events = (StepStarted(index), StepDone(index, {"found": "x" * turn * 20}))
            journal.append(number, 1 + 2 * turn, events, STAMP)
    journal.close()
    box = Box(tmp_path, "unix:///nowhere")
    (tmp_path / "config.toml").write_text('[services.web]\nimage = "web:1"\n')
    data, counted = whole.read_bytes(), Counter[str]()
    (tmp_path / "journal.db").write_bytes(data)
    shown = box.well("history", "-o", "json").out
    for place in range(PLACES):
        what, damaged = _damaged(data, place, chance)
        for left in tmp_path.glob("journal.db*"):
            left.unlink()
        (tmp_path / "journal.db").write_bytes(damaged)
        verified = box.occ("journal", "verify")
        asked = box.occ("history", "-o", "json")
        said = f"{place}: {what}\n{verified}\n{asked}"
        assert "Traceback" not in verified.err + asked.err, said
        assert verified.status in {0, 9}, said
        assert asked.status in {0, 9}, said
        if verified.status == 0:
            assert _dump(tmp_path / "journal.db") == _dump(whole), said
            assert asked.out == shown, said
        else:
            assert "  try: " in verified.err, said
        found = "found by verify" if verified.status else "in bytes that hold nothing"
        counted[f"{what}, {found}"] += 1
    assert sum(counted.values()) == PLACES
    write("damage", {**counted, "accepted with another content": 0, "tracebacks": 0})


def _damaged(data: bytes, place: int, chance: random.Random) -> tuple[str, bytes]:
    """Every fourth is cut short; the others have one bit or eight flipped."""
    if place % 4 == 0:
        return "truncated", data[: chance.randrange(len(data))]
    changed = bytearray(data)
    for _ in range(1 if place % 4 < 3 else 8):
        limit = 4096 if place % 2 else len(data)  # the header and the table's root, too
        changed[chance.randrange(limit)] ^= 1 << chance.randrange(8)
    return "bits flipped", bytes(changed)


def _dump(path: Path) -> bytes:
    """All that a journal holds, as SQLite tells it."""
    ask = "import sqlite3, sys\nfor line in sqlite3.connect(sys.argv[1]).iterdump(): print(line)"
    return subprocess.run(
        [sys.executable, "-c", ask, str(path)], capture_output=True, check=True
    ).stdout
