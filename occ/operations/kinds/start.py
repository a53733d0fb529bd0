"""Start: what is stopped runs again and passes its gate; what is missing is made again."""

from occ.domain.request import StepPlan
from occ.errors import NotRunningError
from occ.operations.kinds.already import already_said
from occ.operations.kinds.update import plan_restore, plan_update
from occ.operations.plan import Decision, Plan, PlanInput, Unchanged, shown
from occ.operations.steps import planned
from occ.operations.steps.containers import StartContainer
from occ.operations.steps.proof import ProveHealth


def plan_start(given: PlanInput) -> Decision:
    """Start the container there is; without one restore the current version, or install.

    A container that no start can bring up, because a network of it is gone, is made again.

    A version that was proven before and fails its gate now is left running, for its policy to
    deal with; one that never was is stopped again.

    Raises:
        NotRunningError: somebody has paused the container, and only they know for how long.
    """
    found, ledger = given.found, given.ledger
    if not found.container or found.stranded:
        current = ledger.versions.get(ledger.current)
        return plan_restore(given, current) if current else plan_update(given)
    if found.state == "paused":
        raise NotRunningError(
            f"the container of {given.service} is paused and answers nothing",
            hint=f"docker unpause {ledger.container_name(given.service)}",
        )
    if found.running:
        return Unchanged(already_said(given.kind, given.service, found, ledger))
    steps = started(given, lenient=ledger.proven(found.version))
    return Plan(steps=steps, shown=shown(steps), version=found.version)


def started(given: PlanInput, *, lenient: bool) -> tuple[StepPlan, ...]:
    """The steps that start the container found and prove it; see ProveHealth for `lenient`."""
    found = given.found
    gate = ProveHealth(
        found.container, version=found.version, deadline_ms=found.gate_ms, lenient=lenient
    )
    return (
        planned(StartContainer(found.container), title="Start the service"),
        planned(gate, title="Prove it healthy"),
    )
