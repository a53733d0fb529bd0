"""Volumes that a service had and its version no longer mounts, and new ones that begin empty."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace

from occ.app.desk import Desk
from occ.app.ledgers import ledger_of
from occ.domain.data_sets import DataSet
from occ.domain.findings import Finding
from occ.domain.operation import Operation
from occ.domain.spec import Spec, Volume
from occ.domain.versions import Ledger
from occ.domain.volume_changes import VolumeChanges, since_replaced, volume_changes
from occ.engine.port import Engine
from occ.errors import OccError
from occ.operations import labels

_FILLED = "or with the files that the image has there"


def foreseen(engine: Engine, before: Spec, after: Spec, data: DataSet) -> Iterator[str]:
    """The sentences for the proposal of a replacement of one spec by another, with this data."""
    changes = volume_changes(before, after)
    for volume in changes.left:
        yield (
            f"volume {_named(volume)} will not be mounted any more: "
            "its data stays, and the service does not see it"
        )
    for volume in changes.new:
        if engine.volume(data.real(volume.name)) is None:
            yield f"volume {_named(volume)} is new: it begins empty, {_FILLED}"


def happened(desk: Desk, operation: Operation) -> Iterator[str]:
    """The same for the end of an operation that made another version current."""
    before = operation.planned.current
    ledger = ledger_of(desk.journal, operation.service)
    versions, data = ledger.versions, ledger.data.current
    if not operation.activated or before in {0, operation.reached} or before not in versions:
        return
    after = versions[operation.version].version.spec
    changes = volume_changes(versions[before].version.spec, after)
    engine = desk.engine_of(operation.service)
    for volume in changes.new:
        made = engine.volume(data.real(volume.name)) or {}
        own = labels.number(made, labels.OPERATION) == operation.number
        if own and labels.COPY not in made:
            yield f"volume {_named(volume)} is new: it began empty, {_FILLED}"
    for volume in _nobodys(engine, operation.service, changes.left):
        if engine.volume(data.real(volume.name)) is not None:
            mends = f": {_mend(desk, operation.service, volume, changes)}"
            back = operation.version < before  # on purpose
            yield (
                f"volume {_named(volume)} is not mounted any more; "
                f"its data stays{'' if back else mends}"
            )


def told(desk: Desk, service: str, ledger: Ledger) -> Iterator[str]:
    """The sentences for status: facts about the current version."""
    changes = _now(desk, service, ledger)
    for volume in changes.left:
        yield f"volume {_named(volume)} of an earlier version is not mounted: occ doctor"
    for volume in changes.new:
        yield f"volume {_named(volume)} began empty with version {ledger.current}, {_FILLED}"


def findings(desk: Desk, service: str, ledger: Ledger) -> Iterator[Finding]:
    """The same for doctor, with the commands that mount the data again."""
    changes = _now(desk, service, ledger)
    for volume in changes.left:
        yield Finding(
            code="volume_left",
            says=f"volume {_named(volume)} of an earlier version is not mounted by version "
            f"{ledger.current}: the service does not see its data",
            fix=_mend(desk, service, volume, changes),
            service=service,
        )
    for volume in changes.new:
        yield Finding(
            code="volume_new",
            says=f"volume {_named(volume)} began empty with version {ledger.current}, {_FILLED}",
            fix=f"occ rollback --service {service}, where the data was elsewhere before",
            service=service,
        )


def _now(desk: Desk, service: str, ledger: Ledger) -> VolumeChanges:
    """The changes that still matter: volumes that exist, new ones that occ made for a version."""
    changes, engine = since_replaced(ledger), desk.engine_of(service)
    data = ledger.data.current
    made = {v.name: engine.volume(data.real(v.name)) for v in (*changes.left, *changes.new)}
    there = tuple(v for v in changes.left if made[v.name] is not None)
    return VolumeChanges(
        left=_nobodys(engine, service, there),
        new=tuple(v for v in changes.new if _empty_for(made[v.name] or {}, ledger.current)),
    )


def _nobodys(engine: Engine, service: str, left: tuple[Volume, ...]) -> tuple[Volume, ...]:
    """Those of these volumes that no container of anybody else mounts: their data is not missed."""
    names = [volume.name for volume in left]
    used = {
        source
        for one in (engine.neighbours((), names) if names else ())
        if one.container.labels.get(labels.SERVICE) != service
        and labels.HELPER not in one.container.labels
        for source in one.container.mounts.values()
    }
    return tuple(volume for volume in left if volume.name not in used)


def _empty_for(made: Mapping[str, str], version: int) -> bool:
    """Whether a volume with these labels was made for this version, and nothing copied into it."""
    return labels.number(made, labels.VERSION) == version and labels.COPY not in made


def _mend(desk: Desk, service: str, volume: Volume, changes: VolumeChanges) -> str:
    """The commands that mount a volume again: where the one new volume is, or where it was.

    A place that the config gives to something else was given away on purpose.
    """
    declared = _declared(desk, service)
    if any(v.name == volume.name for v in declared.volumes):
        return f"occ apply --service {service} (the config mounts it again)"
    if declared.covers(volume.path):
        return f"docker volume rm {volume.name} (where neither data nor a way back is needed)"
    alone = len(changes.left) == len(changes.new) == 1
    wanted = replace(volume, path=changes.new[0].path) if alone else volume
    others = (v for v in declared.volumes if v.path != wanted.path)
    words = shlex.join(_written(v) for v in (*others, wanted))
    return (
        f"occ config set volumes {words} --service {service} && occ apply --service {service} "
        f"(or go back: occ rollback --service {service}; or, where neither data nor a way back "
        f"is needed: docker volume rm {volume.name})"
    )


def _declared(desk: Desk, service: str) -> Spec:
    try:
        return desk.settings.service(service).spec
    except OccError:  # a service that the config does not name any more
        return Spec()


def _written(volume: Volume) -> str:
    return f"{volume.name}:{volume.path}{':ro' if volume.read_only else ''}"


def _named(volume: Volume) -> str:
    return f"{volume.name} ({volume.path})"
