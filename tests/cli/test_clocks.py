"""What people are shown when the clock was changed between one command and the next."""

from pathlib import Path

import pytest

from occ.app.desk import Desk
from occ.domain.events import OperationDone, OperationPlanned
from occ.domain.request import Found, Request
from occ.domain.values import Actor
from occ.errors import BusyError
from occ.journal.port import Stamp
from occ.journal.sqlite.lock import ServiceLock
from occ.journal.sqlite.store import SqlJournal
from occ.settings import load
from tests.box import Box
from tests.clock import FakeClock

# Rules instead of a name, so that no table of zones is needed: central Europe.
ZONE = "CET-1CEST,M3.5.0,M10.5.0/3"
YEAR = 365 * 24 * 3_600_000
BEFORE = 1_792_888_200_000  # 2026-10-25 00:30 UTC, 02:30 in summer time
AFTER = BEFORE + 3_600_000  # 02:30 once more, in winter time
PLANNED = OperationPlanned(
    kind="start", actor=Actor(operator="ann"), request=Request(), found=Found(), steps=()
)


def written(path: Path, *times: tuple[int, int]) -> None:
    """Operations that began and ended at these times, one after another."""
    journal = SqlJournal(path)
    for began, ended in times:
        number = journal.open_operation((PLANNED,), Stamp(service="web", operator="ann", at=began))
        stamp = Stamp(service="web", operator="ann", at=ended)
        journal.append(number, 1, (OperationDone(),), stamp)
    journal.close()


@pytest.fixture
def box(tmp_path: Path) -> Box:
    box = Box(tmp_path, "unix:///nowhere", extra={"TZ": ZONE})
    box.configure("example.test/web:1", 3000)
    return box


def test_history_keeps_its_order_and_no_duration_is_negative(box: Box) -> None:
    written(
        box.folder / "journal.db",
        (BEFORE, BEFORE + 5_000),
        (BEFORE + YEAR, BEFORE + YEAR + 2_000),  # set forward by a year
        (BEFORE + 60_000, BEFORE + 50_000),  # and back, and back again in mid-operation
        (BEFORE + 3_000, BEFORE + 3_000 + YEAR),  # forward in mid-operation
    )
    rows = box.well("history", "-o", "json").result()
    assert [row["operation"] for row in rows] == [4, 3, 2, 1]
    assert [row["duration_ms"] for row in rows] == [YEAR, 0, 2_000, 5_000]
    shown = box.well("history").out.splitlines()[1:]
    assert [line.split()[0] for line in shown] == ["4", "3", "2", "1"]
    for number in range(1, 5):
        assert " -" not in box.well("show", str(number)).out.partition("took")[2].splitlines()[0]


def test_the_hour_that_comes_twice_is_shown_twice_and_in_order(box: Box) -> None:
    written(
        box.folder / "journal.db",
        (BEFORE, BEFORE + 1_000),
        (AFTER, AFTER + 1_000),
        (BEFORE - 60_000, AFTER + 60_000),  # from one into the other: two minutes and an hour
    )
    third, second, first = box.well("history").out.splitlines()[1:]
    assert "2026-10-25 02:30" in first
    assert "2026-10-25 02:30" in second
    assert "2026-10-25 02:29" in third
    rows = box.well("history", "-o", "json").result()
    assert [row["duration_ms"] for row in rows] == [3_720_000, 1_000, 1_000]


def test_since_finds_what_was_written_after_the_clock_went_back(box: Box) -> None:
    path = box.folder / "journal.db"
    written(path, (AFTER, AFTER), (AFTER - YEAR, AFTER - YEAR), (AFTER + 1, AFTER + 1))
    rows = box.well("history", "--since", "2026-10-01", "-o", "json").result()
    assert [row["operation"] for row in rows] == [3, 1]


def test_how_long_another_one_has_been_at_work_is_never_negative(tmp_path: Path) -> None:
    clock = FakeClock()
    path = tmp_path / "journal.db"
    journal = SqlJournal(path)
    journal.open_operation((PLANNED,), Stamp(service="web", operator="ann", at=clock.now() + YEAR))
    journal.close()
    (tmp_path / "config.toml").write_text('[services.web]\nimage = "example.test/web:1"\n')
    environ = {
        "HOME": str(tmp_path),
        "OCC_CONFIG": str(tmp_path / "config.toml"),
        "OCC_JOURNAL": str(path),
    }
    desk = Desk(settings=load(environ), environ=environ, argv=(), clock=clock)
    with (
        ServiceLock(path, "web"),
        pytest.raises(BusyError, match=r"operation 1 \(start\) of web .* since 0 s"),
    ):
        desk.lock("web")
    desk.close()
