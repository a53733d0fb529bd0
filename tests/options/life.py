"""The life of a container with many options: whether it ever becomes another one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeAlias

import tomlkit

from tests import inspected, options
from tests.box import Box, Done
from tests.options import Row, State
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images, build_image
from tests.testbed.machine import run

# The steps of a life, each with the image that the tag leads to and the exit status. A stopped
# service is replaced stopped, and then nothing judges the new version.
LIFE: Final[Sequence[tuple[tuple[str, ...], str, int, int]]] = (
    (("adopt", "NAME", "--yes"), "", 0, 0),
    (("update", "--yes"), "two", 0, 0),
    (("update", "--yes"), "broken", 6, 0),
    (("rollback", "--yes", "--to", "1"), "", 0, 0),
    (("forget", "--yes"), "", 0, 0),
)
Hand: TypeAlias = tuple[State, Sequence[Row]]
"""How a container is found, and its options."""
# While a container is made again, its ports are free for the engine to choose: for another life.
_ENGINE_PORTS: Final = Lock()
QUICK: Final = {"min_healthy": "200ms", "timeout": "5s"}


@dataclass(frozen=True)
class Host:
    """The docker command on the shared engine, and three images of one service."""

    url: str
    registry: str
    """It has none of them, and says so."""
    images: Mapping[str, str]

    @property
    def api(self) -> str:
        """The newest version of the API that the engine speaks."""
        return self.docker("version", "--format", "{{.Server.APIVersion}}")

    def docker(self, *words: str) -> str:
        return run(["docker", "-H", self.url, *words]).strip()

    def inspect(self, name: str) -> dict[str, Any]:
        return inspected.of(self.docker("inspect", name))


def host_of(engine: PrivateEngine, images: Images) -> Host:
    """`two` differs from `one` by a file alone, `broken` has no program to start."""
    client = engine.client()
    one = images.build("good", "0.8-optioned")
    lines = {"one": "", "two": "RUN touch /two\n", "broken": "RUN rm /usr/local/bin/service\n"}
    built = {
        name: build_image(client, {"Dockerfile": f"FROM {one}\n{line}"})
        for name, line in lines.items()
    }
    client.close()
    return Host(engine.url, images.host, built)


@dataclass(frozen=True, kw_only=True)
class Life:
    """A container with many options: made by the docker command, then by the config."""

    host: Host
    folder: Path
    name: str
    number: int
    """Its own among those that live at once, below 156."""
    rows: Sequence[Row]
    state: State = "running"
    joined: Sequence[Sequence[str]] = ()
    """Words of `docker network connect`, each for a further network, NAME-b and NAME-c."""

    def lost(self) -> object:
        """Every step after which the container was another one than it was made as."""
        with _ENGINE_PORTS if self._has_ports_of_the_engine else nullcontext():
            return self._lived()

    @property
    def _has_ports_of_the_engine(self) -> bool:
        return any("--publish-all" in row.options for row in self.rows)

    def _lived(self) -> object:
        made = self._made()
        wanted, found = inspected.shape(made, self.name), {}
        box = Box(self.folder, self.host.url, service=self.name, forked=True)
        for words, image, of_running, of_stopped in LIFE:
            if image:
                self._tag(image)
            done = box.occ(*(word.replace("NAME", self.name) for word in words), timeout=300)
            status = of_running if self.state == "running" else of_stopped
            found[" ".join([*words, image])] = self._differs(done, status, wanted)
            if words[0] == "adopt":
                if done.status:
                    break
                self._quicken(self.folder / "config.toml")
                found["secrets in clear"] = self._in_clear()
        if not any(row.only == "stopped" for row in self.rows):
            found["config.toml"] = self._differs(self._written(made), 0, wanted)
        lost = {step: difference for step, difference in found.items() if difference}
        return lost and {"options": [*map(_told, self.rows)], "lost": lost}

    def _made(self) -> dict[str, Any]:
        """The container as the docker command made it."""
        docker, name = self.host.docker, self.name
        self.folder.mkdir()
        (self.folder / "env").write_text("FROM_FILE=a b\n")
        (self.folder / "labels").write_text("from-file=c d\n")
        for number, letter in enumerate("abc"[: len(self.joined) + 1]):
            subnets = (f"10.23{number + 1}.SUB.0/24", f"fd00:{number}:SUB::/64")
            wanted = [word for net in subnets for word in ("--subnet", self._filled(net))]
            docker("network", "create", "--ipv6", *wanted, f"{name}-{letter}")
        self._tag("one")
        words = [self._filled(word) for row in self.rows for word in row.words]
        command = [self._filled(word) for row in self.rows for word in row.command]
        how = ("create",) if self.state == "created" else ("run", "-d")
        docker(*how, "--name", name, *words, self._reference, *command)
        for further in self.joined:
            docker("network", "connect", *map(self._filled, further), name)
        if self.state == "exited":
            docker("stop", name)
        return self.host.inspect(name)

    def _written(self, made: Mapping[str, Any]) -> Done:
        """The same container made by occ, of a config that a person wrote."""
        self.host.docker("rm", "--force", self.name)
        self._tag("one")
        box = Box(self.folder / "written", self.host.url, service=self.name, forked=True)
        box.folder.mkdir()
        base = {"image": self._reference, "pull": "never", "restart": "no"}
        rows = [row.config for row in self.rows if not _forgotten(row, made)]
        table = options.merged([base, {"health": QUICK}, *rows])
        if made["Config"]["StdinOnce"]:  # of `create -i`, not of `run -d -i`
            table["engine"]["StdinOnce"] = True
        text = tomlkit.dumps({"services": {self.name: table}})
        for place, six, port in re.findall(r"(PORT(6?)_(\d+))", text):
            bound = made["NetworkSettings"]["Ports"][f"{port}/tcp"]
            text = text.replace(place, bound[-1 if six else 0]["HostPort"])
        (box.folder / "config.toml").write_text(self._filled(text))
        for row in self.rows:
            for secret, value in row.secret.items():
                done = box.occ("secret", "set", secret, stdin=f"{value}\n")
                if done.status:
                    return done
        done = box.occ("start", "--yes", timeout=300)
        runs = self.state == "running"
        return done if runs or done.status else box.occ("stop", "--yes")

    def _in_clear(self) -> Sequence[str]:
        """The secrets that config or journal hold."""
        files = [file for file in self.folder.iterdir() if file.is_file() and file.stem != "env"]
        kept = [file.read_bytes() for file in files if file.suffix != ".secrets"]
        values = [value for row in self.rows for value in row.secret.values()]
        return [value for value in values if any(value.encode() in each for each in kept)]

    def _differs(self, done: Done, status: int, wanted: object) -> object:
        if done.status != status:
            return done.out + done.err
        now = inspected.shape(self.host.inspect(self.name), self.name)
        return None if now == wanted else inspected.difference(wanted, now)

    @property
    def _reference(self) -> str:
        return f"{self.host.registry}/{self.name}:1"

    def _tag(self, image: str) -> None:
        self.host.docker("tag", self.host.images[image], self._reference)

    def _quicken(self, config: Path) -> None:
        """Have a gate that is quick and no snapshots, which are no part of the container."""
        table = tomlkit.dumps({"services": {self.name: {"health": QUICK}}})
        first = f"[services.{self.name}]\n"
        text = config.read_text().replace(first, f'{first}snapshot = "never"\n', 1)
        config.write_text(f"{text}\n{table}")

    def _filled(self, text: str) -> str:
        shared = self.folder.parent / "shared"
        places = {
            "FOLDER": self.folder,
            "SHARED": shared,
            "BLOCK": _block_device(),
            "NAME": self.name,
        }
        for place, value in {**places, "SUB": 100 + self.number}.items():
            text = text.replace(place, str(value))
        return text


def _forgotten(row: Row, made: Mapping[str, Any]) -> bool:
    """Whether the docker command has dropped an option: 26.1 does so with rates of devices."""
    rates = [key for key in row.config.get("engine", {}) if key.startswith("BlkioDevice")]
    return any(made["HostConfig"].get(key) == [] for key in rates)


def _told(row: Row) -> str:
    return " ".join([*row.words, *row.command])


def _block_device() -> Path:
    """A disk of this machine, to be named and never touched."""
    return next(Path("/dev", disk.name) for disk in sorted(Path("/sys/block").iterdir()))


def lost(
    host: Host,
    prefix: str,
    folder: Path,
    hands: Sequence[Hand],
    *,
    joined: Sequence[Sequence[str]] = (),
) -> Iterator[object]:
    """The lives, each of a container that was found so, in which something was lost."""
    every = [
        Life(
            host=host,
            folder=folder / str(number),
            name=f"{prefix}-{number}",
            number=number,
            rows=rows,
            state=state,
            joined=joined,
        )
        for number, (state, rows) in enumerate(hands)
    ]
    with ThreadPoolExecutor(4) as pool:
        yield from (found for found in pool.map(Life.lost, every) if found)
