"""What is due when: the memory engine has no threads, it catches up with its clock."""

import heapq
from collections.abc import Callable
from itertools import count

from occ.clock import Clock


class Agenda:
    """Things to be done at moments, in order. `at` is the engine's moment, monotonic ms.

    While something due is done, `at` is the moment it was due, however late that is noticed.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._order = count()
        self.at = clock.monotonic()
        self.ahead = 0

    @property
    def wall(self) -> int:
        """The engine's moment on its own wall clock, which is `ahead` of this machine's."""
        return self.ahead + self._clock.now() - (self._clock.monotonic() - self.at)

    @property
    def waiting(self) -> bool:
        """Whether anything is due later."""
        return bool(self._due)

    def later(self, ms: int, act: Callable[[], None]) -> None:
        """Have something done so long after the engine's moment."""
        heapq.heappush(self._due, (self.at + ms, next(self._order), act))

    def catch_up(self) -> None:
        """Do all that is due by now."""
        now = self._clock.monotonic()
        while self._due and self._due[0][0] <= now:
            self.at, _, act = heapq.heappop(self._due)
            act()
        self.at = now

    def spend(self, ms: int) -> None:
        """Let time go by."""
        self._clock.sleep(ms)
        self.catch_up()

    def wait(self, done: Callable[[], bool], most: int) -> bool:
        """Let time go by until it is so, or `most` ms are over; returns whether it is so."""
        end = self.at + most
        while not done():
            left = end - self.at
            if left <= 0:
                return False
            following = self._due[0][0] - self.at if self._due else left
            self.spend(max(1, min(left, following)))
        return True

    def forget(self) -> None:
        """Nothing is due any more: the engine has ended."""
        self._due.clear()
