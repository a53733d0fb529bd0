"""The last answers of gate commands and of the service itself, as reasons against an image."""

from dataclasses import replace

from occ.app.desk import Desk
from occ.app.ledgers import operations_of
from occ.domain.acceptance import EVENTS, last_no
from occ.domain.deferral import put_off_since
from occ.domain.eligibility import Point, Situation
from occ.settings import Service


def with_answers(desk: Desk, seen: Situation, service: Service) -> Situation:
    """The same with what they said last. It is for those who ask why: an update asks anew."""
    if service.accept and seen.published:
        seen = _judged(desk, seen, service)
    since = put_off_since(operations_of(desk.journal, service.name)) if service.defer else 0
    if not (since and seen.newer):
        return seen
    until = since + service.max_wait_ms
    return replace(seen, deferred=Point(since=since, until=until))


def _judged(desk: Desk, seen: Situation, service: Service) -> Situation:
    found = last_no(desk.journal.entries(service=service.name, names=EVENTS), seen.published)
    if found is None:
        return seen
    said, entry = found
    text = f"{said.command} {said.ended} in operation {entry.operation}"
    point = Point(text=text, since=entry.at)
    if said.verdict == "refused":
        return replace(seen, gate_refused=point)
    blocks = service.on_unknown == "block"
    return replace(seen, gate_unknown=point) if blocks else seen
