"""Rollback: any recorded version again, by its image's id and with its own spec."""

from occ.domain.versions import Record
from occ.operations.plan import Decision, Scene, Unchanged
from occ.operations.start import plan_start
from occ.operations.update import fetch, keep_current, two_stages


def plan_rollback(scene: Scene, target: Record) -> Decision:
    """Back to a version whose image was shown to be available before anything is touched.

    To the current one it is put right if it is missing, stopped or different.
    """
    version, found = target.version, scene.found
    right = (
        scene.request.spec is None
        and found.container != ""
        and found.image == version.image
        and found.version == version.number == scene.ledger.current
        and found.spec == version.spec.digest()
    )
    if not right:
        return two_stages(scene, (*keep_current(scene), fetch(scene, target)))
    if found.running:
        return Unchanged(f"version {version.number} is current and runs")
    return plan_start(scene)
