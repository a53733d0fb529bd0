"""Where a change leads, for the first line of its plan: from which version to which image."""

from collections.abc import Mapping

from occ.app.desk import Desk
from occ.app.knowledge.newest import Newest
from occ.app.results import Destination
from occ.domain.spec import Spec
from occ.domain.versions import Ledger, Record
from occ.operations.plan import PlanInput
from occ.operations.steps.images import VERSION_LABEL


def destination(desk: Desk, given: PlanInput, to: Newest) -> Destination | None:
    """The version that runs and the image that comes, as far as known; None where nobody knows."""
    if not (to.image or to.digest):
        return None
    ledger, record = given.ledger, given.ledger.versions.get(given.found.version)
    labels, built_at = _facts(desk, given, to)
    age_ms = desk.clock.now() - built_at
    return Destination(
        before=_says(record),
        after=_reported(ledger, to.image) or _labelled(record, labels, given.request.spec),
        reference=given.request.reference,
        digest=to.digest,
        built_at=built_at,
        age_ms=age_ms if built_at and age_ms >= 0 else None,
    )


def _facts(desk: Desk, given: PlanInput, to: Newest) -> tuple[Mapping[str, str], int]:
    """The image's labels, and when it was built, 0 where that is not known."""
    engine = desk.engine_of(given.service)
    if not to.image:
        told = engine.published(given.request.reference, to.digest)
        return (told.labels, max(0, told.created_at)) if told else ({}, 0)
    here = engine.image(to.image)
    return (here.labels, max(0, here.created_at)) if here else ({}, 0)


def _says(record: Record | None) -> str:
    return (record.reported or record.version.labelled) if record else ""


def _reported(ledger: Ledger, image: str) -> str:
    """The version that a container of this image said it is, when one ran here."""
    made = (r for _, r in sorted(ledger.versions.items(), reverse=True))
    return next((r.reported for r in made if r.version.image == image and r.reported), "")


def _labelled(record: Record | None, labels: Mapping[str, str], spec: Spec | None) -> str:
    """The version in the image's label, where that of what runs was seen to be right.

    An image inherits the label of its base, and then it means something else.
    """
    declared = spec.health.version_label if spec else ""
    if declared:
        return labels.get(declared, "")
    right = record is None or _bare(record.reported) in {"", _bare(record.version.labelled)}
    return labels.get(VERSION_LABEL, "") if right else ""


def _bare(version: str) -> str:
    return version.removeprefix("v")
