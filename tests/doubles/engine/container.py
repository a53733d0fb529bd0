"""A container of the memory engine: what it was made with, and how it stands."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from occ.domain.spec import Port
from occ.domain.values import HealthCheck
from occ.engine.docker.wire import read
from occ.engine.values import Container, File, Shared, State
from tests.doubles.engine.image import BuiltImage


@dataclass(slots=True)
class MemoryVolume:
    """A volume: its labels, and its files by their path below it."""

    labels: Mapping[str, str] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    driver: str = "local"

    def seconds(self, *names: str) -> int:
        """The seconds that the first file of these names holds, in ms; 0 without one."""
        there = next((self.files[name] for name in names if name in self.files), None)
        return round(float(there.data) * 1_000) if there else 0


@dataclass(frozen=True, slots=True)
class MemoryMount:
    """Something mounted: a volume by name, or a folder of the host."""

    source: str
    volume: bool
    anonymous: bool = False
    read_only: bool = False


@dataclass(slots=True, kw_only=True)
class MemoryContainer:
    """One container. Times within the engine are monotonic ms, those for people wall clock.

    `run` counts its starts, so that what was due for an earlier one is known to be stale.
    `joined` is which making of a network it is in, by the network's name.
    `listens_at` and `status` are how its service answers in this run.
    """

    id: str
    name: str
    image: BuiltImage
    labels: Mapping[str, str]
    created: int
    body: Mapping[str, Any] = field(repr=False, default_factory=dict)
    ports: tuple[Port, ...] = ()
    mounts: dict[str, MemoryMount] = field(default_factory=dict)
    networks: tuple[str, ...] = ()
    joined: dict[str, int] = field(default_factory=dict)
    policy: str = "no"
    state: State = "created"
    started_at: int = 0
    finished_at: int = 0
    exit_code: int = 0
    restarts: int = 0
    error: str = ""
    run: int = 0
    began: int = 0
    listens_at: int | None = None
    status: int = 200
    backoff: int = 0
    stopping: bool = False
    manually_stopped: bool = False
    output: list[tuple[int, bytes]] = field(default_factory=list)
    files: dict[str, File] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        """Whether a process of it is alive or about to be."""
        return self.state in {"running", "paused", "restarting"}

    @property
    def shares(self) -> Mapping[Shared, tuple[str, ...]]:
        """The parts of other containers that it was made to use."""
        return read.shares(self.body.get("HostConfig", {}))

    @property
    def namespaces(self) -> Iterator[tuple[Shared, str]]:
        """Those that it can only start with, each with the id of the container that has them."""
        for part, lenders in self.shares.items():
            if part != "volumes":
                yield part, lenders[0]

    def told(self, now: int) -> Container:
        """The container as the port has it."""
        return Container(
            id=self.id,
            name=self.name,
            image=self.image.id,
            state=self.state,
            labels=self.labels,
            policy=self.policy,
            started_at=self.started_at,
            finished_at=self.finished_at,
            exit_code=self.exit_code,
            restarts=self.restarts,
            health=self._health(now),
            out_of_memory=self.exit_code == 137 and self.image.behaviour.eats,
            memory_bytes=self.body.get("HostConfig", {}).get("Memory", 0),
            stop_signal=self.image.stop_signal,
            error=self.error,
            ports=self.ports,
            mounts={path: mount.source for path, mount in self.mounts.items()},
            read_only=frozenset(path for path, mount in self.mounts.items() if mount.read_only),
        )

    def listens(self, now: int) -> bool:
        """Whether its service answers on its port."""
        return self.state == "running" and self.listens_at is not None and now >= self.listens_at

    def mounted(self, path: str) -> tuple[MemoryMount, str] | None:
        """The mount that a path lies in, and the path below it."""
        for at in sorted(self.mounts, key=len, reverse=True):
            if path == at or path.startswith(f"{at}/"):
                return self.mounts[at], path[len(at) :].strip("/")
        return None

    def has_volume(self, name: str) -> bool:
        """Whether a volume is mounted in it."""
        return any(mount.volume and mount.source == name for mount in self.mounts.values())

    def layer(self) -> Iterator[File]:
        """Its own files: those of the image, and those put in since."""
        own = {f.path: f for f in self.image.files} | self.files
        return iter(own.values())

    def _health(self, now: int) -> str:
        """What its HEALTHCHECK says. Checks come every interval, the first one after one.

        A monitor that was stopped says unhealthy (moby, container/health.go).
        """
        check = self.image.health
        if check is None or self.state == "created":
            return ""
        if self.state != "running":
            return "unhealthy"
        return self._checked(check, now)

    def _checked(self, check: HealthCheck, now: int) -> str:
        made = (now - self.began) // check.interval_ms
        if self.listens_at is not None and self.status == 200:
            wait = max(self.listens_at - self.began, 1)
            if made >= -(-wait // check.interval_ms):
                return "healthy"
        forgiven = check.start_period_ms // check.interval_ms
        return "unhealthy" if made - forgiven >= check.retries else "starting"


def below(files: Iterator[File], folder: str) -> bool:
    """Whether any file lies in a folder, which is then there too."""
    inside = folder.rstrip("/") + "/"
    return any(f.path.startswith(inside) for f in files)


def parent(path: str) -> str:
    """The folder of a path."""
    return posixpath.dirname(path)
