"""One cell of the crash matrix of data: a list and some megabytes, and what became of them."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import docker

from tests.box import Box, get, post, serves
from tests.crash.cells import GATE, Cell, CrashZygote, Ground, removed
from tests.findings import findings
from tests.testbed.machine import free_port

BALLAST: Final = 6 << 20
"""The bytes of a file beside the list: more than one piece in every stream."""
COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "snapshot": ("snapshot", "create"),
    "update": ("update",),
    "put back": ("update",),
    "rollback": ("rollback", "--to", "1", "--data", "then"),
    "forward": ("rollback", "--to", "2", "--data", "then"),
    "prune": ("prune",),
    "import": ("snapshot", "import", "exported"),
    "verify": ("snapshot", "verify", "3"),
    "remove": ("snapshot", "remove", "2"),
}
ASIDE: Final = ("snapshot", "import", "verify", "remove")
Data = tuple[bytes, str]


@dataclass(frozen=True)
class World:
    """Where everything is, in words that ends.toml has too; NAME is the service's name."""

    serves: str
    entries: tuple[str, ...]
    """The list as the service tells it."""
    mounts: str
    volumes: Mapping[str, str]
    """Each volume of the service: its data is that of `now`, before the change, the same `moved`
    into form 2.0, or the `first`, as version 1 left it."""
    containers: tuple[str, ...]
    snapshots: tuple[int, ...]
    unverified: tuple[int, ...] = ()
    drafts: int = 0
    findings: tuple[str, ...] = ()
    chain: str = "holds"


