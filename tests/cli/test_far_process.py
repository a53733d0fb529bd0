"""Numbers and times of any size, as the real command meets them: processes, and a file."""

import json
from pathlib import Path

import pytest

from occ.domain.events import OperationDone, VersionActivated, VersionRecorded
from occ.domain.step_events import StepDone, StepStarted
from occ.journal.port import Stamp
from occ.journal.sqlite.store import SqlJournal
from tests.box import Box, Done
from tests.unit.journal.samples import PLANNED, STAMP, VERSION

YEAR_10_000_MS = 253_402_300_800_000
GREATEST = (1 << 63) - 1


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """A box without an engine, whose journal has one operation of today."""
    box = Box(tmp_path, f"unix://{tmp_path}/no.sock", forked=True)
    box.configure("example.test/web:1", 3000)
    write(box, STAMP.at, STAMP.at)
    return box


def write(box: Box, *times: int) -> None:
    """One more operation that went well, its events at these times."""
    journal = SqlJournal(box.folder / "journal.db")
    stamps = [Stamp(service="web", operator="ada", at=at) for at in times]
    first = (PLANNED, VersionRecorded(VERSION))
    number = journal.open_operation(first, stamps[0])
    later = (StepStarted(0), StepDone(0, {"finished_at": times[-1]}))
    last = (VersionActivated(2, 0, "update"), OperationDone())
    seq = journal.append(number, len(first), later, stamps[-1])
    journal.append(number, seq, last, stamps[-1])
    journal.close()


def without_traceback(done: Done) -> Done:
    assert "Traceback" not in done.out + done.err
    assert "this is a bug" not in done.err
    return done


@pytest.mark.parametrize("number", ["99999999999999999999999", "9" * 5_000, "²", "-1"])
def test_show_of_a_number_that_no_operation_has_is_a_sentence(box: Box, number: str) -> None:
    done = without_traceback(box.occ("show", "--", number))
    assert done.status == 2
    assert done.err.count("error: ") == 1
    assert "'NUMBER'" in done.err or "OPERATION" in done.err, done.err
    assert box.well("show", "1").out


def test_the_greatest_number_is_looked_for(box: Box) -> None:
    done = without_traceback(box.occ("show", str(GREATEST)))
    assert done.status == 3
    assert f"there is no operation {GREATEST}" in done.err


@pytest.mark.parametrize("times", [(YEAR_10_000_MS, YEAR_10_000_MS + 5_000), (GREATEST, GREATEST)])
def test_an_entry_beyond_year_9999_is_read_by_every_command(
    box: Box, times: tuple[int, int]
) -> None:
    write(box, *times)
    write(box, times[0], STAMP.at)  # and back
    shown = [box.well("history").out, *(box.well("show", number).out for number in ("2", "3"))]
    for text in shown:
        assert f"{times[0]} ms since 1970" in text
    assert "2023-11-14" in shown[0]
    for words in (("versions",), ("history", "--since", "2d"), ("journal", "verify")):
        without_traceback(box.well(*words))
    rows = box.well("history", "-o", "json").result()
    assert [row["at"] for row in rows] == [times[0], times[0], STAMP.at]
    for words in (("status",), ("update", "--yes"), ("stop", "--yes"), ("doctor",)):
        done = without_traceback(box.occ(*words, "-o", "json"))
        assert done.status in {4, 5}
        assert json.loads(done.out)["exit_status"] == done.status
