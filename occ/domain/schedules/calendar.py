"""Calendar words: the subset of systemd's that a schedule and a window are written in.

`[DAYS] HH:MM`, where DAYS is `Mon`, `Mon,Thu`, `Mon..Fri` or several of these; every day without.
See systemd.time(7).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WHOLE: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
EVERY_DAY: Final = frozenset(range(7))
_DAY: Final = rf"(?:{'|'.join(f'{whole}|{whole[:3]}' for whole in _WHOLE)})"
_SPAN: Final = rf"{_DAY}(?:\.\.{_DAY})?"
_TIME: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_LEADING: Final = rf"(?:{_SPAN}(?:,{_SPAN})* )?"
TIME: Final = re.compile(f"{_LEADING}{_TIME}")
"""The form of one time of a schedule."""
WINDOW: Final = re.compile(f"{_LEADING}{_TIME}-{_TIME}")
"""The form of a window."""
_PER_HOUR = 60
_PER_DAY = 24 * _PER_HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """A time of some days of the week, as the clocks of one zone show it."""

    days: frozenset[int] = EVERY_DAY
    """0 is Monday, 6 is Sunday."""
    minute: int
    """Minutes after midnight."""

    @property
    def text(self) -> str:
        """As the config has it."""
        return f"{_days_text(self.days)}{_clock_text(self.minute)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The hours of some days in which something may begin."""

    opens: Time
    closes: int
    """Minutes after midnight; before that of `opens` on the next day."""

    @property
    def length(self) -> int:
        """Its minutes, by the clocks of a day on which nobody puts them forward or back."""
        return (self.closes - self.opens.minute) % _PER_DAY

    @property
    def text(self) -> str:
        """As the config has it."""
        return f"{self.opens.text}-{_clock_text(self.closes)}"


def time_of(text: str) -> Time | None:
    """The time that a text means; None for a text that means none.

    >>> time_of("Mon..Fri 03:30").minute
    210
    """
    if TIME.fullmatch(text) is None:
        return None
    days, _, clock = text.rpartition(" ")
    found = _days(days)
    return Time(days=found, minute=_minute(clock)) if found else None


def window_of(text: str) -> Window | None:
    """The window that a text means; None for a text that means none, or one without any length.

    >>> window_of("22:00-05:00").length
    420
    """
    if WINDOW.fullmatch(text) is None:
        return None
    begin, _, end = text.rpartition("-")
    opens = time_of(begin)
    closes = _minute(end)
    if opens is None or opens.minute == closes:
        return None
    return Window(opens=opens, closes=closes)


def _minute(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * _PER_HOUR + int(minutes)


def _days(text: str) -> frozenset[int]:
    """The days that are named; none where a span goes over the end of the week, as in systemd."""
    if not text:
        return EVERY_DAY
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("..")
        span = range(_number(first), _number(last or first) + 1)
        if not span:
            return frozenset()
        found |= {*span}
    return frozenset(found)


def _number(day: str) -> int:
    return _DAYS.index(day[:3])


def _days_text(days: frozenset[int]) -> str:
    if days == EVERY_DAY:
        return ""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return f"{','.join(_run_text(run) for run in runs)} "


def _run_text(run: Sequence[int]) -> str:
    joint = ".." if len(run) > 2 else ","  # noqa: PLR2004 - two days need no span
    ends = run if len(run) == 1 else (run[0], run[-1])
    return joint.join(_DAYS[day] for day in ends)


def _clock_text(minute: int) -> str:
    return f"{minute // _PER_HOUR:02}:{minute % _PER_HOUR:02}"
