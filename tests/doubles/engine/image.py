"""What an image of the memory engine is: its contents, and how a container of it behaves."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from occ.domain.values import HealthCheck, Reference
from occ.engine.values import File, Image


def pinned(reference: Reference, digest: str) -> str:
    """The repository of a reference at one digest."""
    return f"{reference.repository}@{digest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What the service in an image does. Times are ms after its start; None is never.

    It answers `status` on `port` under `path` with `{"healthy":..., "version": ...}`, or with its
    `page` where it has one. `stops_in` is how long it takes after SIGTERM; None ignores that, and
    waits for SIGKILL. With `data` it wants to be alone on the volume there, and is sick on data of
    a later version; `migrates` makes the data its own. An image that `keeps` a list moves it into
    the form of its version: a `diary` is sick on a list of a later form, a `blind` one is well on
    it, and writes an empty one over it. `answers_after` is how long each answer takes. With a
    variable `password_in` in its environment it wants that password of whoever asks. A container
    that ends with 137 was killed because its memory was over if it `eats`.
    """

    version: str = "1"
    port: int = 3000
    path: str = "/health"
    listens_after: int | None = 100
    status: int = 200
    page: bytes = b""
    ends_after: int | None = None
    exit_code: int = 1
    says: tuple[bytes, ...] = ()
    stops_in: int | None = 50
    data: str = ""
    migrates: bool = False
    # an image's environment tells it from others too, and its id stays the one that it had
    keeps: Literal["", "diary", "blind"] = field(default="", repr=False)
    answers_after: int = 0
    password_in: str = ""
    eats: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltImage:
    """An image as it was built. `files` lie at their paths, those under a VOLUME fill it."""

    behaviour: Behaviour = Behaviour()
    files: tuple[File, ...] = ()
    volumes: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[int, ...] = (3000,)
    user: str = ""
    health: HealthCheck | None = None
    stop_signal: str = "SIGTERM"
    created_at: int = 0
    size: int = 2_000_000

    @property
    def id(self) -> str:
        """What is in it decides which it is."""
        return "sha256:" + hashlib.sha256(repr(self).encode()).hexdigest()

    @property
    def digest(self) -> str:
        """The digest of its manifest, which is another number than its id."""
        return "sha256:" + hashlib.sha256(f"manifest of {self.id}".encode()).hexdigest()

    def told(self, references: tuple[str, ...], digests: tuple[str, ...]) -> Image:
        """The image as the port has it."""
        return Image(
            id=self.id,
            references=references,
            digests=digests,
            labels=self.labels,
            volumes=self.volumes,
            ports=self.ports,
            user=self.user,
            health=self.health,
            created_at=self.created_at,
            size=self.size,
        )

    def config(self) -> Mapping[str, object]:
        """What it brings to a container, in the engine's own words."""
        return {
            "Env": [f"{name}={value}" for name, value in self.env.items()],
            "Labels": dict(self.labels),
            "ExposedPorts": {f"{port}/tcp": {} for port in self.ports},
            "Volumes": {path: {} for path in self.volumes},
            "User": self.user,
            "Cmd": ["/usr/local/bin/service"],
        }
