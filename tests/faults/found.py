"""Found states: a service is brought into one, changed, killed in between, and looked at again.

The ends are stated by hand in found.toml. A state is made by what happens to people's containers:
by the engine's own calls, by files beside the service's data, never by occ's.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from occ.app.options import Options
from occ.domain.operation_fold import fold
from occ.engine.values import Container, File, State
from tests.contract.memory_lab import built
from tests.faults.memory import IMAGE, LATE_MS, NAME, OURS, PORT, VOLUME, MemoryWorld
from tests.people import YES, do

STATES: Final[Mapping[str, Mapping[str, str]]] = tomllib.loads(
    (Path(__file__).parent / "found.toml").read_text()
)
VERBS: Final = ("update", "failing", "rollback", "apply", "start", "stop", "repair")
_HEALTH = 'path = "/health"\ninterval = "100ms"\nmin_healthy = "100ms"\ntimeout = "1500ms"\n'
_WATCHED_MS = 20_000
_UNSEEN_MS = 5_000
_SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a cell ended: exit statuses of the change and of the way out, and the service after."""

    status: int
    way: int
    stands: str
    went: str
    """`forward` to the end, `back`, or `none` where nothing was begun."""


def differs(state: str, verb: str, way: str, ended: Ended, point: str) -> str:
    """In what the end of a killed change is not the one that is stated; empty where it is."""
    stated = STATES[state]
    forward = ended.went == "forward" or (way == "resume" and ended.went == "back")
    right = stated[verb].partition(" ")[2] if forward else stated["found"]
    allowed = {right} if forward else {right, stated.get("back", right)}
    if ended.stands in allowed and ended.way in {0, 6}:
        return ""
    return f"{state}: {verb} killed {point}, then {way}: {ended}, not {right}"


@dataclass
class FoundWorld(MemoryWorld):
    """A host with one service at version 2.0, which was 1.0 before."""

    policy: str = "always"

    def ready(self, state: str) -> None:
        """Have the service, found in this state."""
        name, _, policy = state.partition("-under-")
        self.policy = policy or ("no" if name in {"failed", "oom"} else "always")
        if name == "stranded":
            self.engine.host.networks.add("front")
        self._publish("good", "1.0")
        if name == "sourceless":
            (self.folder / _SOURCE).mkdir()
            self.engine.host.folders[str(self.folder / _SOURCE)] = {}
        self.declare(
            network="front" if name == "stranded" else "",
            source=str(self.folder / _SOURCE) if name == "sourceless" else "",
        )
        assert self.occ("start") == 0, self.said
        self._publish("sick" if name == "unhealthy" else "good", "2.0")
        options = Options(probe=name != "unhealthy")
        do(self.app, "update", NAME, options, YES)
        _MAKE[name](self)

    def declare(self, *, network: str = "", env: str = "", source: str = "") -> None:
        """Write the config."""
        more = f'restart = "{self.policy}"\n'
        more += f'mounts = ["{source}:/mnt"]\n' if source else ""
        more += f'networks = ["{network}"]\n' if network else ""
        more += f'env = {{ MODE = "{env}" }}\n' if env else ""
        self.box.configure(IMAGE, PORT, health=_HEALTH, more=more)

    def typed(self, verb: str, point: str = "none") -> int:
        """Type a change, the image or config that it is about being there; its exit status."""
        if verb in {"update", "failing"}:
            self._publish(*{"update": ("good", "3.0"), "failing": ("sick", "4.0")}[verb])
        if verb == "apply":
            config = self.folder / "config.toml"
            text = config.read_text()
            config.write_text(text.replace("volumes = ", 'env = { MODE = "b" }\nvolumes = ', 1))
        return self.occ("update" if verb == "failing" else verb, point)

    def tried_from(self, state: str, verb: str, point: str = "none", way: str = "") -> Ended:
        """Find it in this state, change it, kill occ at this point, and take this way out."""
        self.ready(state)
        number = self.journal.last_operation() + 1
        (self.folder / "calls").unlink()
        status = self.typed(verb, point)
        if way:  # nobody types it at once, and what loops goes on meanwhile
            self.clock.sleep(_UNSEEN_MS)
        done = self.occ(way) if way else 0
        self.clock.sleep(LATE_MS)
        entries = tuple(self.journal.entries(operation=number))
        operation = fold(entries) if entries else None
        back = operation is None or operation.ending in {"undone", "unchanged"}
        went = "none" if operation is None else "back" if back else "forward"
        return Ended(status, done, self.stands(), went)

    def web(self) -> Container:
        """The service's only container."""
        (there,) = self.engine.containers(OURS)
        return there

    def stands(self) -> str:
        """How the service stands, once it was watched for a while."""
        there = self.engine.containers(OURS)
        if len(there) != 1:
            return " and ".join(f"{c.name} {c.state} {c.policy}" for c in there) or "absent"
        before = self.web()
        self.clock.sleep(_WATCHED_MS)
        after = self.web()
        named = "" if after.name == NAME else f", named {after.name}"
        return f"{self._how(before, after)} {after.policy}{named}"

    def _how(self, before: Container, after: Container) -> str:
        version = next(v for v in _VERSIONS if after.image in _images(v))
        if after.state == "restarting" or after.restarts > before.restarts:
            return f"loops {version}"
        if after.state == "running":
            return f"serves {version}" if self.serves() else f"sick {version}"
        return f"{after.state} {after.exit_code} {version}"

    def _publish(self, kind: str, version: str) -> None:
        self.engine.host.registry.publish(IMAGE, built(kind, version))

    def write(self, name: str, text: str = "database") -> None:
        """Write a file beside the service's data."""
        self.engine.host.volumes[VOLUME].files[name] = File(path=name, data=text.encode())

    def again(self) -> None:
        """Somebody stops and starts it."""
        self.engine.stop(NAME, 10_000)
        self.engine.start(NAME)
        self.clock.sleep(3_000)


