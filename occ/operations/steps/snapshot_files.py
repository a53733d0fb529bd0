"""Steps on the files of a snapshot: its manifests made, and one brought from elsewhere."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from occ.archives import parcel
from occ.archives.packing import digest
from occ.archives.store import DATA, Store
from occ.domain import step_names
from occ.domain.events import Event
from occ.domain.snapshots import (
    Described,
    Record,
    Snapshot,
    SnapshotDescribed,
    SnapshotTaken,
    SnapshotVolume,
)
from occ.domain.values import Json
from occ.errors import (
    FailedError,
    JournalConflictError,
    NotFoundError,
    OccError,
    SnapshotDamagedError,
    StoppedByOperatorError,
)
from occ.operations.describing import describe
from occ.operations.step_context import StepContext
from occ.operations.steps.snapshot import (
    give_up_files,
    reader_of,
    recorded,
    refuse_superseded,
    said_of,
    ticking,
)
from occ.operations.steps.step import Result, Step

_UNVERIFIED: Final = (FailedError, NotFoundError, SnapshotDamagedError, StoppedByOperatorError)
"""The failures that leave a snapshot which was just taken without its manifests."""


@dataclass(frozen=True, slots=True)
class DescribeSnapshot(Step):
    """Have the manifests of a snapshot, made from its files, which are read whole for it."""

    name: ClassVar[str] = step_names.DESCRIBE_SNAPSHOT
    folder: str
    snapshot: int = 0
    """0 for the one that this operation took: there a failure leaves its volume without a manifest,
    and a volume whose manifest is that of an earlier snapshot shares that one's file."""

    def seen(self, context: StepContext) -> Result | None:
        """The manifests count when the journal has their digests."""
        return recorded(context, self.name)

    def apply(self, context: StepContext) -> Result:
        """Make them, or leave a snapshot that was just taken without them.

        Raises:
            NotFoundError: there is no such snapshot, or a file of it is not there.
            SnapshotDamagedError: a file is not as it was recorded.
        """
        try:
            return self.described(context)
        except _UNVERIFIED as error:
            if self.snapshot:
                raise
            return unverified(context.operation.number, error)

    def described(self, context: StepContext) -> Result:
        """Make them.

        Raises:
            FailedError: there is no room for one, or a file cannot be read.
            NotFoundError, SnapshotDamagedError: as `apply`.
        """
        number = self.snapshot or context.operation.number
        known = context.snapshots()
        if number not in known:
            raise NotFoundError(f"there is no snapshot {number}", hint="occ snapshot list")
        volumes = known[number].snapshot.volumes
        made, lost = dict[str, tuple[str, str]](), ""
        stays = "" if self.snapshot else _cleared(context)
        for volume in volumes:
            try:
                made[volume.name] = self._describe(context, known, known[number], volume)
            except (NotFoundError, SnapshotDamagedError) as error:
                if self.snapshot:
                    raise
                lost = lost or error.message
        shares = not (self.snapshot or lost)
        told = [
            self._sharing(context, known, known[number], volume, *made[volume.name], shares=shares)
            for volume in volumes
            if volume.name in made
        ]
        shared = sum(1 for one in told if one["same_as"])
        said = f"verified, {shared} as before" if shared else "verified"
        result: dict[str, Json] = {"number": number, "described": list[Json](told), "said": said}
        why = f"snapshot {number} is unverified: {lost} (try: occ snapshot verify {number})"
        warning = "; ".join(filter(None, (why if lost else "", stays)))
        if lost:
            result["said"] = "unverified"
        return {**result, "warning": warning} if warning else result

    def revert(self, context: StepContext) -> Result:
        """A manifest without its event is nothing, and is written again by the next one."""
        return {}

    def facts(self, result: Result) -> tuple[Event, ...]:
        """The manifests' digests."""
        told, number = result.get("described"), result.get("number")
        if not isinstance(told, list) or not isinstance(number, int):
            return ()
        volumes = tuple(_described(one) for one in told if isinstance(one, Mapping))
        return (SnapshotDescribed(number, volumes),)

    def _describe(
        self,
        context: StepContext,
        known: Mapping[int, Record],
        record: Record,
        volume: SnapshotVolume,
    ) -> tuple[str, str]:
        """Make a volume's manifest; its digest, and that of the file as it is."""
        before = {one.sha256 for _, one, _ in _earlier(known, record, volume)}
        return describe(
            Store(Path(self.folder)), volume, ticking(context), others=frozenset(before)
        )

    def _sharing(
        self,
        context: StepContext,
        known: Mapping[int, Record],
        record: Record,
        volume: SnapshotVolume,
        manifest: str,
        sha256: str,
        *,
        shares: bool,
    ) -> dict[str, Json]:
        """The manifest as it is recorded, with the earlier file that the volume has from now on.

        It comes when all manifests are made: a file that is exchanged and not recorded so would
        look damaged.
        """
        store, tick = Store(Path(self.folder)), ticking(context)
        told: dict[str, Json] = {"name": volume.name, "manifest": manifest, "same_as": 0}
        for number, one, theirs in reversed(_earlier(known, record, volume)):
            if theirs != manifest:
                continue
            already = sha256 == one.sha256 != volume.sha256
            if already or (shares and _share(store, volume, one, tick)):
                sizes: dict[str, Json] = {"bytes": one.bytes, "raw_bytes": one.raw_bytes}
                return {**told, "same_as": number, "sha256": one.sha256, **sizes}
        return told


