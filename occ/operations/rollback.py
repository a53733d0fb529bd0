"""Rollback: any recorded version again, by its image's id and with its own spec."""

from occ.domain.events import StepPlan
from occ.domain.versions import Record
from occ.operations.labels import keep_reference
from occ.operations.plan import Decision, Plan, Scene, Unchanged
from occ.operations.steps import planned
from occ.operations.steps.images import PullImage
from occ.operations.update import keep_current, two_stages


def plan_rollback(scene: Scene, target: Record) -> Decision:
    """Back to a version whose image was shown to be available before anything is touched.

    To the current one it is put right if it is missing or different; `occ start` starts it.
    """
    version, found = target.version, scene.found
    right = (
        scene.request.spec is None
        and found.container != ""
        and found.image == version.image
        and found.version == version.number == scene.ledger.current
        and found.spec == version.spec.digest()
    )
    if right:
        return Unchanged(f"version {version.number} is current")
    return two_stages(scene, (*keep_current(scene), _fetch(scene, target)))


def plan_restore(scene: Scene, current: Record) -> Plan:
    """The current version again, when its container is gone."""
    return two_stages(scene, (_fetch(scene, current),))


def _fetch(scene: Scene, target: Record) -> StepPlan:
    version = target.version
    return planned(
        PullImage(
            reference=version.reference,
            pull="missing",
            image=version.image,
            digests=version.digests,
            keep=keep_reference(scene.journal, scene.service, version.number),
        ),
        title=f"Restore the image of version {version.number}",
    )
