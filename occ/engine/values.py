"""The values that pass through an engine's port: answers and requests."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from occ.domain.spec import Port, Spec
from occ.domain.values import HealthCheck

_SHORTEST_ID: Final = 12

State: TypeAlias = Literal[
    "created", "running", "paused", "restarting", "removing", "exited", "dead"
]
LEAVING: Final = frozenset[State]({"removing", "dead"})
"""The states of a container that is, or was to be, removed: nothing else can be done with it."""
ENGINE_NETWORKS: Final = frozenset({"bridge", "default", "host", "none"})
"""The engine's own: nameless inside, made anew at each of its starts; `default` is its bridge."""
Route: TypeAlias = Literal["published", "address", "inside"]
Reached: TypeAlias = Literal["gateway", "bridge"]
"""The host's address in the network itself, and that in the engine's own bridge."""
Shared: TypeAlias = Literal["network", "pid", "ipc", "volumes"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineInfo:
    """Which engine answers; `id` and `root` identify it."""

    id: str
    root: str
    """The folder in which the engine keeps its data."""
    address: str
    version: str
    api: str
    """The version of the API that is spoken with it."""
    local: bool
    """It runs on this machine."""
    podman: bool = False
    """It is Podman, which speaks Docker's API with differences."""
    remapped: bool = False
    """The ids of users in its containers are others on its host."""
    now: int = 0
    """The engine's own clock, ms since 1970; 0 where it does not tell."""
    host: str = ""
    """The name of the machine on which it runs, by its own word; empty where it does not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container as the engine tells it. Times are ms since 1970 UTC, 0 for never."""

    id: str
    name: str
    image: str
    """The id of its image."""
    state: State
    labels: Mapping[str, str]
    policy: str = "no"
    """The restart policy: no, always, unless-stopped, on-failure or on-failure:N."""
    started_at: int = 0
    finished_at: int = 0
    exit_code: int = 0
    restarts: int = 0
    """How often its policy started it again."""
    health: str = ""
    """The answer of its own HEALTHCHECK: starting, healthy, unhealthy, or empty without one."""
    out_of_memory: bool = False
    """The kernel killed a process of it, as its memory was over."""
    memory_bytes: int = 0
    """The most memory that it may have; 0 for no bound."""
    stop_signal: str = "SIGTERM"
    """The signal that asks it to end."""
    error: str = ""
    """Why the engine could not start it."""
    on_host: bool = False
    """It has no network of its own, but that of its host."""
    ports: tuple[Port, ...] = ()
    mounts: Mapping[str, str] = field(default_factory=dict)
    """Path in the container -> volume name or folder of the host."""
    read_only: frozenset[str] = frozenset()
    """The paths among these that it cannot write to."""

    @property
    def running(self) -> bool:
        """Whether a process of it is alive or about to be."""
        return self.state in {"running", "paused", "restarting"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A container that was made to use parts of another one, or that mounts a volume of it."""

    container: Container
    shares: Mapping[Shared, tuple[str, ...]] = field(default_factory=dict)
    """The parts, each with the containers that it is of: the ids or names that the engine holds."""

    def of(self, containers: Collection[str]) -> frozenset[Shared]:
        """The parts that it uses of any of these."""
        return frozenset(
            part
            for part, lenders in self.shares.items()
            if any(names(lender, known) for lender in lenders for known in containers)
        )


def neighbouring(one: Neighbour, containers: Collection[str], volumes: Collection[str]) -> bool:
    """Whether it uses parts of one of these containers or volumes, and is none of them itself."""
    if {one.container.id, one.container.name} & set(containers):
        return False
    mounts = set(one.container.mounts.values()) & set(volumes)
    return bool(mounts) or bool(one.of(containers))


def names(reference: str, container: str) -> bool:
    """Whether a reference means a container by this id or name: as a whole, or an id shortened."""
    short = len(reference) >= _SHORTEST_ID and container.startswith(reference)
    return reference == container or short


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image on the host."""

    id: str
    references: tuple[str, ...] = ()
    """Its tags."""
    digests: tuple[str, ...] = ()
    """Each is `repository@sha256:...`, by which the registry gives the image."""
    by_digest: bool = False
    """Whether its id is its digest at a registry, as where the engine keeps images in containerd.

    There an image that was only built has digests too, and one that lost its last tag has none.
    """
    labels: Mapping[str, str] = field(default_factory=dict)
    volumes: tuple[str, ...] = ()
    """The paths of its VOLUMEs."""
    ports: tuple[int, ...] = ()
    """The ports that it EXPOSEs."""
    user: str = ""
    health: HealthCheck | None = None
    created_at: int = 0
    """In ms since 1970 UTC, 0 for not known."""
    size: int = 0
    """In bytes."""
    note: str = ""
    """Why no login went with the pull that brought it, where a credential helper failed."""

    def known_as(self, digest: str) -> bool:
        """Whether a registry that gives this digest gives this image."""
        return digest == self.id or any(each.endswith(f"@{digest}") for each in self.digests)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedImage:
    """The facts of an image at its registry, before it is pulled."""

    labels: Mapping[str, str] = field(default_factory=dict)
    created_at: int = 0
    """In ms since 1970 UTC, 0 for not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """A container with all that it was made with, mixed with what its image and engine brought.

    The tables are the engine's own, under its own names. Values of secrets are among them.
    """

    container: Container
    config: Mapping[str, Any] = field(repr=False)
    """The engine's Config."""
    host: Mapping[str, Any] = field(repr=False)
    """The engine's HostConfig."""
    networks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """How it stands in each network, by the network's name."""
    mounts: tuple[Mapping[str, Any], ...] = ()
    bound: Mapping[str, Any] = field(default_factory=dict)
    """The ports that are in use now."""
    image: Image | None = None
    """None when it is gone from the host."""
    image_config: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The Config that its image brings."""
    usual: Mapping[str, str] = field(default_factory=dict)
    """The values that this engine fills in for CgroupnsMode, Runtime and LogDriver, and for the
    Hostname of a container that shares the host's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerRequest:
    """All that makes a container. It is created with restart policy `no`, and not started.

    Mounts go through the engine's Mounts field.
    """

    name: str
    image: str
    spec: Spec
    labels: Mapping[str, str]
    alias: str
    """The container's name in its networks; empty for none."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Values by name: each fills its places in the spec, or else is a variable."""
    fresh: frozenset[str] = frozenset()
    """The volumes that the image may fill; every other one is mounted no-copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A probe: one GET to a container's own port."""

    port: int
    path: str
    timeout_ms: int
    scheme: str = "http"
    host: str = "localhost"
    """The name that is asked for, which a certificate must have."""
    ca_file: str = ""
    """The file with the certificates that are trusted; empty for those of this machine."""
    insecure: bool = False
    """Any certificate is taken."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    private: bool = False
    """The headers hold a secret: it goes to the container alone, and in no program's words."""

    @property
    def inside(self) -> bool:
        """Whether a program inside the container may ask it."""
        return not self.private and self.scheme == "http"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """A probe that was not answered."""

    late: bool = False
    """Something took the connection, or nothing refused it, and the time was over."""
    refused: bool = False
    """Nothing listens there: the connection was refused."""
    why: str = ""
    """Another cause, in words that hold nothing of what was sent or answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to a probe."""

    status: int
    body: bytes
    """At most 64 KiB."""
    route: Route
    """The way that the probe went."""


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
