"""Taking leave of a service: what of it is whose, on the host and beside the journal."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from occ import own_files
from occ.app import host
from occ.app.change.outcome import unfinished_error
from occ.app.desk import Desk
from occ.app.knowledge.snapshots import store_of
from occ.app.ledgers import any_unfinished, ledger_of, snapshots_of, unfinished_of
from occ.archives.sizes import walked
from occ.clock import local_time
from occ.domain.versions import Ledger
from occ.engine.values import Container
from occ.errors import FailedError, NotFoundError, RefusedError
from occ.operations import labels
from occ.operations.anchoring import Anchor
from occ.operations.kinds.remove import Belongings
from occ.operations.reading import folder_beside
from occ.settings.secret_values.fingerprints import KEY_FILE


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """The files that would go: config, secrets and journal."""

    service: str
    files: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """Everything that stays."""


def belongings(desk: Desk, service: str, ledger: Ledger) -> tuple[Belongings, tuple[str, ...]]:
    """Our containers and volumes on the host, and notes on those that are not ours and stay."""
    engine, journal = desk.engine_of(service), desk.journal.id
    # An anchor first: while it is there the engine removes no volume of its set.
    anchors = [
        helper
        for number in sorted(ledger.data.known)
        for helper in Anchor(
            engine=engine, journal=journal, service=service, operation=0, number=number
        ).lender.there()
    ]
    containers = (*anchors, *host.ours(engine, journal, service, ledger).all)
    names = {v.name for r in ledger.versions.values() for v in r.version.spec.volumes}
    names |= {real for data in ledger.data.known.values() for real in data.volumes.values()}
    others = {
        volume.name
        for name, other in desk.settings.services.items()
        for volume in other.spec.volumes
        if name != service
    }
    volumes = []
    notes = [
        *data_sets(desk, service, ledger),
        "its images and their keep tags stay",
        *snapshots_stay(desk, service),
    ]
    for name in sorted(names):
        mark = engine.volume(name)
        if mark is None:
            continue
        if mark.get(labels.JOURNAL) != journal or mark.get(labels.SERVICE) != service:
            notes.append(f"volume {name} was not made by occ, and stays: docker volume rm {name}")
        elif name in others:
            notes.append(f"volume {name} is another service's too, and stays")
        else:
            volumes.append(name)
    found = Belongings(containers=tuple(c.id for c in containers), volumes=tuple(volumes))
    return found, tuple(notes)


def snapshots_stay(desk: Desk, service: str) -> tuple[str, ...]:
    """Notes on the snapshots of a service that is taken leave of; none where it has none."""
    known, folder = snapshots_of(desk.journal, service), store_of(desk, service).folder
    listed = ", ".join(
        f"{number} ({_mb(sum(one.bytes for one in record.snapshot.volumes))})"
        for number, record in known.items()
    )
    return (f"its snapshots stay in {folder}: {listed}",) if known else ()


def data_sets(desk: Desk, service: str, ledger: Ledger) -> tuple[str, ...]:
    """Notes on the data sets of a service, that of now and those that a rollback has left."""
    mounted = {
        volume.name
        for number, record in ledger.versions.items()
        if number == ledger.current
        for volume in record.version.spec.volumes
    }
    current = ledger.data.current
    now = [current.real(name) for name in sorted(mounted)]
    there = _sized(desk, service, now)
    notes = [f"its data of now is in {there}"] if there else []
    for number, left in sorted(ledger.data.left.items()):
        apart = ledger.data.apart(number, current.number, *(ledger.data.left.keys() - {number}))
        if apart:
            of = f" of version {left.version}" if left.version else ""
            when = local_time(left.at, "%Y-%m-%d %H:%M")
            notes.append(
                f"data set {number}{of}, left on {when}, is in {_sized(desk, service, apart)}"
            )
    return tuple(notes)


def _sized(desk: Desk, service: str, volumes: Iterable[str]) -> str:
    """Volumes with their sizes, where these can be read."""
    engine, told = desk.engine_of(service), list[str]()
    for volume in volumes:
        try:
            folder = folder_beside(engine, volume)
            told.append(f"{volume} ({_mb(walked(folder).bytes)})" if folder else volume)
        except FailedError:
            told.append(volume)
        except NotFoundError:  # it is gone already
            continue
    return ", ".join(told)


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def only_copy(desk: Desk, service: str, ledger: Ledger) -> bool:
    """Whether something of its data may be in no snapshot.

    The data of now is in one where the newest has all volumes and was taken since the service's
    end. Sets that were left count as not taken.
    """
    known = [one for one in snapshots_of(desk.journal, service).values() if one.verified]
    current, there = ledger.versions.get(ledger.current), _current(desk, service, ledger)
    if ledger.data.left or not known or current is None or there is None or there.running:
        return True
    newest = known[-1]
    taken = {volume.name for volume in newest.snapshot.volumes}
    whole = {volume.name for volume in current.version.spec.volumes} <= taken
    return not (whole and not newest.snapshot.fuzzy and there.finished_at <= newest.taken_at)


def _current(desk: Desk, service: str, ledger: Ledger) -> Container | None:
    return host.ours(desk.engine_of(service), desk.journal.id, service, ledger).current


def purging(desk: Desk, service: str) -> Purge:
    """The files that a purge would remove; nothing is touched.

    Raises:
        RefusedError: config or journal are another service's too.
        UnfinishedError: an operation is unfinished, and needs its journal.
    """
    settings = desk.settings
    if operation := any_unfinished(desk.journal, service):
        raise unfinished_error(operation)
    others = sorted(_others(desk, service))
    if others:
        raise RefusedError(
            f"config and journal are those of {', '.join(others)} too",
            hint=f"occ forget --service {others[0]}, and take it out of {settings.path}",
        )
    known = settings.services.get(service)
    secrets = settings.secrets_file(known) if known else None
    files = [
        settings.path,
        settings.path.parent / KEY_FILE,
        *([secrets] if secrets else []),
        *desk.journal.files(),
    ]
    ledger = ledger_of(desk.journal, service)
    notes = []
    if ledger.current:
        notes.append(f"its container stays: occ adopt {service} --take looks after it again")
    notes += snapshots_stay(desk, service)
    if known and known.spec.secrets and settings.secrets_store == "keyring":
        notes.append("its secrets stay in the keyring: occ secret unset takes them out before")
    return Purge(
        service=service,
        files=tuple(str(file) for file in dict.fromkeys(files) if file.is_file()),
        notes=tuple(notes),
    )


def purge(desk: Desk, wanted: Purge) -> None:
    """Have these files gone, while nobody works on the service.

    Raises:
        FailedError: one cannot be removed.
    """
    with desk.lock(wanted.service):
        desk.close()
        for file in (*map(Path, wanted.files), *desk.journal.files()):  # the lock's among them
            try:
                own_files.remove(file)
            except OSError as error:
                raise FailedError(
                    f"{file} cannot be removed ({error.strerror})", hint=f"rm {file}"
                ) from None


def _others(desk: Desk, service: str) -> Iterator[str]:
    known = {entry.service for entry in desk.journal.latest()}
    declared = set(desk.settings.services) if desk.settings.exists else set()
    for name in (known | declared) - {service}:
        if (
            name in declared
            or ledger_of(desk.journal, name).current
            or unfinished_of(desk.journal, name)
        ):
            yield name
