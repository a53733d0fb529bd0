"""Start: what is stopped runs again and passes its gate; what is missing is made again."""

from occ.domain.request import StepPlan
from occ.errors import NotRunningError
from occ.operations.kinds.update import plan_restore, plan_update
from occ.operations.plan import Decision, Plan, Scene, Unchanged, shown
from occ.operations.steps import planned
from occ.operations.steps.containers import ProveHealth, StartContainer


def plan_start(scene: Scene) -> Decision:
    """Start the container there is; without one restore the current version, or install.

    A version that was proven before and fails its gate now is left running, for its policy to
    deal with; one that never was is stopped again.

    Raises:
        NotRunningError: somebody has paused the container, and only they know for how long.
    """
    found, ledger = scene.found, scene.ledger
    if not found.container:
        current = ledger.versions.get(ledger.current)
        return plan_restore(scene, current) if current else plan_update(scene)
    if found.state == "paused":
        raise NotRunningError(
            f"the container of {scene.service} is paused and answers nothing",
            hint=f"docker unpause {scene.service}",
        )
    if found.running:
        return Unchanged("it runs already")
    steps = started(scene, lenient=ledger.proven(found.version))
    return Plan(steps=steps, shown=shown(steps), version=found.version)


def started(scene: Scene, *, lenient: bool) -> tuple[StepPlan, ...]:
    """The steps that start the container found and prove it; see ProveHealth for `lenient`."""
    found = scene.found
    gate = ProveHealth(
        found.container, version=found.version, deadline_ms=found.deadline_ms, lenient=lenient
    )
    return (
        planned(StartContainer(found.container), title="Start the service"),
        planned(gate, title="Prove it healthy"),
    )
