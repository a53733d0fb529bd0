"""The networks of a service of Compose, and how it stands in each of them."""

from dataclasses import dataclass
from typing import Any, Final

from occ.app.config.compose.model import Model
from occ.app.config.compose.part import Part

_OF_ANOTHER: Final = ("service:", "container:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`names` are empty for the engine's own network; `why_not` is why it cannot be joined."""

    names: tuple[str, ...] = ()
    endpoints: dict[str, Any]
    why_not: str = ""


def standing_of(service: Part, model: Model, called: str, name: str) -> Standing:
    """The networks of a service, the first one first.

    `called` is its name in Compose, by which others find it, `name` the one that it gets here.
    """
    mode = service.text("network_mode")
    if mode.startswith(_OF_ANOTHER):
        why = f"network_mode {mode}: that container is another one after its update"
        return Standing(endpoints={}, why_not=why)
    if mode:
        return Standing(names=() if mode in {"bridge", "default"} else (mode,), endpoints={})
    joined = sorted(
        ((part.whole_number("priority"), key, part) for key, part in _parts(service)),
        key=lambda one: (-one[0], one[1]),
    )
    names, endpoints = [], {}
    for _, key, part in joined:
        known = model.networks.get(key)
        network = known.name if known else f"{model.project}_{key}"
        names.append(network)
        if own := _endpoint(part, called if called != name else ""):
            endpoints[network] = own
    return Standing(names=tuple(names), endpoints=endpoints)


def _parts(service: Part) -> list[tuple[str, Part]]:
    if isinstance(service.found.get("networks"), list):
        keys = service.words("networks")
        return [(key, Part.whole({}, service.left)) for key in keys]
    return list(service.parts("networks"))


def _endpoint(part: Part, called: str) -> dict[str, Any]:
    aliases = part.words("aliases")
    addresses = {
        "IPv4Address": part.text("ipv4_address"),
        "IPv6Address": part.text("ipv6_address"),
        "LinkLocalIPs": list(part.words("link_local_ips")),
    }
    found = {
        "Aliases": list(dict.fromkeys((*((called,) if called else ()), *aliases))),
        "IPAMConfig": {key: value for key, value in addresses.items() if value},
        "MacAddress": part.text("mac_address"),
        "DriverOpts": dict(part.pairs("driver_opts")),
        "GwPriority": part.whole_number("gw_priority"),
    }
    part.rest({}, "occ has no word for it")
    return {key: value for key, value in found.items() if value}
