"""Measuring in turn: A B A B ..., so that a machine whose speed drifts drifts for both."""

from collections.abc import Callable
from statistics import median


def in_turn(
    rounds: int, baseline: Callable[[], float], measured: Callable[[], float]
) -> tuple[float, float]:
    """The medians of both, in the unit that they return, after one round that is not counted."""
    pairs = [(baseline(), measured()) for _ in range(rounds + 1)][1:]
    return median(a for a, _ in pairs), median(b for _, b in pairs)


def report(what: str, baseline: float, measured: float, limit: float, unit: str = "s") -> None:
    """One line: the two medians, their ratio, and the ratio that we promise."""
    ratio = measured / baseline if baseline else float("inf")
    verdict = "within" if ratio <= limit else "OVER"
    print(
        f"{what:<46} {baseline:8.3f} {unit} -> {measured:8.3f} {unit}   "
        f"x {ratio:5.2f}   {verdict} {limit:.2f}",
        flush=True,
    )