@dataclass
class DataCell:
    """One service with data, brought to where a change can begin."""

    cell: Cell
    known: dict[str, Data] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The service's."""
        return self.cell.box.service

    def prepare(self, change: str) -> None:
        """Version 1 has an entry of its own; before a rollback, version 2 has one too."""
        kind = "blind" if change == "put back" else "diary"
        gate = GATE.replace("TIMEOUT", "2s" if change == "put back" else "20s")
        more = "keep_last = 1\n" if change == "prune" else ""
        first = self._publish(f"{kind} 1.0")
        self.cell.box.configure(first, self.cell.port, health=gate, more=more)
        self.well("start", "--yes")
        self._write("of 1")
        plain = f"{self.name}-data"
        (self._folder(plain) / "ballast").write_bytes(os.urandom(BALLAST))
        self.known["first"] = self._data(plain)
        if change in {"import", "verify", "remove"}:
            self.well(*COMMANDS["snapshot"])
        if change in {"import", "verify"}:
            self.well("snapshot", "export", "2", "--file", "exported")
        if change == "verify":  # an imported one has no manifests yet
            self.well(*COMMANDS["import"], "--yes")
        if change == "put back":
            self._publish("ruins 2.0")
        elif change not in ASIDE:
            self._publish("diary 2.0")
        if change in {"rollback", "forward", "prune"}:
            self.well("update", "--yes")
            self._write("of 2")
        if change in {"forward", "prune"}:
            self.known["second"] = self._data(plain)
            self.well(*COMMANDS["rollback"], "--yes")
        for _ in range(2 if change == "prune" else 0):
            # two more sets that were left, of version 1: of these the older one may go
            self.well("rollback", "--to", "1", "--data", "2", "--yes")
        now = self._data(self._mounted())
        self.known["now"] = now
        self.known["moved"] = (now[0].replace(b"form 1.0", b"form 2.0"), now[1])

    def change(self, change: str, point: str) -> int:
        """Type the change, and die at the point."""
        words = COMMANDS[change]
        more = () if change in {"snapshot", "verify"} else ("--yes",)
        return self.cell.zygote.occ(self.cell.box, *words, *more, point=point)

    def typed(self, *words: str) -> int:
        """Type something; its exit status."""
        return self.cell.zygote.occ(self.cell.box, *words)

    def well(self, *words: str) -> None:
        """Type something that must end well."""
        status = self.typed(*words)
        assert status == 0, f"occ {' '.join(words)}: {status}\n{self.said()}"

    def said(self) -> str:
        """All that the last command said."""
        return (self.cell.box.folder / "out").read_text()

    def world(self) -> World:
        """Look at the world, mostly with other eyes than occ's."""
        with closing(self.cell.ground.engine.client()) as client:
            found = _containers(client, self.name)
            volumes = _volumes(client, self.name)
        box = self.cell.box
        told = box.well("snapshot", "list", "-o", "json").result()
        files = [one.name for one in (box.folder / "snapshots").rglob("*.*") if one.is_file()]
        whole = {f"{one['number']}.{self.name}-data" for one in told}
        odd = [one for one in files if one.removesuffix(".manifest") not in whole]
        odd = [one for one in odd if one.removesuffix(".tar.zst") not in whole]
        return World(
            serves=serves(self.cell.port),
            entries=self.entries(),
            mounts=self._short(self._mounted()),
            volumes={self._short(one): self._kind_of(one) for one in volumes},
            containers=found,
            snapshots=tuple(sorted(int(one["number"]) for one in told)),
            unverified=tuple(int(one["number"]) for one in told if not one["verified"]),
            drafts=len(odd),
            findings=tuple(sorted(str(one["code"]) for one in findings(box))),
            chain=self.cell.chain(),
        )

    def entries(self) -> tuple[str, ...]:
        """The list as the service tells it."""
        try:
            status, body = get(self.cell.port, "/list")
        except OSError:
            return ("nothing answers",)
        return tuple(body.splitlines()) if status == 200 else (f"status {status}",)

    def goes_on(self, change: str, before: World) -> str:
        """See that the next change works, whatever was killed before; how it differs."""
        words: tuple[str, ...] = ("update", "--yes")
        wanted = ("3.0", before.entries)
        if change in {"rollback", "forward"}:
            other = "2" if before.serves == "1.0" else "1"
            words = ("rollback", "--to", other, "--data", "then", "--yes")
            wanted = (f"{other}.0", ("of 1", "of 2")[: int(other)])
        else:
            self._publish("blind 3.0" if change == "put back" else "diary 3.0")
        status = self.typed(*words)
        found = (serves(self.cell.port), self.entries())
        if (status, found) == (0, wanted):
            return ""
        return f"then occ {' '.join(words)}: {status}, {found}, not {wanted}: {self.said()}"

    def _publish(self, which: str) -> str:
        return self.cell.ground.publish(which, self.name)

    def _write(self, entry: str) -> None:
        assert post(self.cell.port, "/list", entry)[0] == 200

    def _folder(self, volume: str) -> Path:
        with closing(self.cell.ground.engine.client()) as client:
            return Path(client.inspect_volume(volume)["Mountpoint"])

    def _data(self, volume: str) -> Data:
        folder = self._folder(volume)
        listed, ballast = folder / "list", folder / "ballast"
        return (
            listed.read_bytes() if listed.exists() else b"",
            hashlib.sha256(ballast.read_bytes()).hexdigest() if ballast.exists() else "",
        )

    def _kind_of(self, volume: str) -> str:
        data = self._data(volume)
        for which in ("now", "moved", "first", "second"):
            if data == self.known.get(which):
                return which
        return f"something else: {data}"

    def _mounted(self) -> str:
        with closing(self.cell.ground.engine.client()) as client:
            mounts: Any = client.inspect_container(self.name)["Mounts"]
        return next(str(one["Name"]) for one in mounts if one["Destination"] == "/data")

    def _short(self, volume: str) -> str:
        return volume.replace(self.name, "NAME")


@contextmanager
def data_cell(
    ground: Ground, zygote: CrashZygote, folder: Path, name: str, way: str
) -> Iterator[DataCell]:
    """A cell whose volume is read and written by `host` or `engine`; all of it is removed."""
    folder.mkdir()
    box = Box(
        folder,
        ground.engine.url,
        service=name,
        snapshot="replace",
        forked=True,
        extra={"OCC_WAY": way},
    )
    try:
        yield DataCell(Cell(ground, zygote, box, free_port()))
    finally:
        with closing(ground.engine.client()) as client:
            removed(client, name)


def _containers(client: docker.APIClient, name: str) -> tuple[str, ...]:
    """The containers whose name begins with the service's: name, state and restart policy."""
    told = []
    for there in client.containers(all=True, filters={"name": f"^/{name}"}):
        policy = client.inspect_container(there["Id"])["HostConfig"]["RestartPolicy"]["Name"]
        called = there["Names"][0].lstrip("/").replace(name, "NAME")
        told.append(f"{called} {there['State']} {policy}")
    return tuple(sorted(told))


def _volumes(client: docker.APIClient, name: str) -> list[str]:
    found = client.volumes(filters={"name": f"{name}-data"})["Volumes"] or ()
    return sorted(str(one["Name"]) for one in found)
