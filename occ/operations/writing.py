"""How the data of a volume is written: as it is read, through its engine or beside it."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from occ.archives import host_tar
from occ.archives.relocation import relocated
from occ.archives.syncing import sync_disk
from occ.domain.snapshots import Way
from occ.domain.spec import Spec, Volume
from occ.engine.port import Engine
from occ.errors import FailedError, NotFoundError
from occ.operations import labels
from occ.operations.lending import Lender
from occ.operations.reading import PLACE, folder_beside, sees_same_folders

NOT_WRITTEN: Final[Mapping[Way, tuple[str, ...]]] = {
    "engine": ("holes (they are filled)", "extended attributes without a value"),
    "host": (),
}
"""The things in a file that a way of writing does not bring back."""
_ROOTS: Final[Mapping[Way, str]] = {"engine": f"{PLACE.lstrip('/')}/", "host": "./"}


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeWriter:
    """Writes into volumes that nothing else uses.

    The helper that the engine's way takes is never started, and has the volume alone, writable:
    nothing of its image gets into it.
    """

    engine: Engine
    journal: str
    service: str
    operation: int
    image: str
    """The id of an image that is on the host."""

    def clear(self) -> None:
        """Have no helper, neither our own nor one that a crash left."""
        self._lender.clear()

    def settle(self, target: str) -> None:
        """Make a helper and remove it: then no call under way makes one, or writes, afterwards."""
        if self.engine.volume(target) is not None:
            # a helper that cannot be made needs no removal
            with suppress(FailedError, NotFoundError):
                self._lend(target)
        self.clear()

    def quiesce(self) -> None:
        """Have no helper, nor any that a call under way makes afterwards; no volume is touched."""
        self._lender.quiesce()

    def write(self, target: str, give: Iterable[bytes], *, tick: Callable[[], None]) -> Way:
        """Write the tar of a volume, read in either way, into a volume that is there; the way.

        On the disks of this machine it is safe then.

        Raises:
            NotFoundError: there is no such volume.
            BrokenTarError: it is no whole tar of a volume.
            FailedError, EngineRefusedError: it could not be written to its end.
        """
        folder = folder_beside(self.engine, target)
        if folder:
            host_tar.write_folder(folder, relocated(give, _ROOTS["host"]), tick=tick)
            sync_disk(folder, tick=tick)
            return "host"
        helper = self._lend(target)
        self.engine.write_folder(helper, PLACE, relocated(give, _ROOTS["engine"]), tick=tick)
        self.clear()
        if sees_same_folders(self.engine.info()):
            sync_disk("", tick=tick)
        return "engine"

    @property
    def _lender(self) -> Lender:
        return Lender(
            engine=self.engine,
            name=f"{self.service}.occ-restore",
            service=self.service,
            image=self.image,
            known={labels.JOURNAL: self.journal, labels.HELPER: f"restore of {self.service}"},
            operation=self.operation,
        )

    def _lend(self, target: str) -> str:
        return self._lender.lend(Spec(volumes=(Volume(name=target, path=PLACE),)))
