"""All that a replacement must repeat: everything about a container but its image."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, asdict, dataclass, field, fields, is_dataclass
from typing import Any, Final

from occ.domain.secrets.places import placed_in
from occ.domain.values import Json, normal_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A published port: `host` on `address` leads to `container`.

    The address `*` is every one of the host, of IPv4 and, where the host has it, of IPv6.
    """

    container: int
    host: int
    address: str = "127.0.0.1"
    protocol: str = "tcp"

    @property
    def exposed(self) -> bool:
        """Whether others than this machine can reach it."""
        return not (self.address.startswith("127.") or self.address in {"::1", "localhost"})

    def __str__(self) -> str:
        kind = "" if self.protocol == "tcp" else f"/{self.protocol}"
        address = f"[{self.address}]" if ":" in self.address else self.address
        return f"{address}:{self.host}:{self.container}{kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A named volume at a path in the container."""

    name: str
    path: str
    read_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A folder or file of the host at a path in the container (a bind mount)."""

    source: str
    path: str
    read_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on what the container may use; 0 is no bound."""

    memory_bytes: int = 0
    nano_cpus: int = 0
    """Processors in billionths: half of one is 500,000,000."""
    pids: int = 0
    """How many processes and threads it may have at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """The login that a probe carries, as HTTP Basic has it; no value of a secret is in it."""

    user: str = ""
    """Text, in which `{{secret:NAME}}` stands for the value of a secret."""
    secret: str = ""
    """The name of the secret whose value is the password; empty for no login."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The gate: what a container must show before it counts as proven."""

    path: str = ""
    """The path of the HTTP probe. Without one no probe is made; running steadily, without restarts,
    and the image's own HEALTHCHECK still count."""
    port: int = 0
    """The container's port that is probed; 0 without a path."""
    expect_status: int = 200
    version_field: str = ""
    """The field of the JSON answer in which the service says its version; dots lead inwards."""
    version_label: str = ""
    """The label of the image that must say the same version; empty where none must."""
    interval_ms: int = 1_000
    """The longest pause between two probes."""
    timeout_ms: int = 120_000
    """How long a problem is waited out, counted from the beginning of the gate."""
    min_healthy_ms: int = 10_000
    """How long it must stay healthy without a break."""
    restarts_allowed: int = 0
    """How often it may end and be started again before it is proven; 0: an exit is final."""
    probe_timeout_ms: int = 2_000
    """How long one probe is waited for."""
    scheme: str = "http"
    """`http` or `https`."""
    host: str = "localhost"
    """The name that the probe asks for, which a certificate must have."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers of the probe by name; `{{secret:NAME}}` stands for the value of a secret."""
    auth: Login = Login()
    ca_file: str = ""
    """The file with the certificates that are trusted; empty for those of this machine."""
    insecure: bool = False
    """Any certificate is taken."""
    expect_body: str = ""
    """Text that a good answer has in its first 64 KiB; empty for any."""

    @property
    def secrets(self) -> frozenset[str]:
        """The names of the secrets that a probe carries."""
        own = {self.auth.secret} - {""}
        return placed_in((self.auth.user, *self.headers.values())) | own


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """How a service's image is made on its host: from a folder of this machine and a Dockerfile."""

    context: str
    dockerfile: str = "Dockerfile"
    """Relative to `context`."""
    args: Mapping[str, str] = field(default_factory=dict)
    """Build arguments by name. Everyone can read them in the image's history, so they hold no
    secrets."""
    target: str = ""
    """The stage of the Dockerfile that is built; empty for the last one."""
    pull: bool = False
    """The registry is asked for newer base images."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A container's declared shape. It is declared, never read back from a container.

    An inspected container mixes what was asked with what its image brought; cloning one freezes
    the old image's defaults into the new container, so occ does not.
    """

    ports: tuple[Port, ...] = ()
    volumes: tuple[Volume, ...] = ()
    mounts: tuple[Mount, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    """The names of the variables whose values are kept apart, in a store of secrets."""
    restart: str = "unless-stopped"
    """The restart policy: no, always, unless-stopped, on-failure or on-failure:N."""
    command: tuple[str, ...] = ()
    """The words after the entrypoint; empty for the image's own."""
    entrypoint: tuple[str, ...] = ()
    """Empty for the image's own; one empty word takes that away."""
    user: str = ""
    """Whom the service runs as; empty for the image's own."""
    networks: tuple[str, ...] = ()
    """The container is made in the first one; empty for the engine's own bridge."""
    limits: Limits = Limits()
    stop_timeout_ms: int = 10_000
    """The time between SIGTERM and SIGKILL."""
    health: Health = Health()
    engine: Mapping[str, Json] = field(default_factory=dict)
    """Keys of the engine's create call that occ has no word for; see `engine_keys.py`."""

    def digest(self) -> str:
        """SHA-256 over the canonical text: two specs are the same when this is.

        A field that is not one of `_FIRST_FIELDS` is left out of the text while it has its default.
        """
        shape = _canonical(self)
        text = json.dumps(shape, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def covers(self, path: str) -> bool:
        """Whether something of the host, of memory, or a volume is mounted at `path`."""
        own = {v.path for v in self.volumes} | {m.path for m in self.mounts}
        return path in own | {normal_path(place) for place in _engine_paths(self.engine)}


_FIRST_FIELDS: Final[Mapping[type, tuple[str, ...]]] = {
    Port: ("container", "host", "address", "protocol"),
    Volume: ("name", "path", "read_only"),
    Mount: ("source", "path", "read_only"),
    Limits: ("memory_bytes", "nano_cpus", "pids"),
    Health: (
        *("path", "port", "expect_status", "version_field", "version_label"),
        *("interval_ms", "timeout_ms", "min_healthy_ms", "restarts_allowed"),
    ),
    Spec: (
        *("ports", "volumes", "mounts", "env", "labels", "secrets", "restart", "command"),
        *("entrypoint", "user", "networks", "limits", "stop_timeout_ms", "health", "engine"),
    ),
}
"""The fields that recorded digests cover; a field that is added to a class is not added here."""


def _canonical(value: Any) -> Any:  # noqa: ANN401 - a spec, a part of it, or JSON of any shape
    if is_dataclass(value):
        first = next((n for kind, n in _FIRST_FIELDS.items() if isinstance(value, kind)), ())
        named = ((f, getattr(value, f.name)) for f in fields(value))
        return {f.name: _canonical(v) for f, v in named if f.name in first or v != _default(f)}
    if isinstance(value, tuple | list):
        return [_canonical(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _canonical(item) for key, item in value.items()}
    return value


def _default(of: Field[Any]) -> object:
    return of.default if of.default_factory is MISSING else of.default_factory()


def _engine_paths(engine: Mapping[str, Json]) -> Iterator[str]:
    """Where the engine's own words mount something."""
    tmpfs, mounts, binds = (engine.get(key) for key in ("Tmpfs", "Mounts", "Binds"))
    if isinstance(tmpfs, dict):
        yield from tmpfs
    for mount in mounts if isinstance(mounts, list) else ():
        if isinstance(mount, dict):
            yield str(mount.get("Target", ""))
    for bind in binds if isinstance(binds, list) else ():
        yield str(bind).split(":")[1] if ":" in str(bind) else ""


def differences(old: Spec, new: Spec) -> tuple[str, ...]:
    """The names of the fields in which two specs differ, for people."""
    before, after = asdict(old), asdict(new)
    return tuple(name for name in before if before[name] != after[name])
