"""The soft reasons that a person's update meets, and the one image that it may lead to."""

from occ.app.desk import Desk
from occ.app.knowledge.newest import Newest, brings_current
from occ.app.knowledge.situation import against, note_sight
from occ.app.results import Caution
from occ.domain.eligibility import Situation, reasons
from occ.domain.kinds import KINDS
from occ.domain.reasons import Reason, in_the_way
from occ.operations.plan import PlanInput
from occ.settings import Service


def open_reasons(
    desk: Desk, given: PlanInput, to: Newest, caution: Caution | None
) -> tuple[Reason, ...]:
    """The soft reasons that keep the update away, and were not overridden."""
    service = _heeding(desk, given)
    if service is None:
        return ()
    seen = _situation(desk, service, given, to, caution)
    return in_the_way(reasons(seen), given.request.overrides)


def only_image(desk: Desk, given: PlanInput, to: Newest) -> str:
    """The id or digest of the one image that may come, where newer ones are kept away; else empty.

    Its name may mean another image by the time of the pull, about which nobody was asked.
    """
    service = _heeding(desk, given)
    if service is None:
        return ""
    seen = _situation(desk, service, given, Newest(), None)  # against an image that nobody knows
    if not in_the_way(reasons(seen), given.request.overrides):
        return ""
    return to.image if brings_current(given.found, given.ledger, to.image) else to.digest


def note_newest(desk: Desk, given: PlanInput, to: Newest) -> None:
    """Have it in the journal when the image that the update leads to was first seen."""
    service = _heeding(desk, given)
    if service is not None and not brings_current(given.found, given.ledger, to.image):
        note_sight(desk, service, to.digest or to.image)


def _heeding(desk: Desk, given: PlanInput) -> Service | None:
    """The service, if this kind of change heeds reasons."""
    heeds = given.request.spec is not None and KINDS[given.kind].heeds_cautions
    return desk.settings.services.get(given.service) if heeds else None


def _situation(
    desk: Desk, service: Service, given: PlanInput, to: Newest, caution: Caution | None
) -> Situation:
    return against(
        desk,
        Situation(now=desk.clock.now()),
        service,
        given.ledger,
        caution,
        newer=not brings_current(given.found, given.ledger, to.image),
        digest=to.digest or to.image,
    )
