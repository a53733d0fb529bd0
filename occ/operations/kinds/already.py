"""The answer to a change that finds nothing new: image, spec, secrets and users are as wanted."""

from occ.domain.events import Kind
from occ.domain.kinds import KINDS
from occ.domain.request import Found
from occ.domain.versions import Ledger
from occ.operations.kinds.replace import is_current, with_volumes_of
from occ.operations.plan import PlanInput, Unchanged


def already(given: PlanInput) -> Unchanged | None:
    """Unchanged where nothing is new; None where something is, or the image is not known yet."""
    record, wanted = given.ledger.versions.get(given.found.version), given.request.spec
    if record is None or wanted is None:
        return None
    spec = with_volumes_of(wanted, record.version.spec, given.service)
    if not is_current(given, given.newest, spec):
        return None
    return Unchanged(already_said(given.kind, given.service, given.found, given.ledger))


def already_said(kind: Kind, service: str, found: Found, ledger: Ledger) -> str:
    """That nothing was new, and how the service stands where it does not serve."""
    record = ledger.versions.get(found.version)
    says = (record.reported or record.version.labelled) if record else ""
    said = KINDS[kind].already.format(
        says=says or f"version {found.version}",
        runs="runs" if found.serving else "is there",
    )
    return "; ".join((said, *_stands(ledger.container_name(service), found)))


def _stands(called: str, found: Found) -> tuple[str, ...]:
    """How a service stands that does not serve, and the command for it."""
    if found.serving:
        return ()
    if found.looping:
        return ("it is in a crash loop: occ logs",)
    if found.state == "paused":
        return (f"it is paused: docker unpause {called}",)
    return ("it is stopped: occ start",)
