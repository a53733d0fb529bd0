"""Repair: the containers and keep tags as the journal says that they are."""

from collections.abc import Iterator

from occ.domain.request import StepPlan
from occ.operations.kinds.start import started
from occ.operations.kinds.update import fetch, two_stages
from occ.operations.labels import keep_reference
from occ.operations.plan import Decision, Plan, Scene, Unchanged, shown
from occ.operations.problems import Ills
from occ.operations.steps import planned
from occ.operations.steps.containers import (
    RemoveContainer,
    RenameContainer,
    SetPolicy,
)
from occ.operations.steps.images import KeepImage, RestoreImage


def plan_repair(scene: Scene, ills: Ills) -> Decision:
    """Mend what can be mended.

    A container that is missing or not what the journal says is made again from the journal, as a
    rollback to the current version would. Steps that can fail come before those that cannot be
    undone: once a container is to be removed nothing leads back.
    """
    if not ills:
        return Unchanged("nothing is wrong that repair could mend")
    if ills.missing or ills.different:
        current = scene.ledger.versions[scene.ledger.current]
        keeps = (*_keeps(scene, ills), *_images(scene, ills, but=current.version.number))
        return two_stages(scene, (*keeps, fetch(scene, current), *_second(ills)))
    keeps = (*_keeps(scene, ills), *_images(scene, ills))
    container, name = _container(scene, ills), _name(scene, ills)
    mended, removed = (*keeps, *container), (*_second(ills), *_leftovers(ills))
    steps = (*mended, *removed, *name)
    return Plan(
        steps=steps,
        shown=shown(steps),
        commits_at=len(mended) if removed else -1,
        version=scene.ledger.current,
    )


def _keeps(scene: Scene, ills: Ills) -> Iterator[StepPlan]:
    for untagged in ills.untagged:
        keep = keep_reference(scene.journal, scene.service, untagged.version)
        yield planned(
            KeepImage(image=untagged.image, keep=keep),
            title=f"Keep the image of version {untagged.version}",
        )


def _images(scene: Scene, ills: Ills, *, but: int = 0) -> Iterator[StepPlan]:
    for version in (record.version for record in ills.absent):
        if version.number == but:
            continue
        yield planned(
            RestoreImage(
                image=version.image,
                reference=version.reference,
                digests=version.digests,
                keep=keep_reference(scene.journal, scene.service, version.number),
            ),
            title=f"Restore the image of version {version.number}",
        )


def _container(scene: Scene, ills: Ills) -> Iterator[StepPlan]:
    found = scene.found
    if ills.policy:
        yield planned(
            SetPolicy(found.container, policy=ills.policy, back=found.policy),
            title=f"Set the restart policy to {ills.policy}",
        )
    if ills.stopped:
        yield from started(scene, lenient=scene.ledger.proven(found.version))


def _second(ills: Ills) -> Iterator[StepPlan]:
    for container in ills.second:
        yield planned(
            RemoveContainer(container.id),
            title=f"Stop and remove the second container {container.name}",
        )


def _leftovers(ills: Ills) -> Iterator[StepPlan]:
    for container in ills.leftovers:
        yield planned(
            RemoveContainer(container.id),
            title=f"Remove the leftover container {container.name}",
        )


def _name(scene: Scene, ills: Ills) -> Iterator[StepPlan]:
    if ills.name:
        yield planned(
            RenameContainer(scene.found.container, called=scene.service),
            title=f"Rename {ills.name} to {scene.service}",
        )
