"""One volume of a snapshot, written into an empty volume of the engine and read back."""

from collections.abc import Callable
from dataclasses import dataclass

from occ.archives.manifest import Listing, differences
from occ.archives.members import Members
from occ.archives.packing import digest, pieces
from occ.archives.store import DATA, Store
from occ.archives.tar import BrokenTarError, Header, Tar
from occ.domain.snapshots import Record, SnapshotVolume, Way
from occ.errors import FailedError
from occ.operations.describing import damaged, manifest_of
from occ.operations.reading import VolumeReader
from occ.operations.writing import VolumeWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoring:
    """Brings volumes of one snapshot back. `tick` is called often, and may raise."""

    store: Store
    reader: VolumeReader
    writer: VolumeWriter
    tick: Callable[[], None]
    called: str
    """The snapshot, as people call it."""

    def whole(self, record: Record, volume: SnapshotVolume) -> Members:
        """The members of a volume whose file is as it was recorded.

        Raises:
            RefusedError: it is unverified.
            NotFoundError, SnapshotDamagedError: a file is not there, or not as it was recorded.
        """
        members = manifest_of(self.store, record, volume)
        with self.store.reading(volume.file + DATA) as file:
            if digest(file, tick=self.tick) != volume.sha256:
                path = self.store.path(volume.file + DATA)
                raise damaged(path, "its hash is not the recorded one")
        return members

    def empty(self, target: str) -> bool:
        """Whether a volume has nothing but its own folder."""
        tar = Tar(_OneMember())
        try:
            self.reader.read(target, tar.feed, tick=self.tick)
        except _MoreError:
            return False
        finally:
            self.reader.clear()
        return True

    def write(self, volume: SnapshotVolume, target: str) -> Way:
        """Write the data of a volume into another one; the way that it went.

        Raises:
            SnapshotDamagedError: its file holds no whole tar.
            FailedError, EngineRefusedError: it could not be written to its end.
        """
        try:
            with self.store.reading(volume.file + DATA) as file:
                return self.writer.write(target, pieces(file), tick=self.tick)
        except BrokenTarError as error:
            raise damaged(self.store.path(volume.file + DATA), str(error)) from None

    def compare(self, volume: SnapshotVolume, wanted: Members, target: str, way: Way) -> None:
        """Read a volume to its end, and see that it has what the manifest has.

        Raises:
            FailedError: it has something else; the first path of it is named.
        """
        try:
            there, read = members_of(self.reader, target, self.tick)
        except BrokenTarError as error:
            raise FailedError(
                f"the volume {target} could not be read back whole: {error}",
                hint="try again while nothing writes there",
            ) from error
        coarse = "engine" in {volume.way, way, read}
        first = next(differences(wanted, there, coarse=coarse), None)
        if first is not None:
            number = volume.file.partition(".")[0]
            raise FailedError(
                f"the volume {target} is not as {self.called} has it: "
                f"{first.path!r} ({first.what})",
                hint=f"occ snapshot verify {number}, then try again",
            )


def members_of(reader: VolumeReader, source: str, tick: Callable[[], None]) -> tuple[Members, Way]:
    """The members that a volume has now, and the way that it was read.

    Raises:
        BrokenTarError: it could not be read to its end.
        NotFoundError, FailedError: it is not there, or cannot be read.
    """
    listing = Listing(tick)
    tar = Tar(listing)
    way, _ = reader.read(source, tar.feed, tick=tick)
    tar.finish()
    return listing.members(), way


class _MoreError(Exception):
    """A volume has more than its own folder."""


class _OneMember:
    """Lets a volume's own folder go by, and nothing else."""

    def __init__(self) -> None:
        self._begun = False

    def begin(self, header: Header) -> None:  # noqa: ARG002 - as every visitor
        if self._begun:
            raise _MoreError
        self._begun = True

    def data(self, piece: memoryview) -> None:
        """A folder has none."""

    def end(self) -> None:
        """As its end."""
