"""From a time and a config to the next opening: a table written by hand."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occ.domain.schedules.auto import Auto
from occ.domain.schedules.calendar import EVERY_DAY, Time, Window, time_of, window_of
from occ.domain.schedules.due import Past, next_opening
from occ.domain.schedules.zones import openings

TABLE = tomllib.loads(Path(__file__).with_name("openings.toml").read_text("utf-8"))["zones"]
ROWS = [
    pytest.param(group["zone"], row, id=f"{group['name']}: {row['now']} {row.get('schedule', '')}")
    for group in TABLE
    for row in group["rows"]
]


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * 1000


def auto_of(row: Mapping[str, Any]) -> Auto:
    written = row.get("schedule", [])
    texts: Sequence[str] = [written] if isinstance(written, str) else written
    return Auto(
        schedule=tuple(time for text in texts if (time := time_of(text))),
        window=window_of(row.get("window", "")),
        missed=row.get("missed", "run"),
        jitter_ms=row.get("jitter", 0) * 1000,
        max_per_week=row.get("max_per_week", 0),
    )


def past_of(row: Mapping[str, Any]) -> Past:
    updates = tuple(ms(text) for text in row.get("updates", []))
    taken = row.get("taken", row["now"])
    if not taken:
        return Past(updates=updates)
    tries = row.get("tries", 0)
    at = ms(row.get("tried", taken))
    return Past(turn=ms(taken), tries=tries or 1, tried_at=at, again=tries > 0, updates=updates)


@pytest.mark.parametrize(("zone", "row"), ROWS)
def test_the_next_opening(zone: str, row: Mapping[str, Any]) -> None:
    found = next_opening(
        auto_of(row), ZoneInfo(zone), past_of(row), ms(row["now"]), lambda _: row.get("share", 0)
    )
    assert (found.at, found.due) == (ms(row["at"]), row.get("due", False))


def test_the_table_has_what_it_should() -> None:
    assert len(ROWS) >= 60
    differ = [row for group in TABLE for row in group["rows"] if "systemd" in row]
    assert len(differ) >= 15
    assert all(ms(row["systemd"]) != ms(row["at"]) for row in differ)


TIMES = st.builds(
    Time,
    days=st.frozensets(st.sampled_from(sorted(EVERY_DAY)), min_size=1),
    minute=st.integers(0, 1439),
)
WINDOWS = st.builds(Window, opens=TIMES, closes=st.integers(0, 1439)).filter(lambda w: w.length > 0)
ZONES = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"]
)
NOWS = st.integers(ms("2026-01-01T00:00+00:00"), ms("2027-12-31T00:00+00:00"))


@given(
    schedule=st.lists(TIMES, max_size=3),
    window=st.none() | WINDOWS,
    zone=ZONES,
    now=NOWS,
    ago=st.integers(0, 20 * 86_400_000),
    jitter=st.tuples(st.integers(0, 86_400_000), st.integers(0, 65535)),
    missed=st.sampled_from(["run", "skip"]),
)
def test_it_never_begins_outside_of_the_window_nor_before_now(
    schedule: list[Time],
    window: Window | None,
    zone: str,
    now: int,
    ago: int,
    jitter: tuple[int, int],
    missed: Any,
) -> None:
    auto = Auto(schedule=tuple(schedule), window=window, jitter_ms=jitter[0], missed=missed)
    past = Past(turn=now - ago, tries=1, tried_at=now - ago)
    found = next_opening(auto, ZoneInfo(zone), past, now, lambda _: jitter[1])
    assert found.at >= now
    assert found.due == (found.at == now)
    assert found.turn > past.turn
    if window is not None:
        around = datetime.fromtimestamp(found.at / 1000, ZoneInfo(zone)).date()
        there = openings(window, ZoneInfo(zone), around, 2, 2)
        assert any(opens <= found.at < closes for opens, closes in there)


@given(schedule=TIMES, window=WINDOWS, zone=ZONES, now=NOWS)
def test_what_was_taken_is_taken_once_and_the_next_turn_comes(
    schedule: Time, window: Window, zone: str, now: int
) -> None:
    """A run at each opening: each turn is taken once, and none is taken for ever."""
    auto, past = Auto(schedule=(schedule,), window=window), Past()
    turns: list[int] = []
    for _ in range(6):
        found = next_opening(auto, ZoneInfo(zone), past, now, lambda _: 0)
        now = found.at
        found = next_opening(auto, ZoneInfo(zone), past, now, lambda _: 0)
        assert found.due
        turns.append(found.turn)
        past = Past(turn=found.turn, tries=1, tried_at=now)
    assert turns == sorted(set(turns))
