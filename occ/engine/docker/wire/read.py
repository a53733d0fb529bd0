"""The meaning of the engine's answers. Pure: JSON in, values of the port out.

A value of a shape that nobody expects is read as an empty one; only ids and names must be there.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

from occ.domain.spec import Port
from occ.domain.total import ports_of
from occ.domain.values import LOCAL_REPOSITORIES, NS_A_MS, HealthCheck, normal_path
from occ.engine.docker.wire import shape
from occ.engine.values import Change, Container, Image, Inspection, Neighbour, Shared, State

_KINDS: Final = {0: "changed", 1: "added", 2: "deleted"}
# The paths that the engine itself puts into every container's layer.
_ENGINES: Final = frozenset({"/.dockerenv", "/dev/console"})
_BORROWED: Final[Mapping[str, Shared]] = {
    "NetworkMode": "network",
    "PidMode": "pid",
    "IpcMode": "ipc",
}
_SECONDS = re.compile(r"(\.\d{1,6})\d*")


def moment(text: object) -> int:
    """An RFC 3339 time with nanoseconds, in ms; 0 for the engine's "never" (year 1), and no time.

    A time without a zone is one of UTC.
    """
    told = shape.text(text)
    if not told or told.startswith("0001-"):
        return 0
    try:
        parsed = datetime.fromisoformat(_SECONDS.sub(r"\1", told))
        zoned = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        return int(zoned.timestamp() * 1000)
    except (ValueError, OverflowError):
        return 0


def container(there: Mapping[str, Any]) -> Container:
    """A container from its inspect answer.

    Raises:
        EngineRefusedError: the answer lacks what every container has.
    """
    state, config, host = (shape.table(there.get(k)) for k in ("State", "Config", "HostConfig"))
    restart = shape.table(host.get("RestartPolicy"))
    count = shape.number(restart.get("MaximumRetryCount"))
    name = shape.text(restart.get("Name")) or "no"
    return Container(
        id=shape.needed(there, "Id"),
        name=shape.needed(there, "Name").removeprefix("/"),
        image=shape.needed(there, "Image"),
        state=cast("State", shape.needed(there, "State", "Status")),
        labels=shape.words(config.get("Labels")),
        policy=f"{name}:{count}" if name == "on-failure" and count else name,
        started_at=moment(state.get("StartedAt")),
        finished_at=moment(state.get("FinishedAt")),
        exit_code=shape.number(state.get("ExitCode")),
        restarts=shape.number(there.get("RestartCount")),
        out_of_memory=state.get("OOMKilled") is True,
        memory_bytes=shape.number(host.get("Memory")),
        stop_signal=shape.text(config.get("StopSignal")) or "SIGTERM",
        health=_health(state),
        error=shape.text(state.get("Error")),
        on_host=host.get("NetworkMode") == "host",
        ports=_ports(shape.table(host.get("PortBindings"))),
        mounts={
            place: shape.text(m.get("Name")) or shape.text(m.get("Source"))
            for m in shape.tables(there.get("Mounts"))
            if (place := shape.text(m.get("Destination")))
        },
        read_only=frozenset(
            shape.text(m.get("Destination"))
            for m in shape.tables(there.get("Mounts"))
            if m.get("RW") is False
        ),
    )


def neighbour(there: Mapping[str, Any]) -> Neighbour:
    """A container with the parts of others that it uses, from its inspect answer.

    Raises:
        EngineRefusedError: the answer lacks what every container has.
    """
    return Neighbour(
        container=container(there), shares=shares(shape.table(there.get("HostConfig")))
    )


def shares(host: Mapping[str, Any]) -> Mapping[Shared, tuple[str, ...]]:
    """The parts of other containers that a HostConfig names."""
    found: dict[Shared, tuple[str, ...]] = {}
    for key, part in _BORROWED.items():
        kind, _, whose = shape.text(host.get(key)).partition(":")
        if kind == "container" and whose:
            found[part] = (whose,)
    if lenders := shape.texts(host.get("VolumesFrom")):
        found["volumes"] = tuple(lender.partition(":")[0] for lender in lenders)
    return found


def inspection(
    there: Mapping[str, Any], brought: Mapping[str, Any] | None, info: Mapping[str, Any]
) -> Inspection:
    """All that a container was made with, from its and its image's inspect answers.

    Raises:
        EngineRefusedError: an answer lacks what every container and image has.
    """
    net = shape.table(there.get("NetworkSettings"))
    own_namespace = str(info.get("CgroupVersion", "1")) != "1"
    return Inspection(
        container=container(there),
        config=shape.table(there.get("Config")),
        host=shape.table(there.get("HostConfig")),
        networks=shape.table(net.get("Networks")),
        mounts=tuple(shape.tables(there.get("Mounts"))),
        bound=shape.table(net.get("Ports")),
        image=image(brought) if brought else None,
        image_config=shape.table(shape.table(brought).get("Config")),
        usual={
            "CgroupnsMode": "private" if own_namespace else "host",
            "Runtime": shape.text(info.get("DefaultRuntime")),
            "LogDriver": shape.text(info.get("LoggingDriver")),
            "Hostname": shape.text(info.get("Name")),
        },
    )


def _health(state: Mapping[str, Any]) -> str:
    status = shape.text(shape.table(state.get("Health")).get("Status"))
    return "" if status == "none" else status


def _ports(bindings: Mapping[str, Any]) -> tuple[Port, ...]:
    return tuple(
        Port(
            container=inside,
            host=number,
            address=shape.text(one.get("HostIp")) or "*",
            protocol=key.partition("/")[2] or "tcp",
        )
        for key, bound in bindings.items()
        for inside in ports_of(key)
        for one in shape.tables(bound)
        if (number := shape.port(one.get("HostPort")))
    )


def image(there: Mapping[str, Any]) -> Image:
    """An image from its inspect answer.

    Raises:
        EngineRefusedError: the answer has no id.
    """
    config = shape.table(there.get("Config"))
    return Image(
        id=shape.needed(there, "Id"),
        references=shape.texts(there.get("RepoTags")),
        digests=tuple(
            each
            for each in shape.texts(there.get("RepoDigests"))
            if not each.startswith(LOCAL_REPOSITORIES)
        ),
        by_digest=shape.text(shape.table(there.get("Descriptor")).get("digest")) == there["Id"],
        labels=shape.words(config.get("Labels")),
        volumes=tuple(normal_path(path) for path in shape.table(config.get("Volumes")) if path),
        ports=tuple(
            port for key in shape.table(config.get("ExposedPorts")) for port in ports_of(key)
        ),
        user=shape.text(config.get("User")),
        health=_check(shape.table(config.get("Healthcheck"))),
        created_at=moment(there.get("Created")),
        size=shape.number(there.get("Size")),
    )


def _check(there: Mapping[str, Any]) -> HealthCheck | None:
    test = shape.texts(there.get("Test"))
    if not test or test[0] == "NONE":
        return None
    usual = HealthCheck()
    return HealthCheck(
        interval_ms=shape.number(there.get("Interval")) // NS_A_MS or usual.interval_ms,
        timeout_ms=shape.number(there.get("Timeout")) // NS_A_MS or usual.timeout_ms,
        start_period_ms=shape.number(there.get("StartPeriod")) // NS_A_MS,
        retries=shape.number(there.get("Retries")) or usual.retries,
        words=test[1:],
    )


def changes(told: Iterable[object], mounted: Iterable[str]) -> tuple[Change, ...]:
    """The changed paths of a layer, without their parents and without those in mounts."""
    kinds = {
        path: _KINDS.get(shape.number(one.get("Kind")), "changed")
        for one in shape.tables(told)
        if (path := shape.text(one.get("Path")))
    }
    parents = {parent for path in kinds for parent in _parents(path)}
    places = tuple(mounted)
    return tuple(
        Change(path=path, kind=kind)  # type: ignore[arg-type]
        for path, kind in sorted(kinds.items())
        if path not in parents | _ENGINES
        and not any(path == place or path.startswith(f"{place}/") for place in places)
    )


def _parents(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path
