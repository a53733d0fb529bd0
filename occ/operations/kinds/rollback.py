"""Rollback: any recorded version again, by its image's id and with its own spec."""

from collections.abc import Iterable
from dataclasses import replace

from occ.domain.request import StepPlan
from occ.domain.spec import Spec
from occ.domain.versions import Record
from occ.operations.kinds.already import already
from occ.operations.kinds.start import plan_start
from occ.operations.kinds.update import fetch, keep_current, two_stages
from occ.operations.plan import Decision, Plan, PlanInput, Unchanged, shown
from occ.operations.steps import planned
from occ.operations.steps.containers import RenameContainer, SetPolicy


def plan_rollback(given: PlanInput, target: Record, *, named: str = "") -> Decision:
    """Back to a version whose image was shown to be available before anything is touched.

    To the current one it is put right if it is missing, stopped or different; a restart policy
    and a name (`named` is the container's) are put right without a replacement.
    """
    if unchanged := already(given):
        return unchanged
    version, found = target.version, given.found
    right = (
        given.request.spec is None
        and not given.request.data
        and not found.stranded
        and found.image == version.image
        and found.version == version.number == given.ledger.current
        and found.spec == version.spec.digest()
        and given.called == given.ledger.container_name(given.service)
    )
    if not right:
        return two_stages(given, (*keep_current(given), fetch(given, target)))
    repairs = tuple(_repairs(given, version.spec, named or given.called))
    started = plan_start(given)
    if isinstance(started, Plan):
        steps = (*repairs, *started.steps)
        return replace(started, steps=steps, shown=shown(steps))
    if repairs:
        return Plan(steps=repairs, shown=shown(repairs), version=version.number)
    if found.looping:
        return started
    return Unchanged(f"version {version.number} is current and runs")


def _repairs(given: PlanInput, spec: Spec, named: str) -> Iterable[StepPlan]:
    found = given.found
    if found.policy != spec.restart:
        policy = SetPolicy(found.container, policy=spec.restart, back=found.policy)
        yield planned(policy, title="Set the restart policy")
    if named != given.called:
        rename = RenameContainer(found.container, called=given.called)
        yield planned(rename, title="Give it its name back")
