"""The one builder: from a request to what the engine's create call takes. Pure.

Nothing is ever cloned from an inspected container: its config mixes what was declared with what
its image brought, and would freeze the old image's defaults into the new container.
"""

from dataclasses import replace
from typing import Any

from occ.domain.engine_keys import CONFIG_KEYS, HOST_KEYS
from occ.domain.secrets.spec_places import filled_spec, placed_secrets
from occ.domain.spec import Port, Spec
from occ.domain.values import MS_A_SECOND
from occ.engine.values import ENGINE_NETWORKS, ContainerRequest

_SHARED = "container:"  # the network of another container


def payload(request: ContainerRequest) -> dict[str, Any]:
    """The body of `POST /containers/create`: restart policy `no`, mounts in the Mounts field.

    Secrets are filled into their places; one without a place is a variable.
    """
    placed = placed_secrets(request.spec)
    variables = {name: value for name, value in request.secrets.items() if name not in placed}
    request = replace(request, spec=filled_spec(request.spec, request.secrets))
    spec = request.spec
    own = {key: value for key, value in spec.engine.items() if key in CONFIG_KEYS}
    exposed: Any = own.pop("ExposedPorts", {})
    body: dict[str, Any] = {
        **own,
        "Image": request.image,
        "Env": [f"{name}={value}" for name, value in {**spec.env, **variables}.items()],
        "Labels": {**spec.labels, **request.labels},
        "ExposedPorts": {**exposed, **{_key(port): {} for port in spec.ports}},
        "StopTimeout": -(-spec.stop_timeout_ms // MS_A_SECOND),
        "HostConfig": _host_config(request),
    }
    if spec.command:
        body["Cmd"] = spec.command
    if spec.entrypoint:
        body["Entrypoint"] = spec.entrypoint
    if spec.user:
        body["User"] = spec.user
    first = spec.networks[0] if spec.networks else "bridge"
    own_endpoint = _addressed(spec) | endpoint(spec, request.alias, first)
    if own_endpoint or (spec.networks and not first.startswith(_SHARED)):
        body["NetworkingConfig"] = {"EndpointsConfig": {first: own_endpoint}}
    return body


def _addressed(spec: Spec) -> dict[str, Any]:
    """The hardware address in the first network: engines before API 1.44 take the container's."""
    address = spec.engine.get("MacAddress")
    return {"MacAddress": address} if address else {}


def endpoint(spec: Spec, alias: str, network: str) -> dict[str, Any]:
    """How a container stands in a network: its alias, and what the spec says beside it.

    The engine's own networks and another container's know no names, and refuse aliases.
    """
    declared: Any = spec.engine.get("EndpointsConfig", {})
    own = dict(declared.get(network, {}))
    nameless = network in ENGINE_NETWORKS or network.startswith(_SHARED)
    aliases = [] if nameless or not alias else [alias]
    more = [each for each in own.pop("Aliases", []) if each not in aliases]
    return {**own, "Aliases": [*aliases, *more]} if aliases or more else own


def _host_config(request: ContainerRequest) -> dict[str, Any]:
    spec = request.spec
    host: dict[str, Any] = {key: value for key, value in spec.engine.items() if key in HOST_KEYS}
    host["RestartPolicy"] = {"Name": "no"}
    host["PortBindings"] = _bindings(spec)
    host["Mounts"] = [*_mounts(spec, request.fresh), *host.get("Mounts", [])]
    if spec.networks:
        host["NetworkMode"] = spec.networks[0]
    if spec.limits.memory_bytes:
        host["Memory"] = spec.limits.memory_bytes
    if spec.limits.nano_cpus:
        host["NanoCpus"] = spec.limits.nano_cpus
    if spec.limits.pids:
        host["PidsLimit"] = spec.limits.pids
    return host


def _bindings(spec: Spec) -> dict[str, list[dict[str, str]]]:
    bindings: dict[str, list[dict[str, str]]] = {}
    for port in spec.ports:
        bound = {"HostIp": port.address.strip("*"), "HostPort": str(port.host)}
        bindings.setdefault(_key(port), []).append(bound)
    return bindings


def _mounts(spec: Spec, fresh: frozenset[str]) -> list[dict[str, Any]]:
    volumes: list[dict[str, Any]] = [
        {
            "Type": "volume",
            "Source": volume.name,
            "Target": volume.path,
            "ReadOnly": volume.read_only,
            # a volume that exists is never filled from the image, empty or not
            "VolumeOptions": {"NoCopy": volume.name not in fresh},
        }
        for volume in spec.volumes
    ]
    binds: list[dict[str, Any]] = [
        {"Type": "bind", "Source": m.source, "Target": m.path, "ReadOnly": m.read_only}
        for m in spec.mounts
    ]
    return volumes + binds


def _key(port: Port) -> str:
    return f"{port.container}/{port.protocol}"


def policy(text: str) -> dict[str, Any]:
    """A restart policy as the engine has it: `on-failure:3` has a count."""
    name, _, count = text.partition(":")
    return {"Name": name, "MaximumRetryCount": int(count or 0)}
