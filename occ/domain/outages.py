"""How long a replacement takes a service down: predicted from its earlier ones alone.

The prediction is of the outage without its snapshot, whose time is predicted from the data.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev
from typing import Final

from occ.domain.operation import Operation
from occ.domain.step_names import COPY_VOLUME, PROVE_HEALTH, STOP_CONTAINER

FEWEST: Final = 5
"""From so many earlier outages on there is a prediction."""
LAST: Final = 20
"""So many of them are looked at: a service, its data and its host change."""

_SURE: Final = (
    *(3.747, 3.365, 3.143, 2.998, 2.896, 2.821, 2.764, 2.718),
    *(2.681, 2.650, 2.624, 2.602, 2.583, 2.567, 2.552, 2.539),
)
"""The 99th percentile of Student's t for 4, 5, ... 19 degrees of freedom."""
_LEAST_SHARE, _LEAST_MS = 0.2, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """The predicted outage of a replacement, in ms, without its snapshot."""

    middle_ms: int
    """The median of the earlier ones."""
    low_ms: int
    high_ms: int
    """The next one lies between these in 98 of 100 cases, as long as nothing else changes."""
    count: int
    """How many earlier ones it is predicted from."""


def outage_of(operation: Operation) -> int | None:
    """How long an operation's replacement was down without its snapshot, in ms.

    None where it tells nothing of the next one: nothing was replaced or stopped, it was put back,
    a crash was in the middle of it, or volumes were copied meanwhile, which happens once.
    """
    down = operation.downtime_ms
    usual = operation.ending == "done" and operation.planned.stages > 1 and not operation.resumed
    if not usual or down is None or not replaces(step.plan.name for step in operation.steps):
        return None
    return max(0, down - (operation.snapshot_ms or 0))


def replaces(steps: Iterable[str]) -> bool:
    """Whether a replacement of these steps has an outage like any other."""
    names = frozenset(steps)
    return {STOP_CONTAINER, PROVE_HEALTH} <= names and COPY_VOLUME not in names


def predicted(outages: Sequence[int]) -> Outage | None:
    """The outage after these, which are in ms and newest first; None where they are too few.

    The range is the two-sided 98 % prediction interval for one further observation (G. J. Hahn and
    W. Q. Meeker, Statistical Intervals, 1991, chapter 4: the mean plus and minus t times s times
    the square root of 1 + 1/n), taken of logarithms, because a slow start is farther from the usual
    one than a quick one. It reaches a fifth of the middle and 100 ms to either side at least, since
    a container is first asked after 100 ms; and it is never wider than twice its middle, where it
    would tell nothing: then its upper end is lower.
    """
    last = [max(1, ms) for ms in outages[:LAST]]
    if len(last) < FEWEST:
        return None
    logs, middle = [math.log(ms) for ms in last], median(last)
    reach = _SURE[len(last) - FEWEST] * stdev(logs) * math.sqrt(1 + 1 / len(last))
    least = min(middle, max(_LEAST_SHARE * middle, _LEAST_MS))
    low = min(math.exp(fmean(logs) - reach), middle - least)
    high = max(math.exp(fmean(logs) + reach), middle + least)
    return Outage(
        middle_ms=round(middle),
        low_ms=math.ceil(low),
        high_ms=math.floor(min(high, low + 2 * middle)),
        count=len(last),
    )
