"""Stop and restart."""

from occ.operations.kinds.replace import grace
from occ.operations.kinds.start import plan_start, started
from occ.operations.plan import Decision, Plan, Scene, Unchanged, shown
from occ.operations.steps import planned
from occ.operations.steps.containers import StopContainer


def plan_stop(scene: Scene) -> Decision:
    """Stop what runs; an absent or stopped service is what was asked for."""
    found = scene.found
    if not found.running:
        return Unchanged("it is stopped" if found.container else "there is no container")
    stop = StopContainer(found.container, grace_ms=grace(scene))
    steps = (planned(stop, title="Stop the service", disrupts=True),)
    return Plan(steps=steps, shown=shown(steps), version=found.version)


def plan_restart(scene: Scene) -> Decision:
    """Stop what runs and start it again; what is stopped or missing is started."""
    found = scene.found
    if not found.running:
        return plan_start(scene)
    steps = (
        planned(
            StopContainer(found.container, grace_ms=grace(scene), once=True),
            title="Stop the service",
            disrupts=True,
        ),
        *started(scene, lenient=True),
    )
    return Plan(steps=steps, shown=shown(steps), version=found.version)
