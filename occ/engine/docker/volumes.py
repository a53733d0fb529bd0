"""Volumes and networks."""

from collections.abc import Mapping
from urllib.parse import quote

from occ.engine.docker.wire.link import ABSENT, Link


class Volumes(Link):
    """The calls about volumes, and the one about networks."""

    def volume(self, name: str) -> Mapping[str, str] | None:
        """A volume's labels."""
        told = self._client.get(f"/volumes/{quote(name, safe='')}", wait=self._waits.inspect)
        return dict(told.get("Labels") or {}) if told else None

    def create_volume(self, name: str, labels: Mapping[str, str]) -> None:
        """Have the volume."""
        self._client.ask(
            "POST",
            "/volumes/create",
            wait=self._waits.change,
            json={"Name": name, "Labels": dict(labels)},
        )

    def remove_volume(self, name: str) -> None:
        """Have it gone."""
        path = f"/volumes/{quote(name, safe='')}"
        self._client.ask("DELETE", path, wait=self._waits.change, fine=(ABSENT,))

    def network(self, name: str) -> bool:
        """Whether there is such a network."""
        path = f"/networks/{quote(name, safe='')}"
        return self._client.get(path, wait=self._waits.inspect) is not None
