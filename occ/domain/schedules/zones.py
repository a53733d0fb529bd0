"""From the clocks of a zone to points in time, also on the days when they are put forward or back.

A time that the clocks skip is the first instant after the gap; one that they show twice is the
first of both. systemd looks for the next day with such a time instead, and lost a whole week so.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from occ.domain.schedules.calendar import Time, Window

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
_MS: Final = timedelta(milliseconds=1)
_DAY: Final = timedelta(days=1)


def instant(day: date, minute: int, zone: tzinfo) -> int:
    """The point in time, ms since 1970, at which the clocks of a zone show a minute of a day."""
    shown = datetime(day.year, day.month, day.day, minute // 60, minute % 60)  # noqa: DTZ001 - a wall clock
    first = _utc(shown.replace(tzinfo=zone, fold=0))
    if first.astimezone(zone).replace(tzinfo=None) == shown:
        return _ms(first)
    # In a gap the offset of before leads behind the change, that of after in front of it.
    return _ms(_change(_utc(shown.replace(tzinfo=zone, fold=1)), first, zone))


def day_of(at: int, zone: tzinfo) -> date:
    """The day that the calendars of a zone show at a point in time."""
    return (_EPOCH + at * _MS).astimezone(zone).date()


def moments(time: Time, zone: tzinfo, around: date, before: int, after: int) -> Iterator[int]:
    """The points in time that a time means, from so many days before a day to so many after."""
    for step in range(-before, after + 1):
        day = around + step * _DAY
        if day.weekday() in time.days:
            yield instant(day, time.minute, zone)


def openings(
    window: Window, zone: tzinfo, around: date, before: int, after: int
) -> Iterator[tuple[int, int]]:
    """The points in time at which a window opens and closes, of these days.

    A window that lies in a gap as a whole is open behind it, for as long as on other days.
    """
    for step in range(-before, after + 1):
        day = around + step * _DAY
        if day.weekday() not in window.opens.days:
            continue
        opens = instant(day, window.opens.minute, zone)
        last = day if window.closes > window.opens.minute else day + _DAY
        closes = instant(last, window.closes, zone)
        yield opens, closes if closes > opens else opens + window.length * 60_000


def _change(low: datetime, high: datetime, zone: tzinfo) -> datetime:
    """The first second with the offset of `high`, which `low` does not have."""
    offset = high.astimezone(zone).utcoffset()
    seconds = int((high - low) / _SECOND)
    least, most = 0, seconds
    while least < most:
        middle = (least + most) // 2
        if (low + middle * _SECOND).astimezone(zone).utcoffset() == offset:
            most = middle
        else:
            least = middle + 1
    return low + least * _SECOND


def _utc(shown: datetime) -> datetime:
    return shown.astimezone(UTC)


def _ms(at: datetime) -> int:
    return (at - _EPOCH) // _MS
