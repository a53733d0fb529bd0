"""How the data of a volume is read: through its engine, or, where that can be, beside it."""

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from occ.archives import host_tar
from occ.domain.snapshots import Way
from occ.domain.spec import Mount, Spec, Volume
from occ.engine.port import Engine
from occ.engine.values import Container, EngineInfo
from occ.errors import EngineRefusedError, FailedError, NotFoundError
from occ.operations import labels
from occ.operations.lending import Lender

PLACE: Final = "/occ-snapshot"
ON_HOST: Final = "a process of the host"
"""The writer that tar noticed and no container is."""
_WRITING: Final = frozenset({"running", "restarting"})


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeReader:
    """Reads volumes; never through the service's own container.

    The helper that the engine's way takes is of the version's own image, has no network, and is
    never started. It is known by its labels; at most one reader of an operation is at work.
    """

    engine: Engine
    journal: str
    service: str
    operation: int
    """0 where the data is only looked at."""
    image: str
    """The id of an image that is on the host."""

    def clear(self) -> None:
        """Have no helper, neither our own nor one that a crash left."""
        self._lender.clear()

    def settle(self, sources: Collection[str]) -> None:
        """Make the helpers and remove them: then no call under way makes one afterwards."""
        for place, source in enumerate(sources):
            if source.startswith("/") or self.engine.volume(source) is not None:
                # a helper that cannot be made needs no removal
                with suppress(FailedError, NotFoundError):
                    self._lend(source, place)
        self.clear()

    def quiesce(self) -> None:
        """Have no helper, nor any that a call under way makes afterwards; no volume is touched."""
        self._lender.quiesce()

    def lend(self, sources: Collection[str]) -> None:
        """Have a helper for each of these that is read through the engine, to be read `lent`.

        Raises:
            NotFoundError: there is no such volume.
            FailedError: one cannot be made.
        """
        for place, source in enumerate(sources):
            if not self.folder(source):
                self._lend(source, place)

    def lends(self, sources: Collection[str]) -> bool:
        """Whether each of these can be read `lent`."""
        there = self._lent()
        return all(source in there or self.folder(source) for source in sources)

    def read(
        self,
        source: str,
        take: Callable[[bytes], None],
        *,
        tick: Callable[[], None],
        lent: bool = False,
    ) -> tuple[Way, tuple[str, ...]]:
        """Read a volume, or a folder of the host; the way, and who else was seen to write.

        With `lent` its helper is there already, and stays.

        Raises:
            NotFoundError: there is no such volume, or its helper is gone.
            FailedError: it could not be read to its end.
        """
        folder = self.folder(source)
        if folder:
            changed = host_tar.read_folder(folder, take, tick=tick)
            return "host", (ON_HOST,) if changed else ()
        if lent:
            helper = self._lent().get(source, "")
            if not helper:
                raise NotFoundError(
                    f"the container through which {source} is read is gone", hint="occ update"
                )
            self.engine.read_folder(helper, PLACE, take, tick=tick)
            return "engine", ()
        helper = self._lend(source)
        self.engine.read_folder(helper, PLACE, take, tick=tick)
        self.clear()
        return "engine", ()

    def folder(self, source: str) -> str:
        """The folder of this host that can be read in its place; empty where there is none."""
        return folder_beside(self.engine, source)

    @property
    def _lender(self) -> Lender:
        return self._lending(0)

    def _lending(self, place: int) -> Lender:
        number = f".{self.operation}" if self.operation else ""
        return Lender(
            engine=self.engine,
            name=f"{self.service}.occ-snapshot{number}{f'.{place + 1}' if place else ''}",
            service=self.service,
            image=self.image,
            known=self._known,
            operation=self.operation,
        )

    @property
    def _known(self) -> Mapping[str, str]:
        return {
            labels.JOURNAL: self.journal,
            labels.HELPER: f"snapshot of {self.service}",
            labels.OPERATION: str(self.operation),
        }

    def _lent(self) -> Mapping[str, str]:
        """The volumes and folders that have a helper, each with its id."""
        there = self.engine.containers(self._known)
        return {one.mounts[PLACE]: one.id for one in there if PLACE in one.mounts}

    def _lend(self, source: str, place: int = 0) -> str:
        """A container that is never started, with the volume read-only and not filled."""
        if source.startswith("/"):
            mount = Mount(source=source, path=PLACE, read_only=True)
            return self._lending(place).lend(Spec(mounts=(mount,)))
        volume = Volume(name=source, path=PLACE, read_only=True)
        return self._lending(place).lend(Spec(volumes=(volume,)))


def folder_beside(engine: Engine, source: str) -> str:
    """The folder of this host that can stand for a volume or itself; empty where none can.

    Raises:
        NotFoundError: there is no such volume.
    """
    info = engine.info()
    if source.startswith("/"):
        beside = source
    else:
        there = engine.volume_place(source)
        if there is None:
            raise NotFoundError(f"the volume {source} is not there", hint="docker volume ls")
        beside = there.folder if there.driver == "local" and there.plain else ""
    can = (
        sees_same_folders(info)
        and not info.remapped
        and not info.podman
        and host_tar.readable(beside)
    )
    return beside if can else ""


def sees_same_folders(info: EngineInfo) -> bool:
    """Whether a path of the engine's machine means the same folder here.

    A forwarded socket looks local, and so does one in a container: there may be a folder of that
    path, and be another one.
    """
    return info.local and info.host in {"", os.uname().nodename}


def writers(engine: Engine, sources: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """For each of these the containers that run with it mounted writable, by name.

    A paused one writes nothing. A folder of the host counts also where a part of it is mounted, or
    one around it.
    """
    there = _mounting(engine, sources)
    return {
        source: tuple(
            sorted(
                one.name
                for one in there
                if one.state in _WRITING
                and any(
                    _meet(mounted, source) and path not in one.read_only
                    for path, mounted in one.mounts.items()
                )
            )
        )
        for source in sources
    }


def _mounting(engine: Engine, sources: Collection[str]) -> Iterable[Container]:
    """The containers that may mount one of these."""
    if not any(source.startswith("/") for source in sources):
        return [one.container for one in engine.neighbours((), sources)]
    found = list[Container | None]()
    for known in set(engine.names().values()):
        with suppress(EngineRefusedError):  # a stranger's that is half removed
            found.append(engine.inspect(known))
    return [one for one in found if one is not None]


def _meet(mounted: str, source: str) -> bool:
    """Whether they are the same volume, or folders of which one holds the other."""
    if mounted == source or not (mounted.startswith("/") and source.startswith("/")):
        return mounted == source
    one, other = PurePosixPath(mounted), PurePosixPath(source)
    return one.is_relative_to(other) or other.is_relative_to(one)
