"""Calendar words, as systemd has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occ.domain.schedules.calendar import Time, time_of, window_of

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)


@pytest.mark.parametrize(
    ("text", "days", "minute"),
    [
        ("00:00", range(7), 0),
        ("23:59", range(7), 1439),
        ("Mon 03:00", [MON], 180),
        ("Monday 03:00", [MON], 180),
        ("Mon,Thu 03:05", [MON, THU], 185),
        ("Mon..Fri 03:00", [MON, TUE, WED, THU, FRI], 180),
        ("Sat,Sun,Mon 03:00", [SAT, SUN, MON], 180),
        ("Mon..Wed,Sat..Sunday 12:30", [MON, TUE, WED, SAT, SUN], 750),
        ("Mon..Sun 01:00", range(7), 60),
    ],
)
def test_words_mean_times(text: str, days: list[int], minute: int) -> None:
    assert time_of(text) == Time(days=frozenset(days), minute=minute)


@pytest.mark.parametrize(
    "text",
    [
        *("", "3:00", "03:00 ", " 03:00", "Mon03:00", "mon 03:00", "Mon  03:00", "Mon, Tue 03:00"),
        *("24:00", "03:60", "Mon.Fri 03:00", "03:00\n", "\u0663:00", "Mon", "daily", "*:00"),
        *("Sat..Mon 03:00", "Mon,Sun..Tue 03:00"),
    ],
)
def test_other_words_mean_none(text: str) -> None:
    assert time_of(text) is None


@pytest.mark.parametrize(
    ("text", "length"),
    [("02:00-05:00", 180), ("22:00-05:00", 420), ("Sat,Sun 00:00-23:59", 1439)],
)
def test_windows_have_a_length(text: str, length: int) -> None:
    found = window_of(text)
    assert found is not None
    assert (found.length, found.text) == (length, text)


@pytest.mark.parametrize("text", ["", "02:00", "02:00-02:00", "02:00..03:00", "-05:00", "2-3"])
def test_others_are_no_windows(text: str) -> None:
    assert window_of(text) is None


@given(st.frozensets(st.integers(0, 6), min_size=1), st.integers(0, 1439))
def test_a_time_is_read_back_from_its_text(days: frozenset[int], minute: int) -> None:
    time = Time(days=days, minute=minute)
    assert time_of(time.text) == time
