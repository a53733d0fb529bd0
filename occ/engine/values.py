"""What is told of and asked of an engine: the values that pass through its port."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from occ.domain.spec import Port, Spec
from occ.domain.values import HealthCheck

State: TypeAlias = Literal[
    "created", "running", "paused", "restarting", "removing", "exited", "dead"
]
Route: TypeAlias = Literal["published", "address", "inside"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineInfo:
    """Which engine answers. `id` and `root` identify it, `local` says whether it runs here."""

    id: str
    root: str
    address: str
    version: str
    api: str
    local: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container as the engine tells it. Times are ms since 1970 UTC, 0 for never.

    `health` is the image's own HEALTHCHECK: starting, healthy, unhealthy, or empty without one.
    """

    id: str
    name: str
    image: str
    state: State
    labels: Mapping[str, str]
    policy: str = "no"
    started_at: int = 0
    finished_at: int = 0
    exit_code: int = 0
    restarts: int = 0
    health: str = ""
    error: str = ""
    ports: tuple[Port, ...] = ()
    mounts: Mapping[str, str] = field(default_factory=dict)
    """Path in the container -> volume name or folder of the host."""

    @property
    def running(self) -> bool:
        """Whether a process of it is alive or about to be."""
        return self.state in {"running", "paused", "restarting"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image on the host. `references` are its tags, `digests` its `repository@sha256:...`."""

    id: str
    references: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    volumes: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    user: str = ""
    health: HealthCheck | None = None
    created_at: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """A container with all that it was made with, mixed with what its image and engine brought.

    The tables are the engine's own, under its own names: `config` and `host` of the container,
    `networks` by name, `mounts` as they are, `bound` the ports in use now, `image_config` what the
    image brings. `usual` is what this engine fills in for CgroupnsMode, Runtime and LogDriver, and
    for the Hostname of what shares the host's.
    `image` is None when it is gone from the host. Values of secrets are among them.
    """

    container: Container
    config: Mapping[str, Any] = field(repr=False)
    host: Mapping[str, Any] = field(repr=False)
    networks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    mounts: tuple[Mapping[str, Any], ...] = ()
    bound: Mapping[str, Any] = field(default_factory=dict)
    image: Image | None = None
    image_config: Mapping[str, Any] = field(default_factory=dict, repr=False)
    usual: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerRequest:
    """All that makes a container. It is created with restart policy `no`, and not started.

    Mounts go through the engine's Mounts field. A volume of the spec named in `fresh` may be
    filled by the image, every other one is mounted no-copy. `alias` is its name in the networks.
    `secrets` become environment variables.
    """

    name: str
    image: str
    spec: Spec
    labels: Mapping[str, str]
    alias: str
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    fresh: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PullProgress:
    """How far a pull is: bytes over all layers known so far."""

    done: int
    total: int
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildProgress:
    """How far a build is: the instruction it is at, as the builder says it; 0 where it does not.

    It comes with every line that the builder says, and, from some builders, now and then without
    a new one.
    """

    text: str
    step: int = 0
    steps: int = 0


HowFar: TypeAlias = PullProgress | BuildProgress


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a probe brought back; `body` is at most 64 KiB, `route` the way it went."""

    status: int
    body: bytes
    route: Route


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file or (with `folder`) a folder inside a container, with numeric owners."""

    path: str
    data: bytes = b""
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    folder: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a program inside a container ended, and what it wrote, at most 64 KiB of each."""

    status: int
    out: bytes = b""
    err: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A path in a container's own layer, against the image; parents of others are left out."""

    path: str
    kind: Literal["added", "changed", "deleted"]
