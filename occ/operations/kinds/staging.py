"""The last stage of staging: its image is kept, so that no prune takes it before its window."""

from occ.domain.request import StepPlan, Version
from occ.operations.labels import keep_reference
from occ.operations.plan import PlanInput
from occ.operations.steps import planned
from occ.operations.steps.images import KeepImage


def keep_staged(given: PlanInput, version: Version) -> tuple[StepPlan, ...]:
    """The step that keeps a staged version's image."""
    keep = keep_reference(given.journal, given.service, version.number)
    return (planned(KeepImage(image=version.image, keep=keep), title="Keep it for its window"),)
