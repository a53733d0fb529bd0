"""The rules of a service over its data of another day, asked from the journal and the host."""

from occ.app.desk import Desk
from occ.app.knowledge.snapshots import store_of
from occ.app.ledgers import all_unfinished, snapshots_of
from occ.app.results import KeptRow
from occ.domain.retention import Verdict
from occ.domain.rules import Retain
from occ.domain.versions import Ledger
from occ.operations.retaining import Keeper
from occ.settings import Service


def retain_of(desk: Desk, service: Service, ledger: Ledger, *, room: int = 0) -> Retain:
    """The rules of the config, and all that they need of the host."""
    others = (one for name, one in desk.settings.services.items() if name != service.name)
    spared = {volume.name for one in others for volume in one.spec.volumes}
    names = {name for data in ledger.data.known.values() for name in data.volumes}
    ours = {data.real(name) for data in ledger.data.known.values() for name in names}
    return Retain(
        folder=str(store_of(desk, service.name).folder),
        rules=service.rules,
        room=room,
        spared=tuple(sorted(spared & ours)),
    )


def keeper_of(desk: Desk, service: Service, retain: Retain, ledger: Ledger) -> Keeper:
    """The one who asks them."""
    return Keeper(
        engine=desk.engine_of(service.name),
        journal=desk.journal.id,
        service=service.name,
        retain=retain,
        ledger=ledger,
        snapshots=snapshots_of(desk.journal, service.name),
        unfinished=all_unfinished(desk.journal, service.name),
    )


def kept_row(verdict: Verdict) -> KeptRow:
    """One line of the answer."""
    item = verdict.item
    return KeptRow(
        what=item.name.sort,
        number=item.name.number,
        at=item.at,
        version=item.version,
        bytes=verdict.bytes if item.files else None,
        why=verdict.why,
    )
