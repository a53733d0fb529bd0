"""What a change begins with: the host and the journal as they are once the lock is taken."""

from dataclasses import dataclass

from occ.app import host
from occ.app.desk import Desk
from occ.app.ledgers import ledger_of
from occ.app.why_down import why_service_down
from occ.domain.events import Found
from occ.domain.versions import Ledger
from occ.engine.values import EngineInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What was seen on the host and in the journal, once the lock was taken.

    `name` is that of the container found, empty without one.
    """

    info: EngineInfo
    found: Found
    name: str
    ledger: Ledger
    warnings: tuple[str, ...]


def look(desk: Desk, service: str) -> Sight:
    """Look at the service's host and its journal, and refuse what is not ours to change.

    Raises:
        OtherEngineError, ForeignContainerError, OtherJournalError, HostAheadError.
    """
    engine = desk.engine
    info = engine.info()
    ledger = ledger_of(desk.journal, service)
    host.refuse_other_engine(ledger, info, service)
    journal = desk.journal.id
    there = host.ours(engine, journal, service, ledger)
    host.refuse_foreign(engine, journal, service, ledger)
    host.refuse_ahead(engine, there, ledger, journal, desk.journal.last_operation(), service)
    specs = {n: r.version.spec for n, r in ledger.versions.items()}
    found = host.found_of(engine, there, specs, service)
    sharers = engine.sharers(found.container) if found.container else ()
    warnings = tuple(f"container {name} shares its network or volumes" for name in sharers)
    down = why_service_down(desk, service, there.current)
    warnings = (*warnings, down) if down else warnings
    name = there.current.name if there.current else ""
    if ledger.adopted(found.container):
        name = service  # its name is its owner's until it is replaced
    return Sight(info=info, found=found, name=name, ledger=ledger, warnings=warnings)
