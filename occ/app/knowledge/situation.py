"""The parts of a service's situation that need no plan: work at it, and what speaks against an image."""

from dataclasses import replace

from occ.app.desk import Desk
from occ.app.knowledge.advice import ways_out
from occ.app.ledgers import unfinished_of
from occ.app.results import Caution
from occ.domain.eligibility import Point, Situation
from occ.domain.versions import Ledger
from occ.settings import Service


def at_work(desk: Desk, service: str) -> Situation:
    """Whether somebody is at work on the service, or stopped in the midst of it."""
    seen = Situation(now=desk.clock.now())
    operation = unfinished_of(desk.journal, service)
    if operation is None:
        taken = desk.journal.lock(service).taken()
        busy = Point(text="another occ is about to begin an operation") if taken else None
        return Situation(now=seen.now, busy=busy)
    named = f"operation {operation.number} ({operation.planned.kind})"
    if desk.driven(operation):
        since = operation.driver_since
        busy = Point(text=f"{named} is {desk.driven_by(operation)}", since=since)
        return Situation(now=seen.now, busy=busy)
    text = f"{named} stopped while {operation.direction}"
    point = Point(text=text, since=operation.at, ends=ways_out(operation))
    return Situation(now=seen.now, operation_unfinished=point)


def against(  # noqa: PLR0913 - all that an update's image is judged by
    desk: Desk,
    seen: Situation,
    service: Service,
    ledger: Ledger,
    caution: Caution | None,
    *,
    newer: bool,
    digest: str,
) -> Situation:
    """The same with everything that speaks against an image, for whoever wants an update to it.

    `newer` is false for the image that is the current one. `digest` is the one that its registry
    knows it by, or its id; empty where nobody knows.
    """
    bad = caution is not None and caution.why == "bad"
    return replace(
        seen,
        newer=newer,
        hold=ledger.hold,
        known_bad=_told(desk, caution) if caution and bad else None,
        left_by_rollback=_left(desk, service, ledger, caution, newer=newer),
        min_age_ms=0,
        first_seen=0,
    )


def _left(
    desk: Desk, service: Service, ledger: Ledger, caution: Caution | None, *, newer: bool
) -> Point | None:
    """The images that a rollback keeps away, as `hold_after_rollback` says."""
    if service.hold_after_rollback == "until-released" and newer and ledger.cautions.left:
        number = max(ledger.cautions.left.values())
        return Point(
            text=f"operation {number} rolled back, and no newer image is taken until its release",
            since=desk.operation(number).at,
            ends="occ unhold",
        )
    return _told(desk, caution) if caution and caution.why == "left" else None


def _told(desk: Desk, caution: Caution) -> Point:
    return Point(text=caution.says, since=desk.operation(caution.operation).at)
