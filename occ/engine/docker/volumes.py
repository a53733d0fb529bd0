"""Volumes."""

from collections.abc import Mapping
from urllib.parse import quote

from occ.engine.docker.wire import shape
from occ.engine.docker.wire.link import ABSENT, Link
from occ.engine.volume_place import VolumePlace


class Volumes(Link):
    """The calls about volumes."""

    def volume(self, name: str) -> Mapping[str, str] | None:
        """A volume's labels."""
        told = self._table(f"/volumes/{quote(name, safe='')}")
        return None if told is None else shape.words(told.get("Labels"))

    def create_volume(self, name: str, labels: Mapping[str, str]) -> None:
        """Have the volume."""
        self._change("POST", "/volumes/create", json={"Name": name, "Labels": dict(labels)})

    def remove_volume(self, name: str) -> None:
        """Have it gone."""
        self._change("DELETE", f"/volumes/{quote(name, safe='')}", fine=(ABSENT,))

    def volumes(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        """Those of these labels."""
        told = shape.table(self._look("/volumes", filters=self._labelled(labels)))
        return tuple(shape.text(one.get("Name")) for one in shape.tables(told.get("Volumes")))

    def volume_place(self, name: str) -> VolumePlace | None:
        """Where its data is."""
        told = self._table(f"/volumes/{quote(name, safe='')}")
        if told is None:
            return None
        return VolumePlace(
            driver=shape.text(told.get("Driver")),
            plain=not shape.table(told.get("Options")),
            folder=shape.text(told.get("Mountpoint")),
        )
