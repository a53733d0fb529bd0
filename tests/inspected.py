"""A container as `docker inspect` tells it, without what may differ between two of one kind."""

import json
from typing import Any

# What may differ, and why.
OWN_CONFIG = {
    "Hostname",  # without --hostname it is the beginning of the id
    "Image",  # the reference then, the id now
    "Volumes",  # an anonymous volume has a name now; the mounts themselves are compared
    "AttachStdin",  # of the terminal that ran it
    "AttachStdout",
    "AttachStderr",
}
OWN_HOST = {
    "Binds",  # one way of writing mounts is as good as another: they themselves are compared
    "Mounts",
    "ContainerIDFile",  # a file that docker run wrote
    "ConsoleSize",  # of the terminal that ran it
    "PortBindings",  # compared as they are in use
    "PublishAllPorts",  # every one of them is pinned
}


def config(there: dict[str, Any]) -> dict[str, Any]:
    """The container's own Config; the image's part of it is that of both sides."""
    found = {
        key: value for key, value in there["Config"].items() if key not in OWN_CONFIG and value
    }
    found["Env"] = sorted(found["Env"])
    found["Labels"] = {k: v for k, v in found["Labels"].items() if not k.startswith("occ.")}
    found["StopTimeout"] = found.get("StopTimeout", 10)  # which is the engine's default
    if not there["Id"].startswith(there["Config"]["Hostname"]):
        found["Hostname"] = there["Config"]["Hostname"]
    return found


def host(there: dict[str, Any]) -> dict[str, Any]:
    """The HostConfig; newer docker commands write capabilities with CAP_."""
    found = {k: v for k, v in there["HostConfig"].items() if k not in OWN_HOST and v}
    for key in {"CapAdd", "CapDrop"} & found.keys():
        found[key] = [each.removeprefix("CAP_") for each in found[key]]
    return found


def mounts(there: dict[str, Any], name: str) -> dict[str, Any]:
    """What is mounted where; of an anonymous volume and the one in its place, that it is one."""
    found = {}
    for mount in there["Mounts"]:
        source = mount.get("Name") or mount.get("Source")
        if mount["Type"] == "volume" and not mount["Name"].startswith(f"{name}-"):
            source = "a volume"
        known = (mount["Type"], source, mount["RW"], mount["Propagation"])
        found[mount["Destination"]] = known
    return found


def ports(there: dict[str, Any]) -> dict[str, Any]:
    """The ports in use."""
    return {
        key: sorted((b["HostIp"], b["HostPort"]) for b in bound)
        for key, bound in there["NetworkSettings"]["Ports"].items()
        if bound
    }


def networks(there: dict[str, Any], name: str) -> dict[str, Any]:
    """How it stands in each network."""
    found = {}
    for network, one in there["NetworkSettings"]["Networks"].items():
        # Some engines add the host name, which is compared for itself, at the first start.
        aliases = {*(one["Aliases"] or ()), there["Config"]["Hostname"]}
        aliases -= {there["Id"][:12], name}
        address = {k: v for k, v in (one["IPAMConfig"] or {}).items() if v}
        more = {key: one[key] for key in ("DriverOpts", "GwPriority") if one.get(key)}
        found[network] = (aliases, address, more)
    return found


def of(text: str) -> dict[str, Any]:
    """What `docker inspect` printed of one container."""
    found: dict[str, Any] = json.loads(text)[0]
    return found


def shape(there: dict[str, Any], name: str) -> dict[str, Any]:
    """Everything of a container that must last."""
    return {
        "name": there["Name"],
        "config": config(there),
        "host": host(there),
        "mounts": mounts(there, name),
        "ports": ports(there),
        "networks": networks(there, name),
        "runs": there["State"]["Running"],
    }


def difference(one: Any, other: Any) -> Any:
    """The parts in which two values differ, each with both."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return (one, other)
    keys = sorted({*one, *other})
    return {k: difference(one.get(k), other.get(k)) for k in keys if one.get(k) != other.get(k)}
