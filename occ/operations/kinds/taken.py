"""The steps of a snapshot within a replacement: measured, reserved, taken, described."""

from dataclasses import replace
from typing import Final

from occ.domain.operation import Operation
from occ.domain.request import StepPlan
from occ.domain.rules import Rules
from occ.domain.taking import Taking
from occ.errors import RefusedError
from occ.operations.plan import PlanInput
from occ.operations.steps import planned
from occ.operations.steps.prune import PruneData, choosing
from occ.operations.steps.snapshot import TakeSnapshot
from occ.operations.steps.snapshot_before import MeasureData, ReserveSnapshot
from occ.operations.steps.snapshot_files import DescribeSnapshot

_NOTHING: Final = Taking(why="there is nothing to take")


def measuring(given: PlanInput) -> tuple[StepPlan, ...]:
    """The step of the first stage that finds out how large data is that nothing tells so far."""
    taking = _taken(given)
    if not taking.measure:
        return ()
    sources = dict(zip(taking.volumes, taking.sources, strict=True))
    step = MeasureData(
        volumes=taking.measure,
        sources=tuple(sources[name] for name in taking.measure),
        image=taking.image,
        timeout_ms=taking.timeout_ms,
        needed=taking.required or taking.choice == "replace",
        folder=taking.folder,
        min_free=given.request.retain.rules.min_free if given.request.retain else 0,
    )
    return (planned(step, title=f"Measure {', '.join(taking.measure)}"),)


def measured(given: PlanInput, operation: Operation) -> PlanInput:
    """The input with that which the first stage found out about the data.

    Raises:
        RefusedError: a snapshot is required, and none can be taken.
    """
    taking = operation.taking
    if taking is None:
        return given
    refuse_without(given.service, taking)
    return replace(given, request=replace(given.request, taking=taking))


def refuse_without(service: str, taking: Taking) -> None:
    """Refuse to replace without a snapshot where that is required.

    Raises:
        RefusedError: none can be taken.
    """
    if taking.required and taking.left:
        takes = f"occ config set services.{service}.snapshot replace"
        leaves = f"occ config set services.{service}.snapshot_required false"
        raise RefusedError(
            f"{service} is not replaced without a snapshot, and none is taken: {taking.left}",
            hint=takes if taking.undecided else leaves,
        )


def before_stop(given: PlanInput) -> tuple[StepPlan, ...]:
    """The step that makes ready while the old one serves."""
    taking = _taken(given)
    if taking.left:
        return ()
    reserve = ReserveSnapshot(taking.folder, taking.volumes, taking.sources, taking.image)
    return (planned(reserve),)


def after_stop(given: PlanInput) -> tuple[StepPlan, ...]:
    """The step that takes the snapshot, in the outage."""
    taking = _taken(given)
    if taking.left:
        return ()
    take = TakeSnapshot(
        taking.folder,
        taking.volumes,
        taking.sources,
        taking.image,
        given.found.version,
        taking.timeout_ms,
        given.found.container,
    )
    return (planned(take, title="Take a snapshot of the data"),)


def at_end(given: PlanInput) -> tuple[StepPlan, ...]:
    """The steps when all else is done: the manifests are made, and what goes by the rules goes.

    Nothing of it is a reason to fail. Without a snapshot only a rule on images removes something.
    """
    taking, retain = _taken(given), given.request.retain
    describe = planned(DescribeSnapshot(taking.folder), title="Make the manifests")
    described = () if taking.left else (describe,)
    if retain is None or (taking.left and not retain.rules.keep_images):
        return described
    if taking.left:
        rules = Rules(keep_last=0, keep_images=retain.rules.keep_images)
        retain = replace(retain, rules=rules)
    room = taking.packed + taking.packed // 4
    choose = planned(choosing(replace(retain, room=room)))
    return (*described, choose, planned(PruneData(retain.folder, spared=retain.spared)))


def _taken(given: PlanInput) -> Taking:
    return given.request.taking or _NOTHING
