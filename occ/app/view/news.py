"""The last that happened to a service, and an update that this host knows of already."""

from dataclasses import dataclass, replace

from occ.app.desk import Desk
from occ.app.knowledge.cautions import caution_of
from occ.app.knowledge.newest import digest_of
from occ.app.knowledge.situation import against, at_work
from occ.app.results import Caution
from occ.app.secret_values import comparable_prints, secrets_at_hand
from occ.app.service_status import LastOperation
from occ.app.view.history import HistoryFilter, history
from occ.domain.eligibility import Point, reasons
from occ.domain.history import NEWER
from occ.domain.reasons import Reason
from occ.domain.values import Reference
from occ.domain.versions import Ledger
from occ.settings import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Newer:
    """Another image of the config's name on this host; an empty id for none."""

    image: str = ""
    digest: str = ""
    """The digest by which its registry knows it; empty where none does."""
    caution: Caution | None = None
    """Why it is not taken unasked; None where nothing is against it."""


def last_operation(desk: Desk, service: str) -> LastOperation | None:
    """The last operation of a service that changed something, or was to; a hold changes nothing."""
    for line in history(desk, HistoryFilter(service=service, limit=1, holds=False)):
        cause = hint = ""
        if line.outcome != NEWER:
            operation = desk.operation(line.operation)
            failure, proof = operation.failure, operation.proof
            gate = proof.said if proof and not proof.healthy else ""
            cause = failure.message if failure else gate
            hint = (failure.hint if failure else "") or (
                f"occ show {line.operation}" if cause else ""
            )
        return LastOperation(
            operation=line.operation,
            kind=line.kind,
            outcome=line.outcome,
            at=line.at,
            before=line.before,
            wanted=line.wanted,
            cause=cause,
            hint=hint,
            down_since=line.down_since,
        )
    return None


def known_reasons(
    desk: Desk, wanted: Service, ledger: Ledger, newer: Newer | None = None
) -> tuple[Reason, ...]:
    """Why a service is not updated now, as far as journal and host tell; no registry is asked.

    `newer` is the other image on the host, an empty one where there is none.
    """
    newer = newer or Newer()
    seen = replace(at_work(desk, wanted.name), already_newest=None if newer.image else Point())
    there = bool(newer.image)
    seen = against(
        desk, seen, wanted, ledger, newer.caution, newer=there, digest=newer.digest or newer.image
    )
    return tuple(reason for reason in reasons(seen) if reason.name != "already_newest")


def newer_here(desk: Desk, wanted: Service, ledger: Ledger, running: str) -> Newer:
    """Another image of the config's name, as this host has it: a pull or a build brought it.

    No registry is asked: that is `occ check`. `running` is the id of the image that runs.
    """
    if not wanted.reference:
        return Newer()
    reference = str(Reference.parse(wanted.reference))
    here = desk.engine_of(wanted.name).image(reference)
    if here is None or here.id == running:
        return Newer()
    prints = comparable_prints(desk, secrets_at_hand(desk, wanted, wanted.spec))
    caution = caution_of(desk, wanted.name, ledger, here.id, wanted.spec, prints)
    return Newer(image=here.id, digest=digest_of(here, reference), caution=caution)
