"""The request of an operation on snapshots: which data, from where, into which folder."""

from functools import partial
from pathlib import Path

from occ.app.change.observed import Observed
from occ.app.change.requests import Wanted
from occ.app.change.taking import refuse_full
from occ.app.change.to_take import snapshot_volumes
from occ.app.desk import Desk
from occ.app.knowledge.snapshots import snapshot_of, store_of
from occ.app.ledgers import unfinished_of
from occ.app.options import Options
from occ.domain.kept_names import Name
from occ.domain.request import Request
from occ.domain.retention import needed_by
from occ.errors import FailedError, NotFoundError, RefusedError
from occ.operations.kinds.snapshot import SnapshotWish, Volumes, plan_snapshot
from occ.operations.retaining import refusal
from occ.settings import Service


def snapshot_request(desk: Desk, service: Service, options: Options, observed: Observed) -> Wanted:
    """The wish, with all that it needs of the host.

    Raises:
        NotFoundError: the snapshot, the version or a volume is not there.
        RefusedError: there is nothing to take, or the snapshot is needed.
        FailedError: `min_free` would not be kept beside it.
    """
    wish = options.wish
    if not isinstance(wish, SnapshotWish):
        raise TypeError("a snapshot's command has its wish")
    folder = str(store_of(desk, service.name).folder)
    volumes, notes = Volumes(), tuple[str, ...]()
    if wish.verb == "create":
        volumes, notes = snapshot_volumes(desk, service, observed)
        refuse_full(desk, service, observed)
    elif wish.verb == "import":
        _refuse_missing(wish.file)
        _refuse_full(service, Path(folder), Path(wish.file).stat().st_size)
    else:
        snapshot_of(desk, service.name, wish.snapshot)
    busy = unfinished_of(desk.journal, service.name)
    needed = needed_by((busy,) if busy else ())
    if wish.verb == "remove" and busy is not None and Name("snapshot", wish.snapshot) in needed:
        raise RefusedError(
            f"operation {busy.number} ({busy.planned.kind}) is unfinished and needs "
            f"snapshot {wish.snapshot}",
            hint=busy.ways,
        )
    return Wanted(
        request=Request(
            version=observed.found.version, probe=options.probe, called=observed.ledger.called
        ),
        planner=partial(plan_snapshot, wish=wish, folder=folder, volumes=volumes),
        notes=notes,
        asks=wish.verb == "remove",
        look_again="occ snapshot list",
    )


def _refuse_full(service: Service, folder: Path, size: int) -> None:
    """Raises FailedError where a file of so many bytes would leave less room than `min_free`."""
    full = refusal(service.name, folder, size, service.min_free) if service.min_free else None
    if full is not None:
        raise full


def _refuse_missing(file: str) -> None:
    """Raises NotFoundError where there is no such file, FailedError where nobody can tell."""
    try:
        there = Path(file).is_file()
    except OSError as error:
        raise FailedError(
            f"{file} cannot be read ({error.strerror})", hint=f"ls -la {file}"
        ) from None
    if not there:
        raise NotFoundError(f"there is no file {file}", hint=f"ls -la {file}")
