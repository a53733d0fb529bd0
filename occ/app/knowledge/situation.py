"""The parts of a situation that need no plan: work at the service, and facts against an image."""

from dataclasses import replace

from occ.app.desk import Desk
from occ.app.knowledge.advice import ways_out
from occ.app.ledgers import unfinished_of
from occ.app.results import Caution
from occ.domain.eligibility import Point, Situation
from occ.domain.sightings import EVENTS as SIGHTS
from occ.domain.sightings import ImageSeen, first_seen
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


def against(
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
    other = newer or seen.already_newest is not None  # and not only a new config
    bad = caution is not None and caution.why == "bad"
    return replace(
        seen,
        newer=newer,
        published=digest if newer else "",
        hold=ledger.hold,
        known_bad=_told(desk, caution) if caution and bad else None,
        left_by_rollback=_left(desk, service, ledger, caution, other=other),
        min_age_ms=service.auto.min_age_ms,
        first_seen=_first_seen(desk, service, digest) if newer else 0,
    )


def note_sight(desk: Desk, service: Service, digest: str) -> None:
    """Have it in the journal when this image was first seen, where its age counts.

    `digest` is the image's at its registry, or its id.

    Raises:
        JournalUnwritableError: it cannot be noted.
    """
    if digest and service.auto.min_age_ms and not _first_seen(desk, service, digest):
        desk.journal.note((ImageSeen(digest),), desk.stamp(service.name))


def _first_seen(desk: Desk, service: Service, digest: str) -> int:
    if not (digest and service.auto.min_age_ms):
        return 0
    return first_seen(desk.journal.entries(service=service.name, names=SIGHTS), digest)


def _left(
    desk: Desk, service: Service, ledger: Ledger, caution: Caution | None, *, other: bool
) -> Point | None:
    """The images that a rollback keeps away, as `hold_after_rollback` says."""
    if service.hold_after_rollback == "until-released" and other and ledger.cautions.left:
        number = max(ledger.cautions.left.values())
        return Point(
            text=f"operation {number} rolled back, and no newer image is taken until its release",
            since=desk.operation(number).at,
            ends="occ unhold",
        )
    return _told(desk, caution) if caution and caution.why == "left" else None


def _told(desk: Desk, caution: Caution) -> Point:
    return Point(text=caution.says, since=desk.operation(caution.operation).at)
