"""The data that a snapshot of a service takes: which volumes and folders, if they can be taken."""

import os
from collections.abc import Iterator
from pathlib import Path

from occ.app.change.observed import Observed
from occ.app.desk import Desk
from occ.app.knowledge.snapshots import store_of
from occ.domain.request import Version
from occ.domain.snapshots import fits
from occ.domain.volume_changes import engine_mounted
from occ.errors import NotFoundError, RefusedError
from occ.operations.kinds.snapshot import Volumes
from occ.operations.reading import sees_same_folders
from occ.settings import Service


def snapshot_volumes(
    desk: Desk, service: Service, observed: Observed
) -> tuple[Volumes, tuple[str, ...]]:
    """The data that a snapshot of the service takes, and notes on that which it does not.

    Raises:
        NotFoundError: there is no version yet, or a volume is not there.
        RefusedError: there is nothing to take, or too much to be recorded.
    """
    volumes, notes = there_to_take(desk, service, observed)
    if not volumes.names:
        raise RefusedError(
            f"{service.name} has no volumes to take",
            hint=f"name them: occ config set services.{service.name}.snapshot_volumes ...",
        )
    return volumes, notes


def there_to_take(
    desk: Desk, service: Service, observed: Observed
) -> tuple[Volumes, tuple[str, ...]]:
    """The same, of no volumes too where there are none.

    Raises:
        NotFoundError: there is no version yet, or a volume is not there.
        RefusedError: a volume cannot be taken, or they are too many to be recorded.
    """
    ledger, engine = observed.ledger, desk.engine_of(service.name)
    if observed.info.podman:
        raise RefusedError(
            "Podman's archive call loses the owners of files, so no snapshot is taken through it",
            hint="podman volume export",
        )
    record = ledger.versions.get(observed.found.version) or ledger.versions.get(ledger.current)
    if record is None:
        raise NotFoundError(f"{service.name} has no version yet", hint="occ start")
    version, notes = record.version, list[str]()
    # Until its first replacement an adopted container has anonymous ones in their place.
    waits = (
        {named: own for own, named in ledger.adoption.volumes.items()}
        if (ledger.adoption and ledger.adopted(observed.found.container))
        else {}
    )
    names, sources = list[str](), list[str]()
    for name in dict.fromkeys(service.snapshot_volumes or _named(version)):
        source = waits.get(name) or ledger.data.current.real(name)
        if not _mounted(version, name):
            raise NotFoundError(
                f"version {version.number} of {service.name} does not mount {name}, which "
                "snapshot_volumes lists",
                hint=f"occ config get services.{service.name}.snapshot_volumes",
            )
        place = None if name.startswith("/") else engine.volume_place(source)
        if place is None and not name.startswith("/"):
            raise NotFoundError(f"the volume {source} is not there", hint="occ doctor")
        if place is not None and place.driver != "local" and not service.snapshot_volumes:
            notes.append(
                f"volume {name} is of the driver {place.driver}, and left out: list it under "
                "snapshot_volumes to have it"
            )
            continue
        beside = name if place is None else place.folder
        if beside and sees_same_folders(observed.info):
            _refuse_unfit(Path(beside), desk, service.name)
        names.append(name)
        sources.append(source)
    if not service.snapshot_volumes:
        notes += [
            f"volume {name} is mounted in the engine's own words, and left out: declare it under "
            "volumes to have it"
            for name in sorted(engine_mounted(version.spec) - {*names})
        ]
    if not fits(names):
        raise RefusedError(
            f"{service.name} has more volumes than one snapshot holds",
            hint=f"name them: occ config set services.{service.name}.snapshot_volumes ...",
        )
    taken = Volumes(
        names=tuple(names),
        sources=tuple(sources),
        image=observed.found.image or version.image,
        timeout_ms=service.snapshot_timeout_ms,
    )
    return taken, tuple(notes)


def _named(version: Version) -> Iterator[str]:
    return (volume.name for volume in version.spec.volumes)


def _mounted(version: Version, name: str) -> bool:
    mounts = (mount.source for mount in version.spec.mounts)
    return name in {*_named(version), *mounts}


def _refuse_unfit(data: Path, desk: Desk, service: str) -> None:
    """Raises RefusedError of a file, and of data in which the snapshots themselves would lie.

    There each would take all before it again.
    """
    keys = f"occ config get services.{service}.snapshot_volumes"
    if os.path.lexists(data) and not os.path.isdir(data):  # noqa: PTH112 - raises nothing
        raise RefusedError(f"{data} is no folder, and a snapshot takes folders", hint=keys)
    folder = store_of(desk, service).folder
    if folder.resolve().is_relative_to(data.resolve()):
        raise RefusedError(
            f"snapshots would lie in {folder}, which is within their own data, {data}",
            hint="occ config set snapshot_dir FOLDER, elsewhere",
        )
