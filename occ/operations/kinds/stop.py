"""Stop and restart."""

from occ.operations.kinds.replace import grace
from occ.operations.kinds.start import plan_start, started
from occ.operations.plan import Decision, Plan, PlanInput, Unchanged, shown
from occ.operations.steps import planned
from occ.operations.steps.containers import StopContainer


def plan_stop(given: PlanInput) -> Decision:
    """Stop what runs; an absent or stopped service is what was asked for."""
    found = given.found
    if not found.running:
        return Unchanged("it is stopped" if found.container else "there is no container")
    stop = StopContainer(found.container, grace_ms=grace(given))
    steps = (planned(stop, title="Stop the service", disrupts=True),)
    return Plan(steps=steps, shown=shown(steps), version=found.version)


def plan_restart(given: PlanInput) -> Decision:
    """Stop what runs and start it again; what is stopped or missing is started."""
    found = given.found
    if not found.running:
        return plan_start(given)
    steps = (
        planned(
            StopContainer(found.container, grace_ms=grace(given), once=True),
            title="Stop the service",
            disrupts=True,
        ),
        *started(given, lenient=True),
    )
    return Plan(steps=steps, shown=shown(steps), version=found.version)