def unverified(number: int, error: OccError) -> Result:
    """The result for a snapshot that has no manifests for this reason."""
    warning = (
        f"snapshot {number} is unverified: {error.message} (try: occ snapshot verify {number})"
    )
    return {"number": number, "said": "unverified", "warning": warning}


def _earlier(
    known: Mapping[int, Record], record: Record, volume: SnapshotVolume
) -> list[tuple[int, SnapshotVolume, str]]:
    """The earlier snapshots of a volume that were read the same way, with their manifests."""
    return [
        (number, one, known[number].manifests.get(one.name, ""))
        for number in sorted(known)
        if number < record.snapshot.number
        for one in known[number].snapshot.volumes
        if (one.name, one.way) == (volume.name, volume.way)
    ]


def _share(
    store: Store, volume: SnapshotVolume, earlier: SnapshotVolume, tick: Callable[[], None]
) -> bool:
    """Have the file be the earlier one's, if that is whole: no good copy goes for a bad one."""
    try:
        with store.reading(earlier.file + DATA) as file:
            whole = digest(file, tick=tick) == earlier.sha256
    except (NotFoundError, FailedError, StoppedByOperatorError):
        return False
    return whole and store.refer(volume.file + DATA, earlier.file + DATA)


def _cleared(context: StepContext) -> str:
    """Have no helper, which stayed for as long as the service was down; why one is left.

    No manifest waits for that: without one the data of before could not be put back.
    """
    reader = reader_of(context, "")
    try:
        reader.clear()
    except NotFoundError:
        return ""  # it is gone
    except FailedError as error:
        return f"a helper stays until the next snapshot or docker rm: {error.message}"
    return ""


def _described(told: Mapping[str, Json]) -> Described:
    def text(key: str) -> str:
        value = told.get(key)
        return value if isinstance(value, str) else ""

    def number(key: str) -> int:
        value = told.get(key)
        return value if isinstance(value, int) else 0

    return Described(
        name=text("name"),
        manifest=text("manifest"),
        same_as=number("same_as"),
        sha256=text("sha256"),
        bytes=number("bytes"),
        raw_bytes=number("raw_bytes"),
    )


@dataclass(frozen=True, slots=True)
class ImportSnapshot(Step):
    """Have the files of an exported snapshot, each checked, under the operation's number."""

    name: ClassVar[str] = step_names.IMPORT_SNAPSHOT
    folder: str
    file: str
    """The exported file."""

    def seen(self, context: StepContext) -> Result | None:
        """Files that no event names are never believed."""
        return recorded(context, self.name)

    def apply(self, context: StepContext) -> Result:
        """Copy them. Its manifests stay out: they are made here, by a verification."""
        store, number = Store(Path(self.folder)), context.operation.number
        store.remove(number)  # from an earlier attempt: the reservation is recorded
        tick = ticking(context)
        try:
            with os.fdopen(os.open(self.file, os.O_RDONLY | os.O_NOCTTY), "rb") as file:
                snapshot = parcel.unwrapped(file, self.file, store, number, tick=tick)
            refuse_superseded(context)
        except JournalConflictError:
            give_up_files(context, store)
            raise
        except OSError as error:
            raise FailedError(
                f"{self.file} cannot be read ({error.strerror})", hint=f"ls -la {self.file}"
            ) from None
        return {**snapshot.to_json(), "said": said_of(snapshot)}

    def revert(self, context: StepContext) -> Result:
        """Leave it to the reservation."""
        return {}

    def facts(self, result: Result) -> tuple[Event, ...]:
        """The snapshot."""
        return (SnapshotTaken(Snapshot.from_json(result)),)
