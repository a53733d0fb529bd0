"""The cautions of the journal in words: what is known against an image, and why."""

from collections.abc import Mapping

from occ.app.desk import Desk
from occ.app.ledgers import operation_of
from occ.app.results import Caution
from occ.domain import cautions
from occ.domain.spec import Spec
from occ.domain.versions import Ledger
from occ.engine.port import Engine
from occ.operations.kinds.replace import with_image_volumes, with_volumes_of


def caution_of(
    desk: Desk,
    service: str,
    ledger: Ledger,
    image: str,
    spec: Spec,
    fingerprints: Mapping[str, str],
) -> Caution | None:
    """The caution against an image with the config's spec and today's secrets, with its cause."""
    if not image:
        return None
    whole = _with_volumes(desk.engine_of(service), ledger, image, spec, service)
    known = ledger.cautions.against(image, whole.digest(), fingerprints, ledger.current)
    if known is None or (known.why == "left" and _never_left(desk, service)):
        return None
    return _told(desk, known)


def _never_left(desk: Desk, service: str) -> bool:
    """Whether a rollback keeps no image away from this service."""
    declared = desk.settings.services.get(service)
    return declared is not None and declared.hold_after_rollback == "no"


def _with_volumes(engine: Engine, ledger: Ledger, image: str, spec: Spec, service: str) -> Spec:
    """The spec with the image's own volumes; of an image that is gone, a version recorded them."""
    here = engine.image(image)
    if here is not None:
        return with_image_volumes(spec, here.volumes, service)
    made = [r.version.spec for r in ledger.versions.values() if r.version.image == image]
    return with_volumes_of(spec, made[-1], service) if made else spec


def _told(desk: Desk, known: cautions.Caution) -> Caution:
    operation = operation_of(desk.journal, known.operation)
    if known.why == "bad":
        failure, proof = operation.failure, operation.proof
        cause = failure.message if failure else proof.said if proof else ""
        says = f"it failed here in operation {known.operation}, configured as it is now"
    else:
        cause = operation.planned.reason
        says = f"operation {known.operation} rolled back from it"
    return Caution(
        why=known.why,
        operation=known.operation,
        cause=cause,
        says=f"{says}: {cause}" if cause else says,
    )
