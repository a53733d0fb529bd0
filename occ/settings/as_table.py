"""A service as the config would declare it: the way back of reading one."""

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from occ.domain.spec import Build, Health, Limits, Mount, Spec, Volume
from occ.settings.model import Service
from occ.settings.toml.emit import emit

_MS_A_SECOND = 1000
_DURATIONS = {"interval_ms": "interval", "timeout_ms": "timeout", "min_healthy_ms": "min_healthy"}


def table_of(service: Service) -> dict[str, Any]:
    """The keys and values of `[services.NAME]`; what is as without the key is left out."""
    spec, usual = service.spec, Spec()
    found: dict[str, Any] = {
        "image": service.reference,
        "pull": service.pull if service.pull != "always" and service.build is None else "",
        "ports": [str(port) for port in spec.ports],
        "volumes": [_place(one.name, one) for one in spec.volumes],
        "mounts": [_place(one.source, one) for one in spec.mounts],
        "restart": spec.restart if spec.restart != usual.restart else "",
        "command": list(spec.command),
        "entrypoint": list(spec.entrypoint),
        "user": spec.user,
        "networks": list(spec.networks),
        "secrets": list(spec.secrets),
        "secrets_file": str(service.secrets_file) if service.secrets_file else "",
        "users": _users(service),
        "env": dict(spec.env),
        "labels": dict(spec.labels),
        "limits": _limits(spec.limits),
        "health": _health(spec.health),
        "engine": dict(spec.engine),
        "build": _build(service.build),
    }
    if spec.stop_timeout_ms != usual.stop_timeout_ms:
        found["stop_timeout"] = _duration(spec.stop_timeout_ms)
    return {key: value for key, value in found.items() if value not in ("", [], {})}


def declaration(service: Service) -> str:
    """The service's table as text for the config."""
    return emit(("services", service.name), table_of(service))


def _users(service: Service) -> object:
    names = list(service.users)
    return names if service.passwords == "keep" else {"names": names, "passwords": "reset"}


def _place(source: str, one: Volume | Mount) -> str:
    return f"{source}:{one.path}{':ro' if one.read_only else ''}"


def _limits(limits: Limits) -> Mapping[str, object]:
    cpus = format(Decimal(limits.nano_cpus).scaleb(-9).normalize(), "f")
    found = {"memory": _size(limits.memory_bytes), "cpus": cpus, "pids": limits.pids}
    return {key: value for key, value in found.items() if value not in (0, "0")}


def _size(count: int) -> str | int:
    for unit, name in ((1 << 30, "g"), (1 << 20, "m")):
        if count and count % unit == 0:
            return f"{count // unit}{name}"
    return count


def _health(health: Health) -> Mapping[str, object]:
    usual = asdict(Health())
    differing = {key: value for key, value in asdict(health).items() if value != usual[key]}
    return {
        _DURATIONS.get(key, key): _duration(value) if key in _DURATIONS else value
        for key, value in differing.items()
    }


def _build(build: Build | None) -> Mapping[str, object]:
    if build is None:
        return {}
    usual = asdict(Build(context=""))
    return {key: value for key, value in asdict(build).items() if value != usual[key]}


def _duration(millis: int) -> str:
    whole = millis % _MS_A_SECOND == 0
    return f"{millis // _MS_A_SECOND}s" if whole else f"{millis}ms"