_VERSIONS = ("1.0", "2.0", "3.0", "4.0")


def _images(version: str) -> set[str]:
    return {built("good", version).id, built("sick", version).id}


def _loop(world: FoundWorld) -> None:
    world.write("needs-2.0")
    world.again()


def _wait(world: FoundWorld) -> None:
    world.write("needs")
    world.again()


def _end(world: FoundWorld) -> None:
    world.engine.stop(NAME, 10_000)


def _oom(world: FoundWorld) -> None:
    _end(world)
    world.engine.host.there(NAME).exit_code = 137


def _create(world: FoundWorld) -> None:
    _end(world)
    there = world.engine.host.there(NAME)
    there.state, there.started_at, there.finished_at, there.exit_code = "created", 0, 0, 0


def _leave(state: State) -> Callable[[FoundWorld], None]:
    """A removal is under way, or broke off."""

    def made(world: FoundWorld) -> None:
        _end(world)
        world.engine.host.there(NAME).state = state

    return made


def _strand(world: FoundWorld) -> None:
    _end(world)
    world.engine.host.networks.discard("front")
    world.engine.host.networks.add("front")


def _lose(world: FoundWorld) -> None:
    (world.folder / _SOURCE).rmdir()
    del world.engine.host.folders[str(world.folder / _SOURCE)]


def _untag(world: FoundWorld) -> None:
    for version in ("1.0", "2.0"):
        for tag in tuple(world.engine.host.images.references(built("good", version).id)):
            if tag.startswith("occ.local/"):
                world.engine.host.images.untag(tag)


_MAKE: Final[Mapping[str, Callable[[FoundWorld], None]]] = {
    "healthy": lambda _: None,
    "unhealthy": lambda _: None,
    "looping": _loop,
    "waiting": _wait,
    "paused": lambda world: world.engine.pause(NAME),
    "created": _create,
    "exited": _end,
    "failed": _loop,
    "oom": _oom,
    "dead": _leave("dead"),
    "removing": _leave("removing"),
    "stranded": _strand,
    "sourceless": _lose,
    "untagged": _untag,
    "renamed": lambda world: world.engine.rename(NAME, "other"),
    "unruled": lambda world: world.engine.set_policy(NAME, "no"),
}
