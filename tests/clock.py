"""A clock that goes on only when somebody waits."""

from dataclasses import dataclass


@dataclass(slots=True)
class FakeClock:
    """Waiting takes no time. `wall` is how far the wall clock is ahead of the monotonic one."""

    at: int = 1_000
    wall: int = 1_700_000_000_000

    def now(self) -> int:
        return self.wall + self.at

    def monotonic(self) -> int:
        return self.at

    def sleep(self, ms: int) -> None:
        self.at += ms
