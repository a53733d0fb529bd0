"""Start: what is stopped runs again and passes its gate; what is missing is made again."""

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
    record = ledger.versions.get(found.version)
    steps = (
        planned(StartContainer(found.container), title="Start the service"),
        planned(
            ProveHealth(
                found.container,
                version=found.version,
                deadline_ms=found.deadline_ms,
                lenient=record is not None and record.standing == "proven",
            ),
            title="Prove it healthy",
        ),
    )
    return Plan(steps=steps, shown=shown(steps), version=found.version)
