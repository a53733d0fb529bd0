"""The networks of a container that somebody made."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from occ.engine.values import ENGINE_NETWORKS, Inspection
from occ.operations.derive.engine import SHORT_ID

_OPTIONS = ("DriverOpts", "GwPriority")
"""Said of a network, beside addresses and names: carried as the engine has them."""
_HARDWARE = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")
_MADE_UP = 2
"""The bit of a hardware address's first byte by which nobody's factory gave it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """`names` are empty for the engine's own; `endpoints` is what was said beside them."""

    names: tuple[str, ...]
    endpoints: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()


def networks(there: Inspection, service: str) -> Joined:
    """All networks, the one it was made with first, with addresses and names declared in each."""
    mode = str(there.host.get("NetworkMode") or "default")
    if mode.startswith("container:"):
        why = "it uses the network of another container, which is another one after its update"
        return Joined(names=(), endpoints={}, obstacles=(why,))
    first = _first(there, "bridge" if mode == "default" else mode)
    names = (first, *(name for name in there.networks if name != first))
    called = there.container.name
    endpoints, notes, unsure = {}, [], []
    for name in names:
        own = _endpoint(there, name, service)
        address = _hardware(there, name) if name != first else ""  # its Config tells the first
        if address and not int(address[:2], 16) & _MADE_UP:
            own["MacAddress"] = address
        elif address:
            unsure.append(f"{address} in {name}")
        if name not in ENGINE_NETWORKS and called != service:
            own["Aliases"] = [called, *own.get("Aliases", [])]
            notes.append(f"in network {name} it is still found as {called}, beside {service}")
        if own:
            endpoints[name] = own
    if unsure:
        notes.append(
            f"its hardware address ({', '.join(unsure)}) is not carried: the engine does not tell "
            "whether somebody chose it; MacAddress in EndpointsConfig would keep it"
        )
    linked = [name for name, one in there.networks.items() if one.get("Links")]
    return Joined(
        names=() if names == ("bridge",) else names,
        endpoints=endpoints,
        notes=tuple(notes),
        obstacles=tuple(f"it has links in network {name}: use network aliases" for name in linked),
    )


def _hardware(there: Inspection, name: str) -> str:
    """The hardware address in a further network, unless the engine made it of its address.

    Engines since API 1.44 may be told one there; they do not say which they made up.
    """
    told = there.networks.get(name, {})
    address = str(told.get("MacAddress")).lower()
    parts = str(told.get("IPAddress")).split(".")
    made = "02:42:" + ":".join(f"{int(part):02x}" for part in parts if part.isdecimal())
    return "" if address == made or not _HARDWARE.fullmatch(address) else address


def _first(there: Inspection, mode: str) -> str:
    """The network it was made with, by name: it may have been given by its id."""
    if mode in there.networks:
        return mode
    by_id = (name for name, one in there.networks.items() if one.get("NetworkID") == mode)
    return next(by_id, mode)


def _endpoint(there: Inspection, name: str, service: str) -> dict[str, Any]:
    """Addresses, aliases and options in a network; what the engine or occ adds is left out."""
    told = there.networks.get(name, {})
    container = there.container
    given = {container.id[:SHORT_ID], container.name, service}
    aliases = [alias for alias in told.get("Aliases") or () if alias not in given]
    address = {key: value for key, value in (told.get("IPAMConfig") or {}).items() if value}
    found: dict[str, Any] = {}
    if address:
        found["IPAMConfig"] = address
    for key in _OPTIONS:
        if told.get(key):
            found[key] = told[key]
    if aliases:
        found["Aliases"] = aliases
    return found
