"""The engine in memory, for tests: it says yes, no and nothing at all as the real one does.

It has no threads. Whatever goes on by itself is due at a moment of the clock that it is given, and
is caught up with at the next call.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from occ.clock import Clock
from occ.domain.spec import Build
from occ.engine.docker import payload
from occ.engine.docker.errors import refusal, registry_refusal
from occ.engine.memory import programs, tree
from occ.engine.memory.agenda import Agenda
from occ.engine.memory.builder import make
from occ.engine.memory.container import MemoryContainer, MemoryVolume
from occ.engine.memory.declared import declared
from occ.engine.memory.host import MemoryHost
from occ.engine.memory.image import BuiltImage
from occ.engine.memory.life import End, Life
from occ.engine.memory.service import answer, lines
from occ.engine.memory.wire import ADDRESS, Wire
from occ.engine.values import (
    Answer,
    BuildProgress,
    Change,
    Container,
    ContainerRequest,
    Declared,
    EngineInfo,
    File,
    Image,
    PullProgress,
    Ran,
    Route,
)
from occ.errors import NoProbeError, NotFoundError

_INFO_MS = 2_000
_INSPECT_MS = 10_000
_CHANGE_MS = 120_000
_STOP_MS = 60_000
_REGISTRY_MS = 20_000
_STALL_MS = 60_000
_PIECE_MS = 50
_ASKERS = ("/usr/bin/curl", "/usr/bin/wget", "/bin/busybox")


class MemoryEngine:
    """One engine. `host` is all that is on its host, `wire` the way to it; tests use both.

    With `local` false it is asked about services from inside their containers.
    """

    def __init__(self, clock: Clock, *, number: str = "MEMO:RYEN:GINE", local: bool = True) -> None:
        self._clock = clock
        self._agenda = Agenda(clock)
        self._number, self._local = number, local
        self.host = MemoryHost(self._agenda)
        self.wire = Wire(self._agenda, self.host)
        self._life = Life(self.host)
        self._started_at = self._agenda.wall

    def restart(self, end: End, first: Sequence[str] = ()) -> None:
        """The engine ends in this way and is started again; `first` are those it starts first."""
        self._agenda.catch_up()
        self.wire.forget()
        self._life.restart(end, first)
        self._started_at = self._agenda.wall

    def run_foreign(self, name: str, image: str, *, borrows: str = "") -> str:
        """Somebody else's running container, its id."""
        self._agenda.catch_up()
        made = self.host.foreign(name, image, borrows=borrows)
        self._life.start(made)
        return made.id

    def info(self) -> EngineInfo:
        """Who answers."""
        return self.wire.read("info", _INFO_MS, self._told)

    def started_at(self) -> int:
        """When it was started."""
        return self.wire.read("started_at", _INFO_MS, lambda: self._started_at)

    def containers(self, labels: Mapping[str, str]) -> tuple[Container, ...]:
        """The containers with all these labels, oldest first."""
        found = self.wire.read("containers", _INSPECT_MS, lambda: self.host.labelled(labels))
        looked = (self.inspect(each) for each in found)
        return tuple(there for there in looked if there is not None)

    def names(self) -> Mapping[str, str]:
        """Every container's id by its name."""
        return self.wire.read(
            "names", _INSPECT_MS, lambda: {c.name: c.id for c in self.host.containers.values()}
        )

    def sharers(self, container: str) -> tuple[str, ...]:
        """Running containers that use this one's network or one of its volumes."""
        there = self.inspect(container)
        if there is None:
            return ()
        return self.host.sharers(there.id)

    def inspect(self, container: str) -> Container | None:
        """One container."""

        def look() -> Container | None:
            there = self.host.find(container)
            return there.told(self._agenda.at) if there else None

        return self.wire.read("inspect", _INSPECT_MS, look, container)

    def declared(self, container: str) -> Declared | None:
        """What it was made with."""

        def look() -> Declared | None:
            there = self.host.find(container)
            return declared(self.host, there, self._agenda.at) if there else None

        return self.wire.read("declared", _INSPECT_MS, look, container)

    def create(self, request: ContainerRequest) -> str:
        """Create it."""
        return self.wire.change(
            "create", _CHANGE_MS, lambda: self.host.create(request).id, reserves=request.name
        )

    def start(self, container: str) -> None:
        """Start it."""
        act = self._on(container, self._life.start)
        self.wire.change("start", _CHANGE_MS, act, container)

    def stop(self, container: str, grace_ms: int) -> None:
        """Stop it, and wait for its end; absent is fine."""
        grace = -(-grace_ms // 1000) * 1000

        def begin() -> MemoryContainer | None:
            there = self.host.find(container)
            if there is not None:
                self._life.stop(there, grace)
            return there

        there = self.wire.change("stop", grace + _STOP_MS, begin, container)
        if there is not None:
            self._agenda.wait(lambda: not there.running, grace + _STOP_MS)

    def remove(self, container: str, *, volumes: bool = True) -> None:
        """Have it gone."""

        def act() -> None:
            there = self.host.find(container)
            if there is not None:
                self.host.remove(there, volumes=volumes)

        self.wire.change("remove", _CHANGE_MS, act, container)

    def rename(self, container: str, name: str) -> None:
        """Give it this name."""
        there = self.inspect(container)
        if there is None or there.name != name:
            act = self._on(container, lambda found: self.host.rename(found, name))
            self.wire.change("rename", _CHANGE_MS, act, container)

    def set_policy(self, container: str, policy: str) -> None:
        """Set its restart policy."""
        wanted = payload.policy(policy)
        name, most = wanted["Name"], wanted["MaximumRetryCount"]

        def change(there: MemoryContainer) -> None:
            if name not in {"no", "always", "unless-stopped", "on-failure"}:
                raise refusal(400, f"invalid restart policy {name!r}")
            there.policy = f"{name}:{most}" if most else name

        self.wire.change("set_policy", _CHANGE_MS, self._on(container, change), container)

    def logs(
        self,
        container: str,
        *,
        tail: int | None = None,
        since: int = 0,
        timestamps: bool = False,
        follow: bool = False,
    ) -> Iterator[bytes]:
        """Its output in lines."""
        if self.inspect(container) is None:
            raise NotFoundError(f"there is no container {container[:12]}", hint="occ status")
        there = self.host.there(container)
        said = [(at, line) for at, line in there.output if at >= since]
        first = said[-tail:] if tail else said if tail is None else []
        return lines(self._agenda, there, first, timestamps=timestamps, follow=follow)

    def image(self, reference: str) -> Image | None:
        """An image on the host."""
        return self.wire.read("image", _INSPECT_MS, lambda: self.host.images.told(reference))

    def pull(
        self, reference: str, progress: Callable[[PullProgress], None] = lambda _: None
    ) -> Image:
        """Pull; an image comes in pieces, and counts when the last one is there."""
        # the engine gives a pull up when its caller goes
        built = self.wire.read("pull", _STALL_MS, lambda: self.host.registry.look(reference))
        for piece in self.host.registry.pieces(reference, built):
            progress(piece)
            self._agenda.spend(_PIECE_MS)
        self.host.images.pulled(built, reference)
        image = self.image(reference)
        if image is None:
            raise registry_refusal(reference, 0, "it was pulled and is gone again")
        return image

    def build(
        self, build: Build, progress: Callable[[BuildProgress], None] = lambda _: None
    ) -> Image:
        """Build, over images of the host or the registry."""

        def find(reference: str) -> BuiltImage:
            return self.host.images.find(reference) or self.host.registry.look(reference)

        built = self.wire.read("build", _STALL_MS, lambda: make(build, find, progress))
        self.host.images.add(built)
        return built.told((), ())

    def registry_digest(self, reference: str) -> str:
        """The digest at the registry."""
        return self.wire.read(
            "registry_digest", _REGISTRY_MS, lambda: self.host.registry.look(reference).digest
        )

    def tag(self, image: str, reference: str) -> None:
        """Have the tag point at the image."""
        self.wire.change("tag", _CHANGE_MS, lambda: self.host.images.tag(image, reference))

    def untag(self, reference: str) -> None:
        """Have the tag gone, but never an image's last one."""
        there = self.image(reference)
        if there is None or reference not in there.references:
            return
        if len(there.references) + len(there.digests) > 1:
            used = {c.image.id for c in self.host.containers.values()}
            act = partial(self.host.images.delete, reference, used)
            self.wire.change("untag", _CHANGE_MS, act)

    def volume(self, name: str) -> Mapping[str, str] | None:
        """A volume's labels."""

        def look() -> Mapping[str, str] | None:
            there = self.host.volumes.get(name)
            return dict(there.labels) if there else None

        return self.wire.read("volume", _INSPECT_MS, look)

    def create_volume(self, name: str, labels: Mapping[str, str]) -> None:
        """Have the volume."""
        made = MemoryVolume(dict(labels))
        self.wire.change(
            "create_volume", _CHANGE_MS, lambda: self.host.volumes.setdefault(name, made)
        )

    def remove_volume(self, name: str) -> None:
        """Have it gone."""
        self.wire.change("remove_volume", _CHANGE_MS, lambda: self.host.remove_volume(name))

    def copy_folder(self, source: str, target: str, path: str) -> None:
        """From one container into the other."""

        def act() -> None:
            tree.copy(self.host, self.host.there(source), self.host.there(target), path)

        self.wire.change("copy_folder", _CHANGE_MS, act, target)

    def network(self, name: str) -> bool:
        """Whether there is such a network."""
        return self.wire.read("network", _INSPECT_MS, lambda: name in self.host.networks)

    def read_file(self, container: str, path: str) -> File | None:
        """A file out of a container."""

        def look() -> File | None:
            there = self.host.find(container)
            return tree.read(self.host, there, path) if there else None

        return self.wire.read("read_file", _INSPECT_MS, look, container)

    def write_files(self, container: str, files: Sequence[File]) -> None:
        """Put files into a container."""

        def put(there: MemoryContainer) -> None:
            for file in files:
                tree.write(self.host, there, file)

        if files:
            self.wire.change("write_files", _CHANGE_MS, self._on(container, put), container)

    def exec(self, container: str, words: Sequence[str], *, stdin: bytes = b"") -> Ran:
        """Run one of the few programs that there are: see programs."""

        def run() -> Ran:
            return programs.run(self.host, self.host.there(container), words, stdin)

        return self.wire.change("exec", _CHANGE_MS, run, container)

    def changes(self, container: str) -> tuple[Change, ...]:
        """What is in its own layer."""

        def look() -> tuple[Change, ...]:
            return tree.changes(self.host.there(container))

        return self.wire.read("changes", _CHANGE_MS, look, container)

    def route(self, container: str, port: int) -> Route | None:
        """The way that a probe would go."""
        there = self.inspect(container)
        if there is None:
            return None
        if self._local:
            return "published" if any(p.container == port for p in there.ports) else "address"
        has_asker = any(self.read_file(container, path) for path in _ASKERS)
        return "inside" if has_asker else None

    def probe(self, container: str, port: int, path: str, timeout_ms: int) -> Answer | None:
        """One GET: of whoever has the published port, which may be another container."""
        route = self.route(container, port)
        if route is None:
            raise NoProbeError(
                f"nothing can ask {path} of {container[:12]}",
                hint="publish its port, have curl or wget in the image, or go without: --no-probe",
            )
        there = asked = self.host.find(container)
        if there is not None and route == "published":
            at = next(p for p in there.ports if p.container == port)
            asked = self.host.holder(at.host, at.address, at.protocol)
        self._agenda.spend(min(timeout_ms, 1))
        if asked is None or not asked.listens(self._agenda.at):
            return None
        return answer(asked, port, path, route)

    def _told(self) -> EngineInfo:
        return EngineInfo(
            id=self._number,
            root="/memory/docker",
            address=ADDRESS,
            version="20.10.24",
            api="1.41",
            local=self._local,
        )

    def _on(self, container: str, act: Callable[[MemoryContainer], None]) -> Callable[[], None]:
        """What is done with a container, looked up when it is done."""
        return lambda: act(self.host.there(container))
