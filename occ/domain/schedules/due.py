"""When a service has its turn: one pure function of its config, its past and the time of now.

A turn is one time of its schedule, known by the point in time that it means. It is taken in the
window that is open then; a turn that was missed, in that which is open next.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from occ.domain.schedules.auto import HOUR_MS, Auto
from occ.domain.schedules.zones import day_of, moments, openings

MOST_TRIES: Final = 5
"""How often a turn is tried where something passing kept it from its end."""
BACK_OFF_MS: Final = 600_000
"""The wait after the first try; it doubles with each."""
ON_TIME_MS: Final = HOUR_MS
"""How late a turn may be begun without a window and not count as missed."""
WEEK_MS: Final = 7 * 24 * HOUR_MS
_BEFORE, _AFTER = 9, 16
"""The days that are looked at around one; a schedule has a time in any eight of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The turns of a service, as the journal knows them. Times are ms since 1970, 0 for none."""

    turn: int = 0
    """The newest turn that was taken."""
    tries: int = 0
    """How often that was tried."""
    tried_at: int = 0
    """When it was tried last."""
    again: bool = False
    """Whether something passing kept it from its end."""
    ended: str = ""
    """How the last try ended: `updated`, the name of a reason, or the code of an error."""
    updates: tuple[int, ...] = ()
    """When updates of its own were begun, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The next point in time at which a service may be changed by itself."""

    at: int
    """ms since 1970; not in the future where that time is now."""
    turn: int
    """The turn that is taken then."""
    due: bool
    scheduled: bool
    """Whether its turn has come: it is due, or waits for the window, a next try or the week."""


@dataclass(frozen=True, slots=True)
class _Calendar:
    """The turns and windows around a time."""

    auto: Auto
    turns: Sequence[int]
    windows: Sequence[tuple[int, int]]
    delay: Callable[[int], int]

    def begins(self, turn: int, since: int) -> int:
        """When a turn may begin at the earliest, not before `since`; jitter leads out of no window.

        A turn outside of every window waits for the next one.
        """
        if self.auto.window is None:
            return max(since, turn + self._later(turn, self.auto.jitter_ms))
        return next(
            max(since, max(opens, turn) + self._later(turn, closes - max(opens, turn)))
            for opens, closes in self.windows
            if closes > max(since, turn)
        )

    def closes(self, at: int) -> int:
        """When the window closes that is open then; an hour later without a window."""
        if self.auto.window is None:
            return at + ON_TIME_MS
        return next((end for begin, end in self.windows if begin <= at < end), at)

    def _later(self, turn: int, room: int) -> int:
        return self.delay(turn) * min(self.auto.jitter_ms, room) >> 16


def next_opening(
    auto: Auto, zone: tzinfo, past: Past, now: int, delay: Callable[[int], int]
) -> Opening:
    """When the service may be changed by itself next.

    `delay` tells for a turn which part of its jitter is waited for, from 0 to 65535.
    """
    if past.tried_at > now:  # by a clock that was wrong
        past = Past()
    around = day_of(now, zone)
    turns = _sorted(moments(time, zone, around, _BEFORE, _AFTER) for time in auto.times)
    window = auto.window
    windows = sorted(openings(window, zone, around, _BEFORE, _AFTER)) if window else []
    calendar = _Calendar(auto, turns, windows, delay)
    since = max(now, _week(auto, past))
    last = max(turn for turn in turns if turn <= now)
    pending, at = max(last, past.turn), _begins(calendar, last, since)
    if past.turn >= last:
        at = _again(calendar, past, since)
    if at is not None:
        turn = _covered(calendar, pending, at)
        return Opening(at=at, turn=turn, due=at <= now, scheduled=True)
    following = min(turn for turn in turns if turn > max(now, past.turn))
    at = calendar.begins(following, max(since, following))
    return Opening(at=at, turn=following, due=False, scheduled=False)


def _begins(calendar: _Calendar, turn: int, since: int) -> int | None:
    """When a turn that nobody has taken may begin; None where it was missed and is left out."""
    late = since >= calendar.closes(calendar.begins(turn, turn))
    if late and calendar.auto.missed == "skip":
        return None
    return calendar.begins(turn, since)


def _again(calendar: _Calendar, past: Past, since: int) -> int | None:
    """When a turn that something passing kept from its end is tried again; None for never."""
    if not past.again or past.tries >= MOST_TRIES:
        return None
    earliest = max(since, past.tried_at + (BACK_OFF_MS << (past.tries - 1)))
    if calendar.auto.missed == "skip" and earliest >= calendar.closes(past.tried_at):
        return None
    return calendar.begins(past.turn, earliest)


def _covered(calendar: _Calendar, turn: int, begins: int) -> int:
    """The newest turn that a run covers: no second one follows in the same window."""
    if calendar.auto.window is None:
        return turn
    closes = calendar.closes(begins)
    return max(turn, *(one for one in calendar.turns if one < closes))


def _week(auto: Auto, past: Past) -> int:
    """When the week has room for one more update; 0 where it has that always."""
    if not auto.max_per_week or len(past.updates) < auto.max_per_week:
        return 0
    return past.updates[-auto.max_per_week] + WEEK_MS


def _sorted(found: Iterable[Iterable[int]]) -> list[int]:
    return sorted({moment for moments in found for moment in moments})
