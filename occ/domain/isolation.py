"""A container that runs beside the service touches nothing of it: its spec, or why none can be.

An engine's own words are let through only where they are known to reach nothing outside; whatever
is new there is refused until somebody has looked at it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from occ.domain.spec import Mount, Spec, Volume
from occ.domain.values import Json

_HARMLESS: Final = frozenset(
    {
        *("BlkioWeight", "CpuPeriod", "CpuQuota", "CpuRealtimePeriod", "CpuRealtimeRuntime"),
        *("CapDrop", "CpuShares", "CpusetCpus", "CpusetMems", "GroupAdd", "Healthcheck", "Init"),
        *("MemoryReservation", "MemorySwap", "MemorySwappiness", "NetworkDisabled", "OomScoreAdj"),
        *("Hostname", "Domainname", "OpenStdin", "ReadonlyRootfs", "Runtime", "Shell", "ShmSize"),
        *("StdinOnce", "StopSignal", "StorageOpt", "Sysctls", "Tmpfs", "Tty", "Ulimits"),
        *("WorkingDir", "ExposedPorts"),
    }
)
"""Words that stay as they are."""
_LEFT_OUT: Final = frozenset(
    {
        *("Annotations", "CgroupParent", "Dns", "DnsOptions", "DnsSearch", "EndpointsConfig"),
        *("ExtraHosts", "LogConfig", "MacAddress", "OomKillDisable", "Links"),
    }
)
"""Words that would lead outside, and that a program does without."""
_EMPTY: Final[tuple[Json, ...]] = (None, False, 0, "", [], {})
_OF_ITS_OWN: Final = frozenset({"", "private", "default", "shareable", "none"})
_MODES: Final = frozenset({"CgroupnsMode", "IpcMode", "PidMode", "UTSMode", "UsernsMode"})
_NOWHERE: Final = "127.0.0.1"
"""As a server of names it is the container's own loopback: every question ends there."""
_AT_ONCE: Final = ("timeout:1", "attempts:1")
"""Docker 20.10 leaves such a question unanswered, and a program would wait 10 s for each."""
_OF_THE_KERNEL: Final = ("/proc", "/sys", "/dev", "/run", "/var/run")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """How much a container that runs beside the service may have of it."""

    network: str
    """The closed network in which it is made."""
    volumes: Mapping[str, str]
    """The throw-away volume for each volume, or folder of the host, of the spec."""
    networks: tuple[str, ...] = ()
    """Others that it may reach."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Variables in place of the spec's."""


def refusals(spec: Spec, *, copied: frozenset[str], read_only_binds: bool) -> tuple[str, ...]:
    """Why a version cannot run isolated beside the service; nothing where it can.

    `copied` are the folders of the host whose data it gets as a copy.
    """
    return tuple(
        dict.fromkeys(
            (
                *_of_networks(spec),
                *_of_mounts(spec.mounts, copied, read_only_binds=read_only_binds),
                *_of_engine(spec.engine),
            )
        )
    )


def isolated(spec: Spec, allowed: Allowed) -> Spec:
    """The spec of a container that runs beside the service, and can reach what is `allowed`."""
    copies = allowed.volumes
    folders = tuple(
        Volume(name=copies[one.source], path=one.path, read_only=one.read_only)
        for one in spec.mounts
        if one.source in copies
    )
    kept = {key: value for key, value in spec.engine.items() if _stays(key)}
    return replace(
        spec,
        ports=(),
        labels={},
        restart="no",
        networks=(allowed.network, *allowed.networks),
        volumes=(*(replace(one, name=copies[one.name]) for one in spec.volumes), *folders),
        mounts=tuple(
            replace(one, read_only=True) for one in spec.mounts if one.source not in copies
        ),
        env={**spec.env, **allowed.env},
        engine={**kept, "Dns": [_NOWHERE], "DnsOptions": [*_AT_ONCE]},
    )


def _of_networks(spec: Spec) -> Iterator[str]:
    for network in spec.networks:
        if network == "host" or network.startswith("container:"):
            yield f"it is on the network of {'its host' if network == 'host' else network}"


def _of_mounts(
    mounts: tuple[Mount, ...], copied: frozenset[str], *, read_only_binds: bool
) -> Iterator[str]:
    for one in mounts:
        if one.source in copied:
            continue
        if open_source(one.source):
            yield f"it mounts {one.source}"
        elif not read_only_binds:
            yield f'it mounts {one.source} of the host (rehearse_binds = "ro" lets it read that)'


def open_source(path: str) -> bool:
    """Whether a path of the host leads outside also where it can only be read."""
    kernel = any(path == root or path.startswith(f"{root}/") for root in _OF_THE_KERNEL)
    return kernel or path.endswith(".sock") or path == "/"


def _of_engine(engine: Mapping[str, Json]) -> Iterator[str]:
    for key, value in sorted(engine.items()):
        if key in _HARMLESS or key in _LEFT_OUT or value in _EMPTY:
            continue
        if key in _MODES and str(value) in _OF_ITS_OWN:
            continue
        if key == "SecurityOpt" and all(_confines(str(one)) for one in _listed(value)):
            continue
        yield f"engine.{key} reaches outside of it"


def _confines(option: str) -> bool:
    known = option.startswith(("no-new-privileges", "seccomp", "apparmor"))
    return known and not option.endswith("unconfined")


def _stays(key: str) -> bool:
    return key in _HARMLESS or key in _MODES or key == "SecurityOpt"


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
