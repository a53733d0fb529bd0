"""The clock port: the only place where occ asks what time it is, or waits."""

import time
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Time, in whole milliseconds."""

    def now(self) -> int:
        """Wall clock, ms since 1970, UTC: for information, never for order."""

    def monotonic(self) -> int:
        """A clock that never goes back, for durations."""

    def sleep(self, ms: int) -> None:
        """Wait."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Wall clock, ms since 1970, UTC."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> int:
        """A clock that never goes back."""
        return time.monotonic_ns() // 1_000_000

    def sleep(self, ms: int) -> None:
        """Wait; a signal handler that returns does not shorten it."""
        time.sleep(ms / 1000)  # noqa: TID251 - this is the one place


def local_time(ms: int, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """A point in time, ms since 1970, as the machine's clocks on the wall show it.

    A clock that was wrong, or an entry that somebody else wrote, may be beyond every calendar:
    then the number of ms is shown.
    """
    try:
        return datetime.fromtimestamp(ms / 1000).astimezone().strftime(form)
    except (ValueError, OverflowError, OSError):
        return f"{ms} ms since 1970"
