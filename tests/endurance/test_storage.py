"""The power cut at length, and damage at two hundred places, each asked of the real command."""

import io
import random
import sqlite3
from collections import Counter
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from occ.cli import run
from occ.domain.step_events import StepDone, StepStarted
from occ.journal.sqlite.store import SqlJournal
from tests.box import Box, Done
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
    counted = cut_everywhere(calls, folder / "journal.db", seed=seed, draws=1, share=0.12)
    assert counted["different disks opened"] > 500
    write("power", {**counted, "reported entries lost": 0, "appends found by half": 0})


# A command leaves its connection to the engine to the end of its process, which is this one here.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_damage_is_named_and_never_believed(
    tmp_path: Path, seed: int, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    monkeypatch.setattr("os.environ", box.environ)

    def occ(*words: str) -> Done:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            status = run(words)
        return Done(status, out.getvalue(), err.getvalue())

    data, counted = whole.read_bytes(), Counter[str]()
    (tmp_path / "journal.db").write_bytes(data)
    shown = occ("history", "-o", "json").out
    assert shown.count('"operation"') == 10
    for place in range(PLACES):
        what, damaged = _damaged(data, place, chance)
        for left in tmp_path.glob("journal.db*"):
            left.unlink()
        (tmp_path / "journal.db").write_bytes(damaged)
        verified = occ("journal", "verify")
        asked = occ("history", "-o", "json")
        said = f"{place}: {what}\n{verified}\n{asked}"
        assert "Traceback" not in verified.err + asked.err, said
        assert verified.status in {0, 9}, said
        assert asked.status in {0, 9}, said
        if verified.status == 0:
            assert _dump(tmp_path / "journal.db") == _dump(whole), said
            assert asked.out == shown, said
        else:
            assert "  try: " in verified.err, said
        found = "found by verify" if verified.status else "with no entry changed"
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


def _dump(path: Path) -> list[object]:
    """All entries that a journal holds, as SQLite tells them, without occ."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT * FROM entries ORDER BY position").fetchall()
