"""The rules of retention, as the config and a plan have them."""

from dataclasses import dataclass
from typing import Final

_PER_DAY: Final = 86_400_000
_PER_HOUR: Final = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Everything that says how long data of another day is kept. 0 is off."""

    keep_last: int = 5
    """As many of the newest verified snapshots stay, and as many data sets; 0 keeps all."""
    keep_within_ms: int = 0
    """Beside these: those that are younger."""
    keep_healthy: int = 0
    """Beside these: as many of the newest that are data of proven versions."""
    max_bytes: int = 0
    """All of them together take no more."""
    min_free: int = 0
    """So much stays free on a disk on which they lie."""
    keep_images: int = 0
    """The images of as many of the newest versions stay; 0 keeps all. The rules before this one
    are about data alone."""

    @property
    def measures(self) -> bool:
        """Whether sizes decide."""
        return bool(self.max_bytes or self.min_free)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retain:
    """The retention of one service, as an operation was planned."""

    folder: str
    """Where the service's snapshots lie."""
    rules: Rules
    room: int = 0
    """The bytes that the next snapshot is expected to need beside `min_free`."""
    spared: tuple[str, ...] = ()
    """The volumes that are another service's too."""


def span(millis: int) -> str:
    """A long time as the config takes it: `14d`, `36h`, `90s`."""
    for unit, size in (("d", _PER_DAY), ("h", _PER_HOUR)):
        if millis % size == 0:
            return f"{millis // size}{unit}"
    return f"{millis // 1000}s"
