"""Networks: those that people made, and the closed ones that occ makes for what runs beside."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from occ.engine.docker import namespaces
from occ.engine.docker.wire import shape
from occ.engine.docker.wire.link import ABSENT, Link
from occ.engine.values import Reached

_ISOLATING: Final = (1, 48)
"""The API of the first engine (28.0) whose closed networks have no address of the host."""
_MODES: Final = ("gateway_mode_ipv4", "gateway_mode_ipv6")


class Networks(Link):
    """The calls about networks."""

    def network(self, name: str) -> bool:
        """Whether there is such a network."""
        return self._look(f"/networks/{quote(name, safe='')}") is not None

    def networks(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        """Those of these labels."""
        told = self._look("/networks", filters=self._labelled(labels))
        return tuple(shape.text(one.get("Name")) for one in shape.tables(told))

    def close_network(self, name: str, labels: Mapping[str, str]) -> None:
        """An internal one, where it can be without an address of the host."""
        if name in self.networks(labels):
            return
        isolated = (
            {} if self.reached() else {f"com.docker.network.bridge.{m}": "isolated" for m in _MODES}
        )
        body = {
            "Name": name,
            "Driver": "bridge",
            "Internal": True,
            "CheckDuplicate": True,
            "Labels": dict(labels),
            "Options": isolated,
        }
        self._change("POST", "/networks/create", json=body)

    def reached(self) -> frozenset[Reached]:
        """Those of an engine that gives the host an address in every network, or has to.

        Seen on 20.10: a container in an internal network reaches what listens on all addresses of
        the host, through the network's own gateway and through the engine's bridge.
        """
        if self._api < _ISOLATING:
            return frozenset({"gateway", "bridge"})
        return frozenset() if self._enters else frozenset({"gateway"})

    def remove_network(self, name: str) -> None:
        """Have it gone."""
        self._change("DELETE", f"/networks/{quote(name, safe='')}", fine=(ABSENT,))

    @property
    def _api(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self._client.agreed.split(".") if part.isdecimal())

    @property
    def _enters(self) -> bool:
        """Whether a probe can go into a container's own network, where the host has no address."""
        return self._address.local and namespaces.enterable()
