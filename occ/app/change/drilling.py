"""The request of a drill: a snapshot that is to be shown to be restorable, and its version."""

from functools import partial

from occ.app.change.observed import Observed
from occ.app.change.rehearsing import beside, refuse_engine, refuse_open
from occ.app.change.requests import Wanted
from occ.app.change.snapshots import snapshot_request
from occ.app.desk import Desk
from occ.app.knowledge.rehearsals import reach_words
from occ.app.knowledge.snapshots import snapshot_of, store_of
from occ.app.ledgers import snapshots_of
from occ.app.options import Options
from occ.domain.request import Request
from occ.errors import NotFoundError, RefusedError
from occ.operations.kinds.snapshot import SnapshotWish, Volumes, plan_snapshot
from occ.operations.reading import sees_same_folders
from occ.settings import Service


def snapshot_or_drill(desk: Desk, service: Service, options: Options, observed: Observed) -> Wanted:
    """The request of a command on snapshots.

    Raises:
        NotFoundError, RefusedError: as that of each.
    """
    wish = options.wish
    if isinstance(wish, SnapshotWish) and wish.verb == "drill":
        return _drill(desk, service, options, observed, wish)
    return snapshot_request(desk, service, options, observed)


def _drill(
    desk: Desk, service: Service, options: Options, observed: Observed, wish: SnapshotWish
) -> Wanted:
    number = wish.snapshot or _newest(desk, service.name)
    record, ledger = snapshot_of(desk, service.name, number), observed.ledger
    if not record.verified:
        raise RefusedError(
            f"snapshot {number} is unverified: nothing tells what a restore should bring",
            hint=f"occ snapshot verify {number}",
        )
    target = ledger.versions.get(record.snapshot.version)
    if target is None:
        raise NotFoundError(
            f"the version that wrote snapshot {number} is not known", hint="occ versions"
        )
    refuse_engine(observed.info)
    version = target.version
    here = sees_same_folders(observed.info)
    refuse_open(service, version.spec, f"version {version.number}", here=here)
    folder = store_of(desk, service.name).folder
    image = observed.found.image or version.image
    wish = SnapshotWish(verb="drill", snapshot=number)
    return Wanted(
        request=Request(
            version=version.number,
            probe=options.probe,
            called=ledger.called,
            rehearsing=beside(service, folder, image),
        ),
        planner=partial(plan_snapshot, wish=wish, folder=str(folder), volumes=Volumes()),
        notes=tuple(reach_words(desk, service)),
        look_again="occ snapshot list",
    )


def _newest(desk: Desk, service: str) -> int:
    known = snapshots_of(desk.journal, service)
    verified = [number for number, record in known.items() if record.verified]
    if not verified:
        raise NotFoundError(
            f"{service} has no verified snapshot to be drilled", hint="occ snapshot create"
        )
    return max(verified)
