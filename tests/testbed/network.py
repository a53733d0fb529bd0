"""Bridges: each private engine has one of its own, and a range of addresses nobody else uses."""

import ipaddress
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from tests.testbed.machine import run

PREFIX = "occtb"
APART = "OCC_TEST_APART"
"""Set in the environment of a run that is in a network of its own, by whoever put it there."""


@dataclass(frozen=True, slots=True)
class Bridge:
    """A bridge: its number decides its name and its addresses."""

    number: int

    @property
    def name(self) -> str:
        """The network interface's name."""
        return f"{PREFIX}{self.number}"

    @property
    def address(self) -> str:
        """The host's address on it, with the prefix length."""
        return f"10.231.{self.number}.1/24"

    @property
    def hardware(self) -> str:
        """Its hardware address, which stays only where one was set.

        A bridge without one takes the lowest of its ports': each container that comes or goes may
        change it, and the others send into the void until they ask for it again, half a minute on.
        """
        return f"02:6f:63:63:00:{self.number:02x}"

    @property
    def pool(self) -> str:
        """Addresses for networks that are created on the engine without a subnet."""
        return f"10.232.{self.number}.0/24"


def claim() -> Bridge:
    """Create a bridge whose name and addresses are free; the kernel lets only one have a name."""
    taken = _networks()
    for number in range(1, 255):
        bridge = Bridge(number)
        wanted = [
            ipaddress.IPv4Interface(bridge.address).network,
            ipaddress.IPv4Network(bridge.pool),
        ]
        if any(one.overlaps(other) for one in wanted for other in taken):
            continue
        try:
            run(["ip", "link", "add", bridge.name, "address", bridge.hardware, "type", "bridge"])
        except RuntimeError as error:
            if "File exists" in str(error):
                continue
            raise
        run(["ip", "address", "add", bridge.address, "dev", bridge.name])
        run(["ip", "link", "set", bridge.name, "up"])
        return bridge
    raise RuntimeError("no free subnet in 10.231.0.0/16 for a private engine's bridge")


def apart() -> bool:
    """Whether this run is in a network of its own: there it sees no bridge of other runs."""
    return bool(os.environ.get(APART))


def _networks() -> list[ipaddress.IPv4Network]:
    found = []
    for line in json.loads(run(["ip", "-json", "-4", "address"])):
        for one in line.get("addr_info", []):
            if "local" in one:
                text = f"{one['local']}/{one['prefixlen']}"
                found.append(ipaddress.IPv4Interface(text).network)
    routes = [
        line.get("dst", "default") for line in json.loads(run(["ip", "-json", "-4", "route"]))
    ]
    found += [ipaddress.IPv4Network(one, strict=False) for one in routes if one != "default"]
    return found


def remove(name: str) -> None:
    """Remove a network interface; nothing happens when it is gone."""
    if Path("/sys/class/net", name).exists():
        run(["ip", "link", "delete", name])


def of_engine(data: Path) -> list[str]:
    """The bridges that networks of a (dead) engine have made, from the engine's own records."""
    records = data / "network" / "files" / "local-kv.db"
    if not records.exists():
        return []
    names = set(re.findall(rb'"BridgeName":"(br-[0-9a-f]{12})"', records.read_bytes()))
    return sorted(name.decode() for name in names)
