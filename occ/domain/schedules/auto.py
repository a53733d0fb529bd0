"""How a service is kept up to date by itself, as its config has it."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from occ.domain.schedules.calendar import Time, Window

Missed: TypeAlias = Literal["run", "skip"]

HOUR_MS: Final = 3_600_000
_THREE = Time(minute=3 * 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Auto:
    """One `[services.NAME.auto]` table. 0 is no such bound."""

    enabled: bool = False
    schedule: tuple[Time, ...] = ()
    """Empty for the opening of the window, or else 03:00."""
    window: Window | None = None
    """None where the schedule alone decides."""
    timezone: str = ""
    """A name of the IANA's list; empty for the machine's."""
    min_age_ms: int = 0
    """How long this journal must have known an image before it is taken."""
    missed: Missed = "run"
    jitter_ms: int = 0
    max_per_week: int = 0
    """How many updates of its own in seven days."""
    take_over_ms: int = HOUR_MS
    """How long a person's unfinished operation is left while the old container serves."""
    apply: bool = False
    """Whether it brings a changed config into force too."""

    @property
    def times(self) -> tuple[Time, ...]:
        """The times at which it has its turn."""
        return self.schedule or ((self.window.opens,) if self.window else (_THREE,))
