"""One cell of the crash matrix: a service, a change killed at a point, and what came next."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import docker.errors

from occ.journal.open import open_journal
from tests.box import Box, get, post, serves
from tests.testbed.engine import PrivateEngine
from tests.testbed.machine import free_port
from tests.testbed.registry import Published, Registry
from tests.zygote import Wanted, Zygote

MARKER = "written before"
GATE = (
    'path = "/health"\nversion_field = "version"\ninterval = "100ms"\nmin_healthy = "100ms"\n'
    'timeout = "TIMEOUT"\n'
)
TIMEOUTS = {"failing": "1500ms", "update": "20s", "rollback": "20s"}
_ENDINGS = ("operation.done", "operation.undone", "operation.unchanged", "operation.abandoned")


@dataclass(frozen=True)
class End:
    """Where the world is when everything has been typed."""

    exit: int
    serves: str
    outcome: str
    keeps: tuple[int, ...]
    previous: int
    containers: tuple[str, ...]
    marker: str
    chain: str = "holds"


class CrashZygote(Zygote):
    """Its occ counts the calls that change something, and has something happen at one of them."""

    def occ(self, box: Box, *words: str, point: str = "none") -> int:
        """Run occ in a box; its exit status, negative for a signal."""
        calls, out = box.folder / "calls", box.folder / "out"
        calls.write_text("")
        out.write_text("")
        environ = {**box.environ, "OCC_CALLS": str(calls)}
        folder, said = str(box.folder), str(out)
        return self.run(
            Wanted(words=words, environ=environ, cwd=folder, stdout=said, stderr=said, point=point)
        )


@dataclass(frozen=True)
class Ground:
    """What all cells stand on: the engine, the registry, and the images published there."""

    engine: PrivateEngine
    registry: Registry
    images: Mapping[str, Published]

    def publish(self, which: str, name: str) -> str:
        """Let the service's image be this one; the reference."""
        image = self.images[which]
        self.registry.copy(image.repository, image.digest, name, "latest")
        return f"{self.registry.host}/{name}:latest"


@dataclass(frozen=True)
class Cell:
    """One service, brought to where a change can begin."""

    ground: Ground
    zygote: CrashZygote
    box: Box
    port: int

    def prepare(self, change: str) -> None:
        """Version 1 serves with a marker in its volume; before a rollback, version 2 does."""
        name = self.box.service
        gate = GATE.replace("TIMEOUT", TIMEOUTS[change])
        self.box.configure(self.ground.publish("one", name), self.port, health=gate)
        self._well("start", "--yes")
        post(self.port, "/marker", MARKER)
        if change == "rollback":
            self.ground.publish("two", name)
            self._well("update", "--yes")
        else:
            self.ground.publish("bad" if change == "failing" else "two", name)

    def change(self, change: str, point: str) -> int:
        """Type the change, and die at the point."""
        verb = "rollback" if change == "rollback" else "update"
        return self.zygote.occ(self.box, verb, "--yes", point=point)

    def calls(self) -> list[str]:
        """The changing calls that the last command made."""
        return (self.box.folder / "calls").read_text().splitlines()

    def end(self, then: str, before: int) -> End:
        """Type what comes next, and look at the world with other eyes than occ's."""
        status = self.zygote.occ(self.box, then, "--yes")
        with closing(self.ground.engine.client()) as client:
            there = tags(client, self.box.service)
            found = containers(client, self.box.service)
        try:
            marker = get(self.port, "/marker")[1]
        except OSError:
            marker = "nothing answers"
        return End(
            exit=status,
            serves=serves(self.port),
            outcome=self.outcome(before),
            keeps=tuple(sorted(int(tag.rpartition(":v")[2]) for tag in there if ":v" in tag)),
            previous=self._previous(there),
            containers=found,
            marker=marker,
            chain=self.chain(),
        )

    def _previous(self, tags: Mapping[str, str]) -> int:
        ids = {self.ground.images["one"].image_id: 1, self.ground.images["two"].image_id: 2}
        image = next((i for tag, i in tags.items() if tag.endswith(":previous")), "")
        return ids.get(image, 0)

    def outcome(self, before: int) -> str:
        """How the operations after one of that number ended in the journal."""
        with closing(sqlite3.connect(self._journal)) as journal:
            rows = journal.execute(
                "SELECT operation, name FROM entries WHERE operation > ? ORDER BY position",
                (before,),
            ).fetchall()
        endings = [name.removeprefix("operation.") for _, name in rows if name in _ENDINGS]
        if not rows:
            return "none"
        return endings[-1] if endings else "unfinished"

    def chain(self) -> str:
        """Whether the journal's chain verifies; it raises otherwise."""
        journal = open_journal(self._journal)
        journal.verify()
        journal.close()
        return "holds"

    @property
    def _journal(self) -> str:
        return self.box.environ["OCC_JOURNAL"]

    def last_operation(self) -> int:
        """The number of the last operation, read off the file."""
        with closing(sqlite3.connect(self._journal)) as journal:
            (last,) = journal.execute("SELECT MAX(operation) FROM entries").fetchone()
        return int(last)

    def _well(self, *words: str) -> None:
        status = self.zygote.occ(self.box, *words)
        assert status == 0, (self.box.folder / "out").read_text()


@contextmanager
def cell(ground: Ground, zygote: CrashZygote, folder: Path, name: str) -> Iterator[Cell]:
    """A cell; everything of it is removed afterwards."""
    folder.mkdir()
    made = Cell(ground, zygote, Box(folder, ground.engine.url, service=name), free_port())
    try:
        yield made
    finally:
        with closing(ground.engine.client()) as client:
            removed(client, name)


def removed(client: docker.APIClient, name: str) -> None:
    """Have everything of a service gone from an engine, also what holds or lends its volumes."""
    for there in client.containers(all=True, filters={"name": f"^/{name}"}):
        client.remove_container(there["Id"], force=True, v=True)
    for volume in client.volumes(filters={"name": f"{name}-data"})["Volumes"] or ():
        client.remove_volume(volume["Name"], force=True)
    for tag in tags(client, name):
        # containerd's store then looks for the image without a tag, which another cell may have
        # taken away meanwhile.
        with suppress(docker.errors.NotFound):
            client.remove_image(tag, noprune=True)


def tags(client: docker.APIClient, name: str) -> dict[str, str]:
    """The tags that occ made for a service, with their images."""
    return {
        tag: str(image["Id"])
        for image in client.images()
        for tag in image["RepoTags"] or ()
        if f"/{name}:v" in tag or tag.endswith(f"/{name}:previous")
    }


def containers(client: docker.APIClient, name: str) -> tuple[str, ...]:
    """The containers of a service: name, state and restart policy."""
    found: Sequence[Any] = client.containers(all=True, filters={"label": f"occ.service={name}"})
    told = []
    for there in found:
        policy = client.inspect_container(there["Id"])["HostConfig"]["RestartPolicy"]["Name"]
        told.append(f"{there['Names'][0].lstrip('/')} {there['State']} {policy}")
    return tuple(sorted(told))
