"""The runs of a service's versions, and the deadline that its starts have taught.

A version that was proven here, and that nothing else has followed on its data, starts as it did
before: a gate that waits far longer waits for nothing. Any other start may be migrating.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from occ.domain.kinds import KINDS
from occ.domain.operation import Operation, StepState
from occ.domain.spec import Spec
from occ.domain.step_names import COMPARE_DATA, PROVE_HEALTH, START_CONTAINER, STOP_CONTAINER
from occ.domain.step_results import ServiceTimes
from occ.domain.values import Json, seconds_text

LAST: Final = 20
"""So many starts are looked at."""
MULTIPLE: Final = 5
"""A learned deadline is so many times the slowest of them, and `min_healthy` more."""
FLOOR_MS: Final = 15_000
"""It counts a start as no quicker than this: a host that has just booted reads from its disk."""

_FEWEST: Final = 3
_SLOW_TIMES, _SLOW_MS = 2, 2_000
_BACK: Final = frozenset({"reverting", "reverted", "stuck"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One time that a version ran on the service's data."""

    version: int
    operation: int
    """The operation that had it run."""
    proven: bool
    """It passed its gate."""
    good_after_ms: int = 0
    """How long after its start it was good; 0 where nobody measured: it was adopted, a crash was in
    between, or an occ from before this wrote the journal."""


def runs_of(operation: Operation) -> Iterator[Run]:
    """The runs in one operation, newest first: the version put back, the one that was started."""
    if KINDS[operation.planned.kind].works == "aside":
        return
    stop, start = operation.step(STOP_CONTAINER), operation.step(START_CONTAINER)
    if stop is not None and stop.state in _BACK:
        good = ServiceTimes.from_json(stop.undo_result).good_after_ms
        yield Run(
            version=operation.planned.found.version,
            operation=operation.number,
            proven=good is not None,
            good_after_ms=(good or 0) if _once(operation, stop) else 0,
        )
    gate = operation.step(PROVE_HEALTH)
    if not (operation.begun(START_CONTAINER) or operation.begun(PROVE_HEALTH)):
        return
    proof = operation.proof
    proven = proof is not None and proof.healthy
    measured = start is not None and not start.seen and gate is not None and _once(operation, gate)
    yield Run(
        version=_version(gate) or operation.version,
        operation=operation.number,
        proven=proven,
        good_after_ms=proof.good_after_ms if proof is not None and proven and measured else 0,
    )


def starts_of(runs: Iterable[Run], version: int) -> Sequence[int] | None:
    """How long the last twenty starts of a version took that were measured, in ms, newest first.

    None where it was not proven, or where another one has run on the data since. `runs` are newest
    first, and only as many are taken as are needed.
    """
    proven, starts = False, list[int]()
    for run in runs:
        if not proven and run.version != version:
            return None
        proven = proven or run.proven
        if run.version == version and run.good_after_ms:
            starts.append(run.good_after_ms)
        if proven and len(starts) >= LAST:
            break
    return starts if proven else None


def learned_ms(starts: Sequence[int], min_healthy_ms: int, default_ms: int) -> int:
    """The deadline of a gate, in ms, after starts that took so long; 0 where nothing is learned.

    It is never above the default. `min_healthy` is added, since a service that was good and is not
    any more gets as long as the default would give it to be good again.
    """
    if not starts:
        return 0
    return min(default_ms, max(FLOOR_MS, MULTIPLE * max(starts)) + min_healthy_ms)


def slow_words(ms: int, before: Sequence[int]) -> str:
    """The words for a start that took unusually long, after others; empty where it did not."""
    last = before[:LAST]
    if not ms or len(last) < _FEWEST:
        return ""
    slowest = max(last)
    if ms <= _SLOW_TIMES * slowest or ms <= slowest + _SLOW_MS:
        return ""
    return (
        f"took {seconds_text(round(ms, -2))} until it was good, and the slowest of the {len(last)} "
        f"starts before it {seconds_text(round(slowest, -2))}"
    )


def data_as_before(operation: Operation, spec: Spec) -> bool:
    """Whether the version found, of this spec, is put back on data as it left it.

    So it is where no other version was started, where the version has no data that another one
    could write, and where all of it was compared with the snapshot and is unchanged or restored.
    """
    found = operation.planned.found
    if not operation.begun(START_CONTAINER) or operation.version == found.version:
        return True
    names = {volume.name for volume in spec.volumes if not volume.read_only}
    others = any(not mount.read_only for mount in spec.mounts)
    if others or {"Binds", "Mounts", "VolumesFrom"} & set(spec.engine):
        return False
    compared, taking = operation.result(COMPARE_DATA), operation.taking
    if not names:
        return True
    if taking is None or not compared.get("number"):
        return False
    changed, restored = _names(compared.get("changed")), _names(compared.get("volumes"))
    return names <= set(taking.volumes) and changed & names <= restored


def _once(operation: Operation, step: StepState) -> bool:
    return step.attempts == 1 and not operation.resumed


def _version(gate: StepState | None) -> int:
    number = gate.plan.inputs.get("version") if gate else 0
    return number if isinstance(number, int) else 0


def _names(value: Json) -> set[str]:
    return {str(one) for one in value} if isinstance(value, list | dict) else set()
