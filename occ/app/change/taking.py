"""The snapshot of a replacement, before anything is touched: of which data, how large, whether."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from occ.app.change.observed import Observed, observe
from occ.app.change.to_take import there_to_take
from occ.app.config.config import config_file
from occ.app.desk import Desk
from occ.app.knowledge.snapshots import store_of, way_to_take
from occ.app.ledgers import snapshots_of
from occ.app.operator import AskLarge, Operator
from occ.app.options import Options
from occ.archives.sizes import walked
from occ.domain.request import Found
from occ.domain.snapshots import SnapshotVolume, Way
from occ.domain.taking import Prediction, Taking, predicted
from occ.errors import ConfigError, FailedError, NotFoundError, OccError, RefusedError
from occ.operations.kinds.snapshot import Volumes
from occ.operations.kinds.taken import refuse_without
from occ.operations.reading import VolumeReader, sees_same_folders
from occ.operations.retaining import refusal
from occ.settings import Service

_ROOM: Final = 5_000
"""The bytes of an event that the names and sources may take; they stand there twice."""


def taking_for(
    desk: Desk,
    service: Service,
    found: Found,
    observed: Observed,
    options: Options,
    operator: Operator,
) -> Taking | None:
    """The snapshot that a replacement of the container found takes, or why it takes none.

    None where nothing is to be taken: no container was found, it has no data, or nobody wants it.
    Where the size needs somebody's word the operator is asked once, and the answer is recorded.

    Raises:
        RefusedError: it has to be taken and cannot be, or the service is paused.
        NotFoundError, FailedError: a volume that has to be taken is not there, or `min_free` would
            not be kept.
    """
    if not found.container:
        return None
    if service.snapshot == "never":
        why = f"services.{service.name}.snapshot is never"
        refuse_without(service.name, Taking(required=service.snapshot_required, why=why))
        return None
    taking = _fitting(desk, service, observed)
    if taking is None:
        return None
    if taking.undecided and not taking.required and not options.plan:
        taking = _decided(desk, taking, service.name, operator.ask_large, operator.say)
        if taking is None:
            return None
    refuse_without(service.name, taking)
    if found.state == "paused" and not taking.left:
        called = observed.name or service.container_name
        raise RefusedError(
            f"{service.name} is paused, and its data is whole only when its program has ended",
            hint=f"docker unpause {called}, or without a snapshot: "
            f"occ config set services.{service.name}.snapshot never",
        )
    return taking


def _fitting(desk: Desk, service: Service, observed: Observed) -> Taking | None:
    """The snapshot as it is possible now; a failure is only a reason where nobody asks for it."""
    asked = bool(service.snapshot or service.snapshot_required)
    try:
        taking = _taking(desk, service, observed)
    except (RefusedError, NotFoundError, FailedError) as error:
        if asked:
            raise
        return Taking(why=error.message)
    full = _full(desk, service, taking, observed) if taking else None
    if full and asked:
        raise full
    return Taking(why=f"{full.message} (try: {full.hint})") if full else taking


def expected_size(desk: Desk, service: Service, observed: Observed) -> int:
    """The bytes of the files that the next snapshot is expected to write; 0 where nobody knows."""
    try:
        taking = _taking(desk, service, observed)
    except (RefusedError, NotFoundError, FailedError):
        return 0
    return taking.packed if taking else 0


def refuse_full(desk: Desk, service: Service, observed: Observed) -> None:
    """Refuse a snapshot that leaves less room than `min_free`, as far as its size is known.

    Raises:
        FailedError: it would.
        RefusedError, NotFoundError: it cannot be taken at all.
    """
    taking = _taking(desk, service, observed) if service.min_free else None
    if full := _full(desk, service, taking, observed) if taking else None:
        raise full


def _full(desk: Desk, service: Service, taking: Taking, observed: Observed) -> FailedError | None:
    """Why `min_free` would not be kept beside a snapshot, on the disks that are known; else None.

    That which the rules would remove is not counted: it goes only when the new one was verified.
    """
    if not service.min_free or taking.why:
        return None
    needed = {Path(taking.folder): taking.packed}
    engine = desk.engine_of(service.name)
    for source in taking.sources if sees_same_folders(observed.info) else ():
        place = None if source.startswith("/") else engine.volume_place(source)
        if place is not None and place.folder:
            needed.setdefault(Path(place.folder), 0)
    refusals = (refusal(service.name, at, size, service.min_free) for at, size in needed.items())
    return next(filter(None, refusals), None)


def choose_beforehand(
    desk: Desk, service: Service, ask: AskLarge, say: Callable[[str], None]
) -> None:
    """Ask about large data of a service that runs already, as its next replacement would.

    Nothing is asked where that is chosen, or where nobody can tell the size without reading it.
    """
    if service.snapshot or service.snapshot_required:
        return
    try:
        observed = observe(desk, "snapshot", service.name)
        taking = _taking(desk, service, observed) if observed.found.container else None
    except OccError:  # a replacement says why none can be taken
        return
    if taking is not None and taking.undecided:
        _decided(desk, taking, service.name, ask, say)


def _taking(desk: Desk, service: Service, observed: Observed) -> Taking | None:
    volumes, notes = there_to_take(desk, service, observed)
    choice, required = service.snapshot, service.snapshot_required
    if not volumes.names:
        why = "; ".join(notes)
        if why and choice:
            raise RefusedError(
                f"{service.name} has nothing to take: {why}",
                hint=f"occ config get services.{service.name}.snapshot_volumes",
            )
        return Taking(choice=choice, required=required, why=why) if why else None
    if len(json.dumps([volumes.names, volumes.sources])) > _ROOM:
        raise RefusedError(
            f"the names of the volumes of {service.name} are longer than one plan holds",
            hint=f"name fewer: occ config set services.{service.name}.snapshot_volumes ...",
        )
    known = predictions(desk, service, volumes, observed)
    store = store_of(desk, service.name)
    told = [one for one in known.values() if one is not None]
    return Taking(
        folder=str(store.folder),
        volumes=volumes.names,
        sources=volumes.sources,
        image=volumes.image,
        timeout_ms=volumes.timeout_ms,
        choice=choice,
        required=required,
        put_back=service.put_back,
        bytes=sum(one.bytes for one in told),
        ms=sum(one.ms for one in told),
        packed=sum(one.packed for one in told),
        guessed=any(one.guessed for one in told),
        measure=tuple(name for name, one in known.items() if one is None),
    )


def predictions(
    desk: Desk, service: Service, volumes: Volumes, observed: Observed
) -> dict[str, Prediction | None]:
    """The size and time of each volume; None of one that has yet to be measured."""
    reader = VolumeReader(
        engine=desk.engine_of(service.name),
        journal=desk.journal.id,
        service=service.name,
        operation=0,
        image=volumes.image,
    )
    last = _last(desk, service.name)
    found = dict[str, Prediction | None]()
    for name, source in zip(volumes.names, volumes.sources, strict=True):
        if source.startswith("/") and sees_same_folders(observed.info):
            _refuse_missing(service.name, source)
        folder = reader.folder(source)
        way: Way = "host" if folder else "engine"
        found[name] = predicted(way, walked(folder) if folder else None, last.get(name))
    return found


def _refuse_missing(service: str, folder: str) -> None:
    if not os.path.isdir(folder):  # noqa: PTH112 - raises nothing
        raise NotFoundError(
            f"the folder {folder}, which snapshot_volumes lists, is not there",
            hint=f"occ config get services.{service}.snapshot_volumes",
        )


def _last(desk: Desk, service: str) -> dict[str, SnapshotVolume]:
    """Each volume as it is in the last snapshot that has it."""
    records = snapshots_of(desk.journal, service)
    return {one.name: one for _, record in records.items() for one in record.snapshot.volumes}


def _decided(
    desk: Desk, taking: Taking, service: str, ask: AskLarge, say: Callable[[str], None]
) -> Taking | None:
    """The same with the operator's word, which is written into the config; None for no snapshot.

    A config that cannot be written leaves it at this one time.
    """
    answer = ask(service, taking)
    if answer is None:
        return taking
    choice = "replace" if answer else "never"
    try:
        config_file(desk).put("snapshot", (choice,), service)
    except ConfigError as error:
        say(f"the answer is not kept: {error.message}")
    return replace(taking, choice="replace") if answer else None


def taking_words(taking: Taking | None, *, down: bool) -> str:
    """A sentence on the snapshot that a proposal takes; empty where it takes none.

    `down` says that the service is stopped for it, and does not serve meanwhile.
    """
    if taking is None or taking.left:
        return ""
    if not down:
        return "a snapshot of the data is taken"
    if taking.measure:
        return "how long the snapshot keeps it down is found out before the stop"
    guess = ", a first guess" if taking.guessed else ""
    return f"the snapshot adds {taking.time} to the outage ({taking.size}{guess})"


def left_words(service: str, taking: Taking | None) -> str:
    """A sentence on why a replacement takes no snapshot; empty where it takes one."""
    if taking is None or not taking.left:
        return ""
    takes = way_to_take(service) if taking.undecided else ""
    return f"no snapshot is taken: {taking.left}{takes}"
