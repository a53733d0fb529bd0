"""Manifests of the files of a snapshot: made from them, and read."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from occ.archives.manifest import Listing
from occ.archives.members import Members, Written, written
from occ.archives.packing import unpacked
from occ.archives.store import DATA, MANIFEST, Store
from occ.archives.tar import BrokenTarError
from occ.domain.snapshots import Record, SnapshotVolume
from occ.errors import RefusedError, SnapshotDamagedError


def describe(
    store: Store,
    volume: SnapshotVolume,
    tick: Callable[[], None],
    *,
    others: frozenset[str] = frozenset(),
) -> tuple[str, str]:
    """Make a volume's manifest from its file; its digest, and that of the file as it is.

    `others` are digests that the file may have too: it is shared, and nobody wrote that down.

    Raises:
        NotFoundError, SnapshotDamagedError: the file is not there, or not as it was recorded.
    """
    listing = Listing(tick)
    path = store.path(volume.file + DATA)
    try:
        with store.reading(volume.file + DATA) as file:
            packed = unpacked(file, listing, tick=tick)
    except BrokenTarError as error:
        raise damaged(path, str(error)) from None
    if packed.sha256 not in {volume.sha256, *others}:
        raise damaged(path, "its hash is not the recorded one")
    text = written(listing.members())
    store.write(volume.file + MANIFEST, text)
    return hashlib.sha256(text).hexdigest(), packed.sha256


def damaged(path: Path, why: str) -> SnapshotDamagedError:
    """The error for a file of a snapshot that is not as it was recorded."""
    return SnapshotDamagedError(
        f"{path} is damaged: {why}", hint="occ snapshot list: another one may be whole"
    )


def manifest_of(store: Store, record: Record, volume: SnapshotVolume) -> Members:
    """The members of a volume, by the manifest that was recorded.

    Raises:
        RefusedError: it is unverified, so that there is none.
        SnapshotDamagedError: the manifest is not the recorded one.
    """
    number, name = record.snapshot.number, volume.file + MANIFEST
    if volume.name not in record.manifests:
        raise RefusedError(
            f"snapshot {number} is unverified: it has no manifest of {volume.name}",
            hint=f"occ snapshot verify {number}",
        )
    with store.reading(name) as file:
        text = file.read()
    if hashlib.sha256(text).hexdigest() != record.manifests[volume.name]:
        raise damaged(store.path(name), "its hash is not the recorded one")
    try:
        return Written(text)
    except ValueError as error:
        raise SnapshotDamagedError(f"{store.path(name)} is damaged: {error}") from None
