"""Adoption: somebody else's container becomes a service's own, and is not touched for it."""

from dataclasses import dataclass

from occ.domain.request import StepPlan, Version
from occ.operations.labels import keep_reference
from occ.operations.plan import Plan, PlanInput, shown
from occ.operations.steps import planned
from occ.operations.steps.images import KeepImage
from occ.operations.steps.proof import ProveHealth
from occ.operations.steps.settings import StoreSecrets, WriteConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """The steps that write beside the journal; each is None when nothing needs to be written."""

    secrets: StoreSecrets | None = None
    config: WriteConfig | None = None


def plan_adopt(given: PlanInput, version: Version, papers: Papers) -> Plan:
    """Keep the image, write secrets and config, watch what runs; then it is the current version.

    No step touches the container. A container that runs and does not prove healthy is adopted all
    the same, and its version counts as unproven.
    """
    found = given.found
    keep = KeepImage(
        image=version.image, keep=keep_reference(given.journal, given.service, version.number)
    )
    steps: list[StepPlan] = [planned(keep, title="Keep its image")]
    if papers.secrets is not None:
        title = f"Move secrets into {papers.secrets.file}"
        steps.append(planned(papers.secrets, title=title))
    if papers.config is not None:
        title = f"Write [services.{given.service}] into {papers.config.file}"
        steps.append(planned(papers.config, title=title))
    if found.running:
        prove = ProveHealth(
            found.container, version=version.number, deadline_ms=found.deadline_ms, lenient=True
        )
        steps.append(planned(prove, title="Prove it healthy"))
    return Plan(
        steps=tuple(steps),
        shown=shown(tuple(steps)),
        commits_at=len(steps),
        version=version.number,
    )
