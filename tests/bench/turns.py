"""Measuring in turn: A B A B ..., so that a machine whose speed drifts drifts for both."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Two medians over `rounds` interleaved runs, in seconds, and the ratio that we promise."""

    what: str
    against: str
    baseline: float
    measured: float
    limit: float
    rounds: int

    @property
    def ratio(self) -> float:
        """What was measured, to its baseline."""
        return self.measured / self.baseline

    @property
    def verdict(self) -> str:
        """Whether it is as promised."""
        return "within" if self.ratio <= self.limit else "over"


def figure(
    what: str,
    against: str,
    limit: float,
    rounds: int,
    *,
    baseline: Callable[[], float],
    measured: Callable[[], float],
) -> Figure:
    """Measure both in turn, after one round that is not counted, and print a line."""
    pairs = [(baseline(), measured()) for _ in range(rounds + 1)][1:]
    found = Figure(
        what=what,
        against=against,
        baseline=median(a for a, _ in pairs),
        measured=median(b for _, b in pairs),
        limit=limit,
        rounds=rounds,
    )
    told(found)
    return found


def told(found: Figure) -> None:
    """Print one figure."""
    print(
        f"{found.what:<40} {found.measured:8.3f} s   x {found.ratio:5.2f} of {found.against} "
        f"({found.baseline:.3f} s)   {found.verdict} {found.limit:.2f}",
        flush=True,
    )
