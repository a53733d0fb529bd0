"""The versions of a service, and whether their images can still be had."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from occ.app.desk import Desk
from occ.app.ledgers import ledger_of, snapshots_of
from occ.app.results import VersionRow
from occ.domain.data_choice import own_data
from occ.domain.snapshots import Record as Snapshot
from occ.domain.versions import Ledger, Record
from occ.engine.port import Engine
from occ.errors import EngineUnreachableError, RegistryError
from occ.operations.kept_images import published


def versions(desk: Desk, service: str, *, ask_registry: bool) -> tuple[VersionRow, ...]:
    """All versions of a service, newest first."""
    name = desk.settings.service(service).name
    ledger = ledger_of(desk.journal, name)
    if not ledger.versions:
        return ()
    engine, taken = _engine_or_none(desk, name), snapshots_of(desk.journal, name)
    return tuple(
        _with_data(
            _row(engine, record, ledger.current, ask_registry=ask_registry),
            ledger,
            taken,
            desk.clock.now(),
        )
        for _, record in sorted(ledger.versions.items(), reverse=True)
    )


def _with_data(
    row: VersionRow, ledger: Ledger, taken: Mapping[int, Snapshot], now: int
) -> VersionRow:
    """The row with what is known of the version and data."""
    trial = ledger.versions[row.number].tried.get(ledger.current)
    return replace(
        row,
        data_of=ledger.current,
        tried=trial.verdict if trial else None,
        tried_at=trial.at if trial else 0,
        own_data=own_data(row.number, taken, ledger.data),
        held=row.current and ledger.hold is not None and ledger.hold.counts(now),
        left=ledger.cautions.left.get(row.image, 0),
    )


def _engine_or_none(desk: Desk, service: str) -> Engine | None:
    engine = desk.engine_of(service)
    try:
        engine.info()
    except EngineUnreachableError:
        return None
    return engine


def _row(engine: Engine | None, record: Record, current: int, *, ask_registry: bool) -> VersionRow:
    version, there = record.version, None
    if ask_registry and engine is not None:
        with suppress(RegistryError):  # then nobody knows
            there = published(engine, version.digests)
    return VersionRow(
        number=version.number,
        says=record.reported or version.labelled,
        reference=version.reference,
        digest=version.digests[0].rpartition("@")[2] if version.digests else "",
        image=version.image,
        created_at=record.created_at,
        last_run_at=record.last_run_at,
        standing=record.standing,
        current=version.number == current,
        here=engine.image(version.image) is not None if engine is not None else None,
        published=there,
        spec=version.spec,
        pruned=record.pruned,
        pruned_at=record.pruned_at,
    )
