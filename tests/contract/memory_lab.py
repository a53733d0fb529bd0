"""The lab of the contract suite over the engine in memory, with a clock that waits for nobody."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

from occ.domain.values import HealthCheck
from occ.engine.port import Engine
from occ.engine.values import File, Shared
from occ.errors import EngineUnreachableError
from tests.clock import FakeClock
from tests.contract.lab import End, Mood, Prune, Published
from tests.doubles.engine import tree
from tests.doubles.engine.engine import MemoryEngine
from tests.doubles.engine.image import Behaviour, BuiltImage
from tests.doubles.engine.wire import Loss
from tests.testbed.kinds import DEFAULT_VOLUMES

_PASSWD = b"root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n"
_SHADOW = b"root:*:19000:0:99999:7:::\nnobody:*:19000:0:99999:7:::\n"
_LAST_WORDS = (b"reading settings", b"cannot read caf\xe9.conf: no such file", b"giving up")
_STEP_MS = 50
_ARCHIVE_MS = 1_000


_GOOD = Behaviour(data="/data")
_BEHAVIOURS = {
    "sick": replace(_GOOD, status=503),
    "crash": replace(_GOOD, listens_after=None, ends_after=30, says=_LAST_WORDS),
    "brief": replace(_GOOD, ends_after=5_000),
    "slow": replace(_GOOD, stops_in=6_000),
    "deaf": replace(_GOOD, stops_in=None),
    "migrates": replace(_GOOD, migrates=True),
    "diary": replace(_GOOD, keeps="diary"),
    "blind": replace(_GOOD, keeps="blind"),
    "ruins": replace(_GOOD, keeps="diary", status=503),
    "bare": Behaviour(),
    "moved": replace(_GOOD, data="/newdata"),
    "default": Behaviour(path="/global/health", data=DEFAULT_VOLUMES[0]),
}


_VOLUMES = {"default": DEFAULT_VOLUMES, "moved": ("/newdata",)}


def _accounts(*more: bytes) -> tuple[File, ...]:
    extra = b"".join(name + b":x:1000:1000::/home/" + name + b":/bin/bash\n" for name in more)
    groups = b"".join(name + b":x:1000:\n" for name in more)
    locked = b"".join(name + b":!:19000:0:99999:7:::\n" for name in more)
    return (
        File(path="/etc/passwd", data=_PASSWD + extra),
        File(path="/etc/group", data=b"root:x:0:\nshadow:x:42:\nnogroup:x:65534:\n" + groups),
        File(path="/etc/shadow", data=_SHADOW + locked, mode=0o640, gid=42),
        File(path="/etc/gshadow", data=b"root:*::\nshadow:*::\n", mode=0o640, gid=42),
    )


# two links, one of them by way of a third, and one to nothing
_LINKED = (
    *_accounts()[:2],
    tree.link("/etc/shadow", "/usr/lib/hop"),
    tree.link("/usr/lib/hop", "accounts/shadow"),
    File(path="/usr/lib/accounts/shadow", data=b"root:*:1::::::\n", mode=0o640, gid=42),
    tree.link("/etc/gshadow", "/data/gshadow"),
)


def built(kind: str, version: str = "1") -> BuiltImage:
    """An image of a kind of tests/testbed/kinds.py."""
    users = {"clash": (b"other",), "default": (b"opencoder",)}.get(kind, ())
    files = {"bare": (), "linked": _LINKED}.get(kind, _accounts(*users))
    check = {
        "healthcheck": HealthCheck(interval_ms=1_000, timeout_ms=2_000, retries=2),
        "default": HealthCheck(),
    }.get(kind)
    return BuiltImage(
        behaviour=replace(_BEHAVIOURS.get(kind, _GOOD), version=version),
        files=(
            *files,
            File(path="/bin/busybox", data=b"\x7fELF", mode=0o755),
            File(path="/etc/service-version", data=version.encode()),
        ),
        volumes=_VOLUMES.get(kind, ("/data",)),
        labels={"org.opencontainers.image.version": "24.04"} if kind == "default" else {},
        env={"VERSION": version, "BEHAVIOUR": kind},
        health=check,
        stop_signal="SIGKILL" if kind == "bare" else "SIGTERM",
    )


class MemoryLab:
    """A rough lab: its engine is nobody else's."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.memory = MemoryEngine(self.clock)
        self._ports = count(20_000)

    @property
    def engine(self) -> Engine:
        return self.memory

    def name(self, what: str = "web") -> str:
        return f"t-{what}"

    def image(self, kind: str, version: str = "1") -> str:
        image = built(kind, version)
        self.memory.host.images.add(image)
        return image.id

    def publish(self, kind: str, version: str = "1", *, name: str, tag: str = "new") -> Published:
        image, reference = built(kind, version), f"127.0.0.1:5000/{self.name(name)}:{tag}"
        digest = self.memory.host.registry.publish(reference, image)
        return Published(reference, digest, image.id)

    def registry(self, mood: Mood) -> None:
        self.memory.host.registry.mood = mood

    def free_port(self) -> int:
        return next(self._ports)

    @contextmanager
    def occupied(self, port: int) -> Iterator[None]:
        self.memory.host.listeners.add(port)
        yield
        self.memory.host.listeners.discard(port)

    def foreign(self, name: str, image: str, *, shares: Mapping[Shared, str] | None = None) -> str:
        if shares:  # it sleeps: the port of the network that it shares is taken
            idle = replace(built("bare"), behaviour=Behaviour(listens_after=None))
            self.memory.host.images.add(idle)
            image = idle.id
        return self.memory.run_foreign(name, image, shares=shares)

    def network(self, name: str) -> None:
        self.memory.host.networks.add(name)

    def remove_network(self, name: str) -> None:
        self.memory.host.networks.discard(name)

    def until(self, question: Callable[[], bool], *, seconds: float = 10) -> None:
        end = self.clock.monotonic() + int(seconds * 1000)
        while not question():
            if self.clock.monotonic() > end:
                raise TimeoutError(f"not within {seconds} s")
            self.clock.sleep(_STEP_MS)

    def abandoned_stop(self, container: str, grace_ms: int) -> None:
        self.memory.wire.lose("stop", Loss("now"))
        try:
            self.memory.stop(container, grace_ms)
        except EngineUnreachableError:
            return
        raise AssertionError("the caller of the stop lived on")

    @contextmanager
    def archiving(self, container: str) -> Iterator[None]:
        with self.memory.wire.archiving(container, _ARCHIVE_MS):
            yield

    def files(self, container: str, path: str) -> Mapping[str, bytes]:
        there = self.memory.host.there(container)
        return tree.listing(self.memory.host, there, path)

    def now(self) -> int:
        return self.clock.now()

    def prune(self, what: Prune) -> None:
        self.memory.host.prune(what)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        self.memory.wire.mood = "frozen"
        yield
        self.memory.wire.thaw()

    def restart(self, end: End) -> None:
        self.memory.restart(end)

    @contextmanager
    def absent(self) -> Iterator[None]:
        self.memory.wire.mood = "absent"
        yield
        self.memory.wire.mood = "answers"
