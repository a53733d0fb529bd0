"""Repair: the containers and keep tags as the journal says that they are."""

from collections.abc import Iterator

from occ.domain.request import StepPlan
from occ.operations.kinds.start import started
from occ.operations.kinds.update import fetch, two_stages
from occ.operations.labels import keep_reference
from occ.operations.plan import Decision, Plan, PlanInput, Unchanged, shown
from occ.operations.problems import Problems
from occ.operations.steps import planned
from occ.operations.steps.anchor import AnchorKept
from occ.operations.steps.containers import (
    RemoveContainer,
    RenameContainer,
    SetPolicy,
)
from occ.operations.steps.drill import ClearBeside
from occ.operations.steps.images import KeepImage, RestoreImage


def plan_repair(given: PlanInput, problems: Problems) -> Decision:
    """Mend what can be mended.

    A container that is missing or not what the journal says is made again from the journal, as a
    rollback to the current version would. Steps that can fail come before those that cannot be
    undone: once a container is to be removed nothing leads back.
    """
    if not problems:
        return Unchanged("nothing is wrong that repair could mend")
    if problems.made_again:
        current = given.ledger.versions[given.ledger.current]
        images = _images(given, problems, but=current.version.number)
        keeps = (*_beside(problems), *_keeps(given, problems), *images)
        return two_stages(given, (*keeps, fetch(given, current), *_second(problems)))
    keeps = (
        *_beside(problems),
        *_keeps(given, problems),
        *_images(given, problems),
        *_holds(given, problems),
    )
    container, name = _container(given, problems), _name(given, problems)
    mended, removed = (*keeps, *container), (*_second(problems), *_leftovers(problems))
    steps = (*mended, *removed, *name)
    return Plan(
        steps=steps,
        shown=shown(steps),
        commits_at=len(mended) if removed else -1,
        version=given.ledger.current,
    )


def _beside(problems: Problems) -> Iterator[StepPlan]:
    if problems.beside:
        yield planned(ClearBeside(), title="Remove what a rehearsal has left")


def _keeps(given: PlanInput, problems: Problems) -> Iterator[StepPlan]:
    for untagged in problems.untagged:
        keep = keep_reference(given.journal, given.service, untagged.version)
        yield planned(
            KeepImage(image=untagged.image, keep=keep),
            title=f"Keep the image of version {untagged.version}",
        )


def _images(given: PlanInput, problems: Problems, *, but: int = 0) -> Iterator[StepPlan]:
    for version in (record.version for record in problems.absent):
        if version.number == but:
            continue
        yield planned(
            RestoreImage(
                image=version.image,
                reference=version.reference,
                digests=version.digests,
                keep=keep_reference(given.journal, given.service, version.number),
            ),
            title=f"Restore the image of version {version.number}",
        )


def _holds(given: PlanInput, problems: Problems) -> Iterator[StepPlan]:
    current = given.ledger.versions.get(given.ledger.current)
    image = given.found.image or (current.version.image if current else "")
    if problems.unanchored and image:
        sets = ", ".join(f"data set {number}" for number in problems.unanchored)
        yield planned(AnchorKept(image), title=f"Anchor the volumes of {sets}")


def _container(given: PlanInput, problems: Problems) -> Iterator[StepPlan]:
    found = given.found
    if problems.policy:
        yield planned(
            SetPolicy(found.container, policy=problems.policy, back=found.policy),
            title=f"Set the restart policy to {problems.policy}",
        )
    if problems.stopped:
        yield from started(given, lenient=given.ledger.proven(found.version))


def _second(problems: Problems) -> Iterator[StepPlan]:
    for container in problems.second:
        yield planned(
            RemoveContainer(container.id),
            title=f"Stop and remove the second container {container.name}",
        )


def _leftovers(problems: Problems) -> Iterator[StepPlan]:
    for container in problems.leftovers:
        yield planned(
            RemoveContainer(container.id),
            title=f"Remove the leftover container {container.name}",
        )


def _name(given: PlanInput, problems: Problems) -> Iterator[StepPlan]:
    if problems.name:
        yield planned(
            RenameContainer(given.found.container, called=given.called),
            title=f"Rename {problems.name} to {given.called}",
        )
