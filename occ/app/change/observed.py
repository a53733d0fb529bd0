"""The host and the journal as a change finds them, once the lock is taken."""

from dataclasses import dataclass
from functools import partial

from occ.app import host
from occ.app.desk import Desk
from occ.app.host import Ours
from occ.app.knowledge.why_down import why_service_down
from occ.app.ledgers import ledger_of
from occ.app.secret_values import login_at_hand
from occ.domain.events import Kind
from occ.domain.kinds import KINDS
from occ.domain.request import Found
from occ.domain.versions import Ledger
from occ.engine.values import EngineInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """The host and the journal as they were seen."""

    info: EngineInfo
    ours: Ours
    """The service's containers."""
    found: Found
    name: str
    """The name of the container found; empty without one."""
    ledger: Ledger
    warnings: tuple[str, ...] = ()


def observe(desk: Desk, kind: Kind, service: str) -> Observed:
    """Look at the service's host and its journal, and refuse what is not ours to change.

    Raises:
        OtherEngineError, HostAheadError.
        ForeignContainerError, OtherJournalError: for kinds that touch the container.
    """
    engine = desk.engine_of(service)
    info = engine.info()
    ledger = ledger_of(desk.journal, service)
    host.refuse_other_engine(ledger, info, service)
    journal = desk.journal.id
    there = host.ours(engine, journal, service, ledger)
    touches = KINDS[kind].works == "on the container"
    if touches:
        declared = desk.settings.services.get(service)
        called = host.container_name(ledger, declared, service)
        host.refuse_foreign(engine, journal, service, ledger, called)
    host.refuse_ahead(engine, there, ledger, journal, desk.journal.last_operation(), service)
    specs = {n: r.version.spec for n, r in ledger.versions.items()}
    login = partial(login_at_hand, desk, service)
    found = host.found_of(engine, there, specs, service, login)
    name = there.current.name if there.current else ""
    if ledger.adopted(found.container):
        name = ledger.container_name(service)  # its name is its owner's until it is replaced
    warnings = _warnings(desk, service, there) if touches else ()
    return Observed(info=info, ours=there, found=found, name=name, ledger=ledger, warnings=warnings)


def _warnings(desk: Desk, service: str, there: Ours) -> tuple[str, ...]:
    down = why_service_down(desk, service, there.current)
    return (down,) if down else ()
