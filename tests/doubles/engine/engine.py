"""The engine in memory, for tests: it says yes, no and nothing at all as the real one does.

It has no threads. Whatever goes on by itself is due at a moment of the clock that it is given, and
is caught up with at the next call.
"""

import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from occ.domain.programs import Ended
from occ.domain.spec import Spec
from occ.engine.docker.wire import payload
from occ.engine.docker.wire.errors import refusal
from occ.engine.values import (
    Answer,
    Change,
    Container,
    ContainerRequest,
    File,
    Inspection,
    Neighbour,
    NoAnswer,
    Question,
    Ran,
    Route,
    neighbouring,
)
from occ.errors import NoProbeError, NotFoundError
from tests.doubles.engine import programs, tree
from tests.doubles.engine.container import MemoryContainer
from tests.doubles.engine.images import Images
from tests.doubles.engine.inspection import inspection
from tests.doubles.engine.service import answer, lines
from tests.doubles.programs import script_of

_INSPECT_MS = 10_000
_CHANGE_MS = 120_000
_STOP_MS = 60_000
_MEMORY = 20_000_000
_ASKERS = ("/usr/bin/curl", "/usr/bin/wget", "/bin/busybox")


class MemoryEngine(Images):
    """One engine: the calls about containers, what is inside them, and how they answer."""

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

    def neighbours(
        self, containers: Collection[str], volumes: Collection[str]
    ) -> tuple[Neighbour, ...]:
        """Who uses parts of these."""

        def look() -> tuple[Neighbour, ...]:
            now, there = self._agenda.at, self.host.containers.values()
            every = (Neighbour(container=c.told(now), shares=c.shares) for c in there)
            return tuple(one for one in every if neighbouring(one, containers, volumes))

        return self.wire.read("neighbours", _INSPECT_MS, look)

    def inspect(self, container: str) -> Container | None:
        """One container."""

        def look() -> Container | None:
            there = self.host.find(container)
            return there.told(self._agenda.at) if there else None

        return self.wire.read("inspect", _INSPECT_MS, look, container)

    def inspection(self, container: str) -> Inspection | None:
        """What it was made with."""

        def look() -> Inspection | None:
            there = self.host.find(container)
            return inspection(self.host, there, self._agenda.at) if there else None

        return self.wire.read("inspection", _INSPECT_MS, look, container)

    def create(self, request: ContainerRequest) -> str:
        """Create it, and connect its further networks, each by a call of its own."""
        made = self.wire.change(
            "create", _CHANGE_MS, lambda: self.host.create(request).id, reserves=request.name
        )
        for network in request.spec.networks[1:]:
            self._connect(made, network)
        return made

    def join(self, container: str, spec: Spec, alias: str) -> None:  # noqa: ARG002 - no names here
        """Connect the networks of the spec that it is not in."""
        there = self.wire.read(
            "inspect", _INSPECT_MS, lambda: self.host.there(container), container
        )
        for network in spec.networks[1:]:
            if network not in there.networks:
                self._connect(there.id, network)

    def _connect(self, container: str, network: str) -> None:
        act = self._on(container, lambda there: self.host.connect(there, network))
        self.wire.change("connect", _CHANGE_MS, act, container)

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

    def networks_lost(self, container: str) -> tuple[str, ...]:
        """The networks it is in that are gone."""

        def look() -> tuple[str, ...]:
            there = self.host.find(container)
            return self.host.networks_lost(there) if there else ()

        return self.wire.read("networks_lost", _INSPECT_MS, look, container)

    def pause(self, container: str) -> None:
        """Freeze it, unless it is frozen."""
        there = self.inspect(container)
        if there is None or there.state != "paused":
            act = self._on(container, self._life.pause)
            self.wire.change("pause", _CHANGE_MS, act, container)

    def unpause(self, container: str) -> None:
        """Thaw it, if it is frozen."""
        there = self.inspect(container)
        if there is not None and there.state == "paused":
            act = self._on(container, self._life.unpause)
            self.wire.change("unpause", _CHANGE_MS, act, container)

    def memory(self, container: str) -> int:
        """As much as every service here needs."""

        def look() -> int:
            there = self.host.find(container)
            return _MEMORY if there and there.running else 0

        return self.wire.read("memory", _INSPECT_MS, look, container)

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

    def copy_folder(self, source: str, target: str, path: str) -> None:
        """From one container into the other."""

        def act() -> None:
            tree.copy(self.host, self.host.there(source), self.host.there(target), path)

        self.wire.change("copy_folder", _CHANGE_MS, act, target)

    def read_folder(
        self,
        container: str,
        path: str,
        take: Callable[[bytes], None],
        *,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        """A folder out of a container, in pieces of 512 bytes."""

        def look() -> bytes:
            return tree.archived(self.host, self.host.there(container), path)

        whole = self.wire.read("read_folder", _CHANGE_MS, look, container)
        for at in range(0, len(whole), 512):
            tick()
            take(whole[at : at + 512])

    def write_folder(
        self,
        container: str,
        path: str,
        give: Iterable[bytes],
        *,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        """A tar into a container; a source that fails leaves the members that were whole."""
        data = bytearray()

        def act() -> None:
            tree.extract(
                self.host, self.host.there(container), posixpath.dirname(path), bytes(data)
            )

        try:
            for piece in give:
                tick()
                data += piece
        except Exception:
            act()
            raise
        self.wire.change("write_folder", _CHANGE_MS, act, container)

    def read_file(self, container: str, path: str) -> File | None:
        """A file out of a container."""

        def look() -> File | None:
            there = self.host.find(container)
            return tree.read(self.host, there, path) if there else None

        return self.wire.read("read_file", _INSPECT_MS, look, container)

    def real_path(self, container: str, path: str) -> str:
        """Where a link leads."""

        def look() -> str:
            there = self.host.find(container)
            return tree.real_path(self.host, there, path) if there else path

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

    def run_inside(
        self,
        container: str,
        words: Sequence[str],
        *,
        told: Mapping[str, str],  # noqa: ARG002 - scripts know all
        hidden: Sequence[str] = (),  # noqa: ARG002 - and say nothing
        most_ms: int,
    ) -> Ended:
        """Play the script of a program, in a container that runs."""

        def run() -> Ended:
            there = self.host.there(container)
            if there.state != "running":
                raise refusal(409, f"Container {there.id} is not running")
            script = script_of(self.host, words)
            if script is None:
                return Ended(how="not started", status=127, said=f'exec: "{words[0]}": not found')
            until = self._agenda.at + script.ms
            ended = script.played(self.host.marks, most_ms, self._agenda.spend)
            if ended.how == "timed out":  # nobody can end it
                self.host.inside.append((there.id, tuple(words), until))
            return ended

        return self.wire.change("run_inside", _CHANGE_MS, run, container)

    def runs_inside(self, container: str, words: Sequence[str]) -> bool:
        """Whoever asks has waited for it, unless it took too long."""

        def look() -> bool:
            there, now = self.host.there(container), self._agenda.at
            return there.running and any(
                (number, run) == (there.id, tuple(words)) and now < until
                for number, run, until in self.host.inside
            )

        return self.wire.read("runs_inside", _INSPECT_MS, look, container)

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

    def probe(self, container: str, question: Question) -> Answer | NoAnswer:
        """One GET: of whoever has the published port, which may be another container."""
        route = self.route(container, question.port)
        if route is None or (route == "inside" and not question.inside):
            way = "" if question.inside else " with a login or over TLS"
            inside = "have curl or wget in the image, " if question.inside else ""
            raise NoProbeError(
                f"nothing can ask {question.path} of {container[:12]}{way}",
                hint=f"publish its port, {inside}or go without: --no-probe",
            )
        there = asked = self.host.find(container)
        if there is not None and route == "published":
            at = next(p for p in there.ports if p.container == question.port)
            asked = self.host.holder(at.host, at.address, at.protocol)
        needed = max(1, asked.image.behaviour.answers_after if asked else 1)
        self._agenda.spend(min(question.timeout_ms, needed))
        if asked is None or not asked.listens(self._agenda.at):
            return NoAnswer()
        if needed > question.timeout_ms:
            return NoAnswer(late=True)
        return answer(asked, question, route, self.host.pages)
