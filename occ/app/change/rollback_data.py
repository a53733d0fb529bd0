"""The data that a rollback takes: that of now, what the version left behind, or a snapshot."""

from dataclasses import dataclass
from typing import Final

from occ.app.change.data_users import changed, refuse_used, stopped
from occ.app.change.observed import Observed
from occ.app.change.rollback_target import rollback_target
from occ.app.desk import Desk
from occ.app.knowledge.snapshots import removal_words, snapshot_of, store_of
from occ.app.ledgers import ledger_of, removed_data_of, snapshots_of
from occ.app.options import Options
from occ.clock import local_time
from occ.domain.data_choice import SET, Source, of_snapshot, own_data
from occ.domain.data_sets import DataSet
from occ.domain.removed_data import missing
from occ.domain.request import Version
from occ.domain.values import a_few
from occ.domain.versions import Ledger
from occ.engine.port import Engine
from occ.errors import NoTargetError, NotFoundError, RefusedError, UsageMistakeError
from occ.operations.kinds.rollback import DataBack

_TOLD: Final = 3
"""So many of the removals are told, the last first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenData:
    """The data of a rollback, and what is said of it."""

    back: DataBack | None = None
    """None where the data stays as it is."""
    recorded: bool = False
    """The data set is new, and is recorded together with the plan."""
    notes: tuple[str, ...] = ()
    afterwards: tuple[str, ...] = ()


def own_data_of(desk: Desk, service: str, ledger: Ledger, version: int) -> Source | None:
    """The newest data of a version, `--data then`; None where it has none but the data of now."""
    return own_data(version, snapshots_of(desk.journal, service), ledger.data)


def own_data_of_target(desk: Desk, service: str, to: int) -> tuple[int, Source] | None:
    """The version that a rollback means, and its own data; None where it has none.

    Raises:
        NotFoundError, NoTargetError: as the rollback itself.
    """
    ledger = ledger_of(desk.journal, service)
    version = rollback_target(desk.engine_of(service), ledger, to).record.version.number
    source = own_data_of(desk, service, ledger, version)
    return (version, source) if source and version != ledger.current else None


def chosen_data(
    desk: Desk, service: str, options: Options, observed: Observed, version: Version
) -> ChosenData:
    """The data that `--data` means for a version.

    Raises:
        NoTargetError: the version has no data of its own.
        NotFoundError: there is no such snapshot or data set.
        RefusedError: the data cannot be put beside that of now.
        UsageMistakeError: `--data` is none of its words.
    """
    ledger = observed.ledger
    if options.data in {"", "keep"}:
        own = own_data_of(desk, service, ledger, version.number)
        return _kept(options, own, version, ledger)
    source = _source(desk, service, options, ledger, version)
    engine = desk.engine_of(service)
    if ledger.adoption and ledger.adoption.volumes:
        raise RefusedError(
            f"the data of {service} waits in anonymous volumes for its first replacement",
            hint="occ apply",
        )
    back = (
        _left(source, ledger)
        if source.data
        else _restored(desk, service, options, observed, source, version)
    )
    refuse_used(engine, observed, back, version)
    return ChosenData(
        back=back,
        recorded=not source.data,
        notes=(
            *_failed(ledger, version.number),
            _told(source),
            *_stays(ledger, back, version),
            *stopped(engine, observed, back, version),
        ),
        afterwards=(_forward(ledger, service),),
    )


def _kept(options: Options, own: Source | None, version: Version, ledger: Ledger) -> ChosenData:
    if version.number == ledger.current or not ledger.current:
        return ChosenData()
    failed = _failed(ledger, version.number)
    known = (*failed, evidence(ledger, version.number)) if options.data or own else failed
    if own is None or options.data:
        return ChosenData(notes=known)
    note = (
        f"the data stays as it is now; version {version.number} has its own of "
        f"{local_time(own.at, '%Y-%m-%d %H:%M')}: "
        f"occ rollback --to {version.number} --data then"
    )
    return ChosenData(notes=(note, *known))


def evidence(ledger: Ledger, version: int) -> str:
    """The verdict on a version with the data of now, as the journal remembers it, in words."""
    of, record = ledger.current, ledger.versions[version]
    trial = record.tried.get(of)
    if trial is None:
        return f"version {version} was never tried on data of version {of}"
    did = "ran" if trial.verdict == "proven" else "failed"
    return f"version {version} {did} on data of version {of} ({local_time(trial.at, '%Y-%m-%d')})"


def _failed(ledger: Ledger, version: int) -> tuple[str, ...]:
    """That a version has failed its gate and was not proven since."""
    if ledger.versions[version].standing != "bad":
        return ()
    return (f"version {version} failed when it was last tried, and is marked bad: occ versions",)


def _source(desk: Desk, service: str, options: Options, ledger: Ledger, version: Version) -> Source:
    if options.data == "then":
        source = own_data_of(desk, service, ledger, version.number)
        if source is None:
            ends = missing(removed_data_of(desk.journal, service), version.number)
            if ends:
                gone = ", ".join(f"{name} {removal_words(end)}" for name, end in ends[:_TOLD])
                raise NoTargetError(
                    f"version {version.number} has no data of its own any more: {gone}",
                    hint="occ snapshot list --all, occ data list, or --data keep",
                )
            raise NoTargetError(
                f"version {version.number} has no data of its own: no snapshot was taken of it",
                hint="occ snapshot list, occ data list, or --data keep",
            )
        return source
    kept = options.data.removeprefix(SET)
    if kept != options.data and kept.isdecimal():
        return _kept_set(desk, service, ledger, int(kept))
    if not options.data.isdecimal():
        raise UsageMistakeError(
            f"--data is then, keep, the number of a snapshot or {SET}N for a kept data set, "
            f"not {options.data}",
            hint="occ snapshot list, or occ data list",
        )
    return of_snapshot(snapshot_of(desk, service, int(options.data)))


def _kept_set(desk: Desk, service: str, ledger: Ledger, number: int) -> Source:
    """A data set that was left, by its number.

    Raises:
        NotFoundError: there is none of this number, or it was removed.
        RefusedError: it is the data of now.
    """
    left = ledger.data.left.get(number)
    if left is not None:
        return Source(version=left.version, at=left.at, data=number)
    if number == ledger.data.number:
        raise RefusedError(f"data set {number} is the data of now", hint="--data keep")
    gone = removed_data_of(desk.journal, service).sets.get(number)
    if gone is not None:
        raise NotFoundError(
            f"data set {number} of {service} {removal_words(gone[1])}", hint="occ data list"
        )
    there = a_few(f"{SET}{one}" for one in sorted(ledger.data.left)) or "none"
    raise NotFoundError(
        f"{service} keeps no data set {number}; there are: {there}", hint="occ data list"
    )


def _left(source: Source, ledger: Ledger) -> DataBack:
    return DataBack(data=ledger.data.get(source.data))


def _restored(
    desk: Desk,
    service: str,
    options: Options,
    observed: Observed,
    source: Source,
    version: Version,
) -> DataBack:
    """A new data set, whose volumes are restored from a snapshot beside those of now.

    A volume that the version does not mount is not restored.
    """
    ledger, engine = observed.ledger, desk.engine_of(service)
    record = snapshot_of(desk, service, source.snapshot)
    names = [volume.name for volume in record.snapshot.volumes]
    folders = [name for name in names if name.startswith("/")]
    mounts = {volume.name for volume in version.spec.volumes}
    moved = ledger.data.current.volumes if options.plain_names else mounts
    names = [name for name in names if name in mounts and name in moved]
    if not names:
        raise RefusedError(
            f"snapshot {source.snapshot} has no volume that version {version.number} mounts",
            hint=f"occ snapshot export {source.snapshot} --file FILE",
        )
    number = ledger.data.next_number
    made = {
        name: name
        if options.plain_names and engine.volume(name) is None
        else _free(engine, f"{name}.occ-{number}", desk.journal.id)
        for name in names
    }
    volumes = {**ledger.data.current.volumes, **made}
    return DataBack(
        data=DataSet(
            number=number,
            volumes={name: real for name, real in volumes.items() if name != real},
            snapshot=source.snapshot,
            version=source.version,
        ),
        folder=str(store_of(desk, service).folder),
        restored=made,
        described=record.verified,
        folders=tuple(folders),
    )


def _free(engine: Engine, name: str, journal: str) -> str:
    """A name that no volume has: another service may mount a volume of the same name."""
    return name if engine.volume(name) is None else f"{name}-{journal[:8]}"


def _told(source: Source) -> str:
    at = local_time(source.at, "%Y-%m-%d %H:%M")
    of = f" of version {source.version}" if source.version else ""
    if source.data:
        return f"the data{of} comes back as it was left on {at}"
    fuzzy = ", fuzzy: something wrote meanwhile" if source.fuzzy else ""
    return f"the data{of} comes back from snapshot {source.snapshot}, taken {at}{fuzzy}"


def _stays(ledger: Ledger, back: DataBack, version: Version) -> tuple[str, ...]:
    mounts = {volume.name for volume in version.spec.volumes}
    now = ", ".join(now for now, _ in changed(ledger, back.data, mounts).values())
    stays = (
        f"today's data stays in {now}, and nothing mounts it any more: "
        "your own backups and Compose files still name it"
    )
    folders = ", ".join(back.folders)
    note = f"{folders} is a folder of the host and stays as it is: occ snapshot export"
    return (stays, note) if folders else (stays,)


def _forward(ledger: Ledger, service: str) -> str:
    return (
        f"to go forward again, with the data that was left: "
        f"occ rollback --to {ledger.current} --data then --service {service}"
    )
