"""The meaning of the engine's answers. Pure: JSON in, values of the port out."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

from occ.domain.spec import Port
from occ.domain.values import NS_A_MS, HealthCheck, normal_path
from occ.engine.values import Change, Container, Image, Inspection, State

_KINDS: Final = {0: "changed", 1: "added", 2: "deleted"}
# The paths that the engine itself puts into every container's layer.
_ENGINES: Final = frozenset({"/.dockerenv", "/dev/console"})
_SECONDS = re.compile(r"(\.\d{1,6})\d*")


def moment(text: str) -> int:
    """An RFC 3339 time with nanoseconds, in ms; 0 for the engine's "never" (year 1)."""
    if not text or text.startswith("0001-"):
        return 0
    parsed = datetime.fromisoformat(_SECONDS.sub(r"\1", text))
    return int(parsed.astimezone(UTC).timestamp() * 1000)


def container(there: Mapping[str, Any]) -> Container:
    """A container from its inspect answer."""
    state, config, host = there["State"], there["Config"], there["HostConfig"]
    restart = host.get("RestartPolicy") or {}
    count = restart.get("MaximumRetryCount") or 0
    name = restart.get("Name") or "no"
    return Container(
        id=there["Id"],
        name=there["Name"].removeprefix("/"),
        image=there["Image"],
        state=cast("State", state["Status"]),
        labels=config.get("Labels") or {},
        policy=f"{name}:{count}" if name == "on-failure" and count else name,
        started_at=moment(state.get("StartedAt", "")),
        finished_at=moment(state.get("FinishedAt", "")),
        exit_code=state.get("ExitCode", 0),
        restarts=there.get("RestartCount", 0),
        health=_health(state),
        error=state.get("Error", ""),
        ports=_ports(host.get("PortBindings") or {}),
        mounts={m["Destination"]: m.get("Name") or m["Source"] for m in there.get("Mounts", ())},
    )


def inspection(
    there: Mapping[str, Any], brought: Mapping[str, Any] | None, info: Mapping[str, Any]
) -> Inspection:
    """All that a container was made with, from its and its image's inspect answers."""
    net = there.get("NetworkSettings") or {}
    own_namespace = str(info.get("CgroupVersion", "1")) != "1"
    return Inspection(
        container=container(there),
        config=there["Config"],
        host=there["HostConfig"],
        networks=net.get("Networks") or {},
        mounts=tuple(there.get("Mounts") or ()),
        bound=net.get("Ports") or {},
        image=image(brought) if brought else None,
        image_config=(brought or {}).get("Config") or {},
        usual={
            "CgroupnsMode": "private" if own_namespace else "host",
            "Runtime": info.get("DefaultRuntime", ""),
            "LogDriver": info.get("LoggingDriver", ""),
            "Hostname": info.get("Name", ""),
        },
    )


def _health(state: Mapping[str, Any]) -> str:
    status = (state.get("Health") or {}).get("Status", "")
    return "" if status == "none" else str(status)


def _ports(bindings: Mapping[str, Any]) -> tuple[Port, ...]:
    return tuple(
        Port(
            container=int(key.partition("/")[0]),
            host=int(one["HostPort"]),
            address=one.get("HostIp") or "*",
            protocol=key.partition("/")[2] or "tcp",
        )
        for key, bound in bindings.items()
        for one in bound or ()
        if (one.get("HostPort") or "").isdigit()
    )


def image(there: Mapping[str, Any]) -> Image:
    """An image from its inspect answer."""
    config = there.get("Config") or {}
    exposed = config.get("ExposedPorts") or {}
    return Image(
        id=there["Id"],
        references=tuple(there.get("RepoTags") or ()),
        digests=tuple(there.get("RepoDigests") or ()),
        labels=config.get("Labels") or {},
        volumes=tuple(normal_path(path) for path in config.get("Volumes") or ()),
        ports=tuple(int(key.partition("/")[0]) for key in exposed),
        user=config.get("User") or "",
        health=_check(config.get("Healthcheck")),
        created_at=moment(there.get("Created", "")),
        size=there.get("Size", 0),
    )


def _check(there: Mapping[str, Any] | None) -> HealthCheck | None:
    test = (there or {}).get("Test") or []
    if there is None or not test or test[0] == "NONE":
        return None
    usual = HealthCheck()
    return HealthCheck(
        interval_ms=there.get("Interval", 0) // NS_A_MS or usual.interval_ms,
        timeout_ms=there.get("Timeout", 0) // NS_A_MS or usual.timeout_ms,
        start_period_ms=there.get("StartPeriod", 0) // NS_A_MS,
        retries=there.get("Retries", 0) or usual.retries,
        words=tuple(test[1:]),
    )


def changes(told: Iterable[Mapping[str, Any]], mounted: Iterable[str]) -> tuple[Change, ...]:
    """The changed paths of a layer, without their parents and without those in mounts."""
    kinds = {str(one["Path"]): int(one["Kind"]) for one in told}
    parents = {parent for path in kinds for parent in _parents(path)}
    places = tuple(mounted)
    return tuple(
        Change(path=path, kind=_KINDS[kind])  # type: ignore[arg-type]
        for path, kind in sorted(kinds.items())
        if path not in parents | _ENGINES
        and not any(path == place or path.startswith(f"{place}/") for place in places)
    )


def _parents(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path
