"""The rehearsal before a replacement, before anything is touched: of what data, how, whether."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Final

from occ import disks
from occ.app.change.observed import Observed
from occ.app.change.taking import predictions
from occ.app.change.to_take import there_to_take
from occ.app.desk import Desk
from occ.app.knowledge.snapshots import store_of
from occ.app.ledgers import snapshots_of
from occ.app.options import Options
from occ.domain.isolation import open_source, refusals
from occ.domain.kinds import KINDS
from occ.domain.programs import words_digest
from occ.domain.rehearsal import MOST_PAUSED_MS, Copy, Rehearsing
from occ.domain.spec import Spec
from occ.domain.values import seconds_text
from occ.engine.values import EngineInfo
from occ.errors import FailedError, NotFoundError, OccError, RefusedError
from occ.operations.kinds.snapshot import Volumes
from occ.operations.plan import PlanInput
from occ.operations.reading import sees_same_folders
from occ.settings import Service

_MEMORY: Final = Path("/proc/meminfo")
_KIB: Final = 1_024
_MOST_NAMES: Final = 10_000


def rehearsing_for(
    desk: Desk, service: Service, given: PlanInput, observed: Observed, options: Options
) -> Rehearsing | None:
    """The rehearsal of a replacement, or why none is made; None where nobody wants one.

    Raises:
        RefusedError: it was typed, or is required, and cannot be made.
    """
    asked = options.rehearse is True or options.rehearse_only
    wanted = asked or (options.rehearse is None and (service.rehearse or service.rehearse_required))
    if not (wanted and KINDS[given.kind].rehearses):
        return None
    if not given.found.container and not asked:
        return None  # an installation has no data yet, and nothing that could be down
    try:
        planned = _planned(desk, service, given, observed)
    except OccError as error:
        if not isinstance(error, RefusedError | NotFoundError | FailedError):
            raise
        if not (asked or service.rehearse_required):
            return Rehearsing(why=error.message)
        raise RefusedError(
            f"{service.name} cannot be rehearsed: {error.message}", hint=error.hint
        ) from error
    return replace(planned, asked=asked, only=options.rehearse_only)


def beside(service: Service, folder: Path, image: str) -> Rehearsing:
    """How much a container that runs beside the service may have of it, by the config."""
    return Rehearsing(
        folder=str(folder),
        image=image,
        timeout_ms=service.snapshot_timeout_ms,
        required=service.rehearse_required,
        networks=service.rehearse_networks,
        env=service.rehearse_env,
        secrets=service.rehearse_secrets,
        checks=bool(service.rehearse_check),
        check=words_digest(service.rehearse_check) if service.rehearse_check else "",
    )


def refuse_open(service: Service, spec: Spec, whose: str, *, here: bool) -> None:
    """Refuse what cannot run isolated; `here` says that the folders of its host can be looked at.

    Raises:
        RefusedError: with each reason.
    """
    copied = frozenset(service.snapshot_volumes)
    why = refusals(spec, copied=copied, read_only_binds=service.rehearse_binds == "ro")
    if here:
        read = [one.source for one in spec.mounts if one.source not in copied]
        why = (*why, *(f"it mounts {one}" for each in read for one in ways_out(Path(each))))
    if why:
        raise RefusedError(
            f"{whose} cannot run isolated: {'; '.join(why)}", hint="occ update --no-rehearse"
        )


def refuse_engine(info: EngineInfo) -> None:
    """Refuse an engine on which it is not known to be isolated.

    Raises:
        RefusedError: it is Podman.
    """
    if info.podman:
        raise RefusedError(
            "a container beside the service is not known to be isolated on Podman",
            hint="occ update --no-rehearse",
        )


def _planned(desk: Desk, service: Service, given: PlanInput, observed: Observed) -> Rehearsing:
    request, found = given.request, given.found
    if not found.container:
        raise RefusedError("it has no container yet", hint="occ start")
    refuse_engine(observed.info)
    here = sees_same_folders(observed.info)
    if request.spec is not None:
        refuse_open(service, request.spec, "the new version", here=here)
    running = given.ledger.versions.get(found.version)
    if running is not None:
        refuse_open(service, running.version.spec, f"version {running.version.number}", here=here)
    folder = store_of(desk, service.name).folder
    planned = beside(service, folder, found.image)
    if service.rehearse_data == "none":
        planned = replace(planned, copy="none")
    else:
        volumes, _ = there_to_take(desk, service, observed)
        planned = _copied(desk, service, planned, volumes, observed)
    _refuse_full(desk, service, planned, observed)
    return planned


def _copied(
    desk: Desk, service: Service, planned: Rehearsing, volumes: Volumes, observed: Observed
) -> Rehearsing:
    """The same with its copy: where it comes from, how large it is, how long it takes."""
    known = predictions(desk, service, volumes, observed)
    told = [one for one in known.values() if one is not None]
    time, size = sum(one.ms for one in told), sum(one.bytes for one in told)
    newest = max(
        (n for n, one in snapshots_of(desk.journal, service.name).items() if one.verified),
        default=0,
    )
    copy: Copy = service.rehearse_data or "paused"
    if not service.rehearse_data and time > MOST_PAUSED_MS:
        if not newest:
            raise RefusedError(
                f"copying its data takes about {seconds_text(time)}, and there is no snapshot",
                hint="occ snapshot create, or: occ config set "
                f"services.{service.name}.rehearse_data paused (or live)",
            )
        copy = "snapshot"
    if copy == "snapshot":
        if not newest:
            raise RefusedError(
                "there is no verified snapshot to take its data from", hint="occ snapshot create"
            )
        return replace(planned, copy=copy, snapshot=newest, bytes=size)
    return replace(
        planned,
        copy=copy,
        volumes=volumes.names,
        sources=volumes.sources,
        most_paused_ms=0 if service.rehearse_data else MOST_PAUSED_MS,
        ms=time,
        bytes=size,
    )


def _refuse_full(desk: Desk, service: Service, planned: Rehearsing, observed: Observed) -> None:
    """Refuse where a second instance has no room: on disks, and in memory, that are known.

    Raises:
        RefusedError: it has none.
    """
    engine, local = desk.engine_of(service.name), sees_same_folders(observed.info)
    places = [Path(planned.folder)]
    if local:
        known = (engine.volume_place(one) for one in planned.sources if not one.startswith("/"))
        places += [Path(one.folder) for one in known if one is not None and one.folder]
    needed: dict[str, int] = {}
    for place in places:
        disk = disks.disk_of(place)
        if disk is None:
            continue
        needed[disk.name] = needed.get(disk.name, 0) + planned.bytes
        if disk.free - needed[disk.name] < service.min_free:
            raise RefusedError(
                f"{disk.free / 1e6:.1f} MB are free at {place}, and a copy of its data takes "
                f"{planned.bytes / 1e6:.1f} MB",
                hint=f"occ prune --service {service.name}",
            )
    free = free_memory() if local else None
    uses = engine.memory(observed.found.container) if free is not None else 0
    if free is not None and uses > free:
        raise RefusedError(
            f"a second instance needs about {uses / 1e6:.0f} MB of memory, and "
            f"{free / 1e6:.0f} MB are free",
            hint="occ update --no-rehearse",
        )


def ways_out(folder: Path) -> Iterator[str]:
    """The ways out of isolation in a folder that is mounted: sockets, which serve readers too.

    A folder that is a link counts as its end. The first 10,000 names are looked at.
    """
    real = Path(os.path.realpath(folder))
    if real != folder and open_source(str(real)):
        yield f"{folder}, which is {real}"
        return
    names = (Path(top) / name for top, _, files in os.walk(real) for name in files)
    for place in islice(names, _MOST_NAMES):
        with suppress(OSError):  # gone meanwhile, or not for us to see
            if stat.S_ISSOCK(place.lstat().st_mode):
                yield f"{folder}, in which {place.name} is a socket"
                return


def free_memory(file: Path = _MEMORY) -> int | None:
    """The memory of this machine that programs can have, in bytes; None where it is not told."""
    try:
        lines = file.read_text("ascii", "replace").splitlines()
    except OSError:
        return None
    told = {name: rest.split() for name, _, rest in (line.partition(":") for line in lines)}
    words = told.get("MemAvailable", [])
    return int(words[0]) * _KIB if words and words[0].isdecimal() else None
