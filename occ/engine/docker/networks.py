"""Networks: those that people made, and the closed ones that occ makes for what runs beside."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from occ.engine.docker import namespaces
from occ.engine.docker.wire import shape
from occ.engine.docker.wire.link import ABSENT, Link
from occ.engine.values import Reached
from occ.errors import EngineRefusedError

_ISOLATING: Final = "1.48"
"""The API of the first engine (28.0) that makes a network without an address of the host."""
_INHIBITING: Final = "1.41"
"""The API of the first engine (20.10) that leaves it to others to give the host one."""
_PREFIX: Final = "com.docker.network.bridge."
_ISOLATED: Final = {f"{_PREFIX}gateway_mode_ipv{n}": "isolated" for n in (4, 6)}
_INHIBITED: Final = {f"{_PREFIX}inhibit_ipv4": "true"}


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
        """An internal one, where it can be without an address of the host.

        Without one nothing answers at the gateway that an old engine tells the container, so that
        its route to everywhere else leads nowhere too.

        Raises:
            EngineRefusedError: the host has an address in it all the same.
        """
        closed = not self.reached()
        if name not in self.networks(labels):
            body = {
                "Name": name,
                "Driver": "bridge",
                "Internal": True,
                "CheckDuplicate": True,
                "Labels": dict(labels),
                "Options": self._closing if closed else {},
            }
            self._change("POST", "/networks/create", json=body)
        if closed and any(namespaces.here(one) for one in self._gateways(name)):
            raise EngineRefusedError(
                f"the engine gave the host an address in the closed network {name}",
                hint="occ update --no-rehearse",
            )

    def reached(self) -> frozenset[Reached]:
        """Nothing where the host needs no address in the network.

        It needs one where occ may not enter a container's network to probe it. Then an engine
        before 28 gives the container a route to all of the host, by way of that address.
        """
        if self._enters and self._client.speaks(_INHIBITING):
            return frozenset()
        if self._client.speaks(_ISOLATING):
            return frozenset({"gateway"})
        return frozenset({"gateway", "bridge"})

    def remove_network(self, name: str) -> None:
        """Have it gone."""
        self._change("DELETE", f"/networks/{quote(name, safe='')}", fine=(ABSENT,))

    @property
    def _closing(self) -> Mapping[str, str]:
        return _ISOLATED if self._client.speaks(_ISOLATING) else _INHIBITED

    def _gateways(self, name: str) -> tuple[str, ...]:
        told = shape.table(self._look(f"/networks/{quote(name, safe='')}"))
        ranges = shape.tables(shape.table(told.get("IPAM")).get("Config"))
        return tuple(filter(None, (shape.text(one.get("Gateway")) for one in ranges)))

    @property
    def _enters(self) -> bool:
        """Whether a probe can go into a container's own network, where the host has no address."""
        return self._address.local and namespaces.enterable()
