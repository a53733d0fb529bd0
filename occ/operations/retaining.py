"""The data and images of another day as they lie on the host: size, owner, the room beside."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from occ import disks
from occ.archives.sizes import walked
from occ.archives.store import Store
from occ.domain.kept_names import Name
from occ.domain.operation import Operation
from occ.domain.request import Version
from occ.domain.retention import Item, Retention, needed_by, protected, retention
from occ.domain.rules import Retain
from occ.domain.snapshots import Record
from occ.domain.versions import Ledger, previous
from occ.engine.port import Engine
from occ.errors import FailedError, NotFoundError
from occ.operations import labels
from occ.operations.anchoring import ANCHORS
from occ.operations.kept_images import KeptImages, needed_images
from occ.operations.reading import folder_beside

_LARGE: Final = 4
"""The next snapshot is expected to be larger than the last one by a part of so many."""


def refusal(service: str, folder: Path, size: int, min_free: int) -> FailedError | None:
    """The failure where so many bytes more would leave less than `min_free`; else None."""
    disk = disks.disk_of(folder)
    if disk is None or disk.free - size >= min_free:
        return None
    takes = f", and the snapshot takes about {size / 1e6:.1f} MB" if size else ""
    return FailedError(
        f"{disk.free / 1e6:.1f} MB are free for {folder}{takes}: "
        f"min_free, {min_free / 1e6:.1f} MB, would not be kept",
        hint=f"occ prune --service {service}",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """Asks the rules about the data of one service."""

    engine: Engine
    journal: str
    service: str
    retain: Retain
    ledger: Ledger
    snapshots: Mapping[int, Record]
    unfinished: tuple[Operation, ...]
    """The operations that have not ended, the one that asks among them."""

    @property
    def images(self) -> KeptImages:
        """The keep tags."""
        return KeptImages(
            engine=self.engine, journal=self.journal, service=self.service, ledger=self.ledger
        )

    @property
    def store(self) -> Store:
        """The files of the snapshots."""
        return Store(Path(self.retain.folder))

    def decide(self, now: int, *, sized: bool) -> Retention:
        """The answer of the rules; with `sized` the data sets are walked for their size.

        The registries are asked about the images that would go, and no others.

        Raises:
            FailedError: the folder of the snapshots cannot be read.
        """
        items = tuple(self.items(sized=sized or self.retain.rules.measures))
        stays = protected(items, self.ledger, self._back(), self._needed())
        retain = replace(self.retain, room=max(self.retain.room, self._next_size()))
        free = self._free()
        answer = retention(retain, items, stays, self.ledger, free, now)
        images = [one.item.name for one in answer.gone if one.item.name.sort == "image"]
        lost = {name: why for name in images if (why := self.images.unpublished(name.number))}
        return retention(retain, items, stays | lost, self.ledger, free, now) if lost else answer

    def stays(self, name: Name) -> str:
        """Why something that was chosen stays after all; empty where it may go."""
        record = self.snapshots.get(name.number)
        if name.sort == "snapshot" and record is not None and record.pinned:
            return "pinned"
        if why := self._needed().get(name, ""):
            return why
        if name.sort == "image":
            return self.images.stays(name.number)
        if name.sort == "data set" and name.number == self.ledger.data.number:
            return "it is the data of now"
        return self.fixed(self.volumes(name.number)) if name.sort == "data set" else ""

    def volumes(self, number: int) -> tuple[str, ...]:
        """The volumes of the engine that a data set has and no other that is kept or needed."""
        data = self.ledger.data
        asked = {one.number for one in self._needed() if one.sort == "data set"}
        live = {data.number, *data.left, *(asked & data.known.keys())} - {number}
        return data.apart(number, *live) if number in data.known else ()

    def fixed(self, volumes: Collection[str]) -> str:
        """Why these volumes cannot be removed; empty where they can."""
        for volume in volumes:
            there = self.engine.volume(volume)
            if there is None:
                continue
            if not labels.mine(self.journal, self.service).items() <= there.items():
                return f"the volume {volume} was not made by occ, and whoever made it removes it"
            if volume in self.retain.spared:
                return f"the volume {volume} is another service's too"
        for one in self.engine.neighbours((), tuple(volumes)) if volumes else ():
            helper = one.container
            anchored = (
                helper.labels.get(labels.HELPER, "").startswith(ANCHORS) and not helper.running
            )
            if not anchored or helper.labels.get(labels.JOURNAL) != self.journal:
                return f"the container {helper.name} mounts one of its volumes"
        return ""

    def items(self, *, sized: bool) -> Iterator[Item]:
        """Everything that is kept of another day."""
        if self.retain.rules.keep_images:
            yield from self.images.items()
        disk = disks.disk_of(Path(self.retain.folder))
        for number, record in self.snapshots.items():
            yield Item(
                name=Name("snapshot", number),
                at=record.taken_at,
                version=record.snapshot.version,
                good=record.verified,
                pinned=record.pinned,
                files=self.store.sizes(number),
                disk=disk.name if disk else "",
            )
        for number, left in self.ledger.data.left.items():
            volumes = self.volumes(number)
            files, where = self._walked(volumes) if sized else ({}, "")
            yield Item(
                name=Name("data set", number),
                at=left.at,
                version=left.version,
                fixed=self.fixed(volumes),
                files=files,
                disk=where,
            )

        for number, at in self.ledger.data.unused.items():
            there = (one for one in self.volumes(number) if self.engine.volume(one) is not None)
            if volumes := tuple(there):
                files, where = self._walked(volumes) if sized else ({}, "")
                yield Item(
                    name=Name("data set", number),
                    at=at,
                    useless="it was never used",
                    fixed=self.fixed(volumes),
                    files=files,
                    disk=where,
                )

    def _needed(self) -> dict[Name, str]:
        """That which unfinished operations need, and the snapshots behind the sets they name."""
        found = needed_by(self.unfinished)
        for one in self.unfinished:
            why = f"operation {one.number} ({one.planned.kind}) is unfinished and needs it"
            found |= dict.fromkeys(needed_images(one, self.ledger), why)
        for name, why in tuple(found.items()):
            known = self.ledger.data.known.get(name.number) if name.sort == "data set" else None
            if known is not None and known.snapshot:
                found[Name("snapshot", known.snapshot)] = why
        return found

    def _walked(self, volumes: Collection[str]) -> tuple[dict[str, int], str]:
        """The size of volumes whose folders can be read here, and their disk."""
        files, where = dict[str, int](), ""
        for volume in volumes:
            try:
                folder = folder_beside(self.engine, volume)
                size = walked(folder).bytes if folder else 0
            except (FailedError, NotFoundError):
                continue
            if folder:
                files[f"volume {volume}"] = size
                there = disks.disk_of(Path(folder))
                where = there.name if there else where
        return files, where

    def _free(self) -> dict[str, int]:
        """The bytes that are free on the disks of snapshots and volumes, as far as known."""
        places = [Path(self.retain.folder)]
        for number in self.ledger.data.left:
            for volume in self.volumes(number)[:1]:
                try:
                    folder = folder_beside(self.engine, volume)
                except NotFoundError:
                    continue
                places += [Path(folder)] if folder else []
        found = (disks.disk_of(place) for place in places)
        return {disk.name: disk.free for disk in found if disk}

    def _next_size(self) -> int:
        """The bytes that the next snapshot takes if it is somewhat larger than the last one."""
        if not self.snapshots:
            return 0
        last = self.snapshots[max(self.snapshots)].snapshot
        size = sum(volume.bytes for volume in last.volumes)
        return size + size // _LARGE

    def _back(self) -> tuple[int, ...]:
        """The versions that `occ rollback` may mean: down to one whose image is on the host."""
        met: list[int] = []

        def away(version: Version) -> str:
            met.append(version.number)
            return "" if self.engine.image(version.image) is not None else "not here"

        previous(self.ledger, away)
        return tuple(met)
