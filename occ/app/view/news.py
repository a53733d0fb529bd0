"""The last that happened to a service, and an update that this host knows of already."""

from dataclasses import dataclass

from occ.app.desk import Desk
from occ.app.knowledge.cautions import caution_of
from occ.app.results import Caution
from occ.app.secret_values import comparable_prints, secrets_at_hand
from occ.app.service_status import LastOperation
from occ.app.view.history import HistoryFilter, history
from occ.domain.history import NEWER
from occ.domain.values import Reference
from occ.domain.versions import Ledger
from occ.settings import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Newer:
    """Another image of the config's name on this host; an empty id for none."""

    image: str = ""
    caution: Caution | None = None
    """Why it is not taken unasked; None where nothing is against it."""


def last_operation(desk: Desk, service: str) -> LastOperation | None:
    """The last operation of a service that changed something, or was to."""
    for line in history(desk, HistoryFilter(service=service, limit=1)):
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
    return Newer(image=here.id, caution=caution)
