"""What a container of the memory engine was made with, in the engine's own words."""

from collections.abc import Mapping
from typing import Any

from occ.engine.docker.wire import payload
from occ.engine.values import Inspection
from tests.doubles.engine.container import MemoryContainer
from tests.doubles.engine.host import MemoryHost


def inspection(host: MemoryHost, container: MemoryContainer, now: int) -> Inspection:
    """The container's own words, mixed with what its image brought as the real engine does."""
    brought = container.image.config()
    body = {key: value for key, value in container.body.items() if key != "NetworkingConfig"}
    table = {**body.pop("HostConfig", {})}
    table["RestartPolicy"] = payload.policy(container.policy)
    endpoints = container.body.get("NetworkingConfig", {}).get("EndpointsConfig", {})
    return Inspection(
        container=container.told(now),
        config={**_mixed(body, brought), "Labels": dict(container.labels)},
        host=table,
        networks={name: dict(endpoints.get(name, {})) for name in container.networks},
        mounts=tuple(_mount(path, container) for path in container.mounts),
        bound=_bound(container) if container.state == "running" else {},
        image=host.images.told(container.image.id),
        image_config=brought if host.images.find(container.image.id) else {},
        usual={
            "CgroupnsMode": "private",
            "Runtime": "runc",
            "LogDriver": "json-file",
            "Hostname": "memory",
        },
    )


def _mixed(own: Mapping[str, Any], brought: Mapping[str, Any]) -> Mapping[str, Any]:
    names = {one.partition("=")[0] for one in own["Env"]}
    theirs = [one for one in brought["Env"] if one.partition("=")[0] not in names]
    usual = {key: value for key, value in brought.items() if value}
    if own.get("Entrypoint"):
        usual.pop("Cmd", None)
    return {
        **usual,
        **own,
        "Env": [*own["Env"], *theirs],
        "ExposedPorts": {**brought["ExposedPorts"], **own["ExposedPorts"]},
    }


def _mount(path: str, container: MemoryContainer) -> Mapping[str, Any]:
    mount = container.mounts[path]
    if not mount.volume:
        return {
            "Type": "bind",
            "Source": mount.source,
            "Destination": path,
            "Mode": "",
            "RW": not mount.read_only,
            "Propagation": "rprivate",
        }
    return {
        "Type": "volume",
        "Name": mount.source,
        "Source": f"/memory/docker/volumes/{mount.source}/_data",
        "Destination": path,
        "Driver": "local",
        "Mode": "z" if not mount.anonymous else "",
        "RW": not mount.read_only,
        "Propagation": "",
    }


def _bound(container: MemoryContainer) -> Mapping[str, Any]:
    found: dict[str, list[dict[str, str]]] = {}
    for port in container.ports:
        address = "0.0.0.0" if port.address == "*" else port.address
        one = {"HostIp": address, "HostPort": str(port.host)}
        found.setdefault(f"{port.container}/{port.protocol}", []).append(one)
    return found
