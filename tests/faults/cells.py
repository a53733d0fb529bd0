"""One cell of the fault matrix: a service, a change, a fault at one point, and the way out."""

import io
import subprocess
import tarfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import docker
import docker.errors

from occ.domain.events import (
    Event,
    OperationAbandoned,
    OperationDone,
    OperationUnchanged,
    OperationUndone,
)
from occ.journal.open import open_journal
from tests.box import Box, post, serves
from tests.crash.cells import Cell, CrashZygote, Ground, containers, removed, tags
from tests.faults import beside, data, kinds
from tests.testbed.gate import Gate
from tests.testbed.machine import free_port
from tests.testbed.waiting import until

MARKER = "written before"
HEALTH = (
    'path = "/health"\nversion_field = "version"\ninterval = "100ms"\nmin_healthy = "100ms"\n'
    'timeout = "{timeout}"\n'
)
PATIENT, HASTY = "30s", "1500ms"
SLOWLY = ("late", "overrun")  # what the old version takes its time to stop for
# what is published before the change
TO = {
    "update": "two",
    "stage": "two",
    "update-staged": "two",
    "failing": "bad",
    "crashing": "crash",
    "absent": "",
    **beside.TO,
}
SICK = ("failing", "rehearse-bad")
THEN = {"resume": "resume", "abort": "abort", "next": "start"}


@dataclass(frozen=True, order=True)
class Plan:
    """What one cell tries."""

    kind: str
    fault: str
    point: str
    then: str

    def __str__(self) -> str:
        return f"{self.kind}, {self.fault} at {self.point}, then {self.then}"


Act = Callable[[int], None]


@dataclass(frozen=True)
class Seen:
    """Where the world is after the way out, and what the two commands said."""

    serves: str
    outcome: str
    keeps: tuple[int, ...]
    previous: int
    data: str
    containers: tuple[str, ...]
    status: int = 0
    meanwhile: str = ""
    exit: int = 0
    said: str = ""


@dataclass(frozen=True)
class Stage:
    """A service brought to where a change can begin, and everything around it."""

    cell: Cell
    gate: Gate | None = None
    disk: Path | None = None
    more: str = ""
    """Lines of the service's table."""

    @property
    def box(self) -> Box:
        """Its folder, config and journal."""
        return self.cell.box

    def prepare(self, kind: str, first: str = "one") -> None:
        """Version 1 serves with a marker in its volume, and what the kind needs besides."""
        if kinds.of_data(kind):
            self._keep_a_list(kind)
            return
        self.configure(first, PATIENT)
        self._well("start", "--yes")
        post(self.cell.port, "/marker", MARKER)
        change = kinds.change(kind)
        if change == "start":
            self._well("stop", "--yes")
        if change == "rollback":
            self.configure("two", PATIENT)
            self._well("update", "--yes")
        if change in TO:
            self.configure(TO[change], HASTY if change in SICK else PATIENT)
        if change == beside.DRILL:
            self._well("snapshot", "create", "--yes")
        if change == "update-staged":
            self._well("update", "--stage", "--yes")
        self._begin(kind)

    def change(self, kind: str, point: str) -> int:
        """Type the change, or the way out that is tried; its exit status, negative for a signal."""
        return self.cell.zygote.occ(self.box, *kinds.words(kind), point=point)

    def held(self, kind: str, point: str, act: Act) -> int:
        """Type the change, hold it at the point while something is done, and let it go on."""
        held, go = self.box.folder / "held", self.box.folder / "go"
        with ThreadPoolExecutor(1) as side:
            typed = side.submit(self.change, kind, f"{point}:hold")
            try:
                until(lambda: held.exists() or typed.done(), seconds=120, what=f"{point} to come")
                if held.exists():
                    act(int(held.read_text()))
            finally:
                go.touch()
            return typed.result()

    def said(self) -> str:
        """What the last command printed."""
        return (self.box.folder / "out").read_text()

    def configure(self, which: str, timeout: str) -> None:
        """Let this image be the service's, and its gate this long."""
        name = self.box.service
        image = self.cell.ground.publish(which, name) if which else self._absent()
        if self.gate is not None:
            image = f"{self.gate.host}/{image.partition('/')[2]}"
        self.box.configure(
            image, self.cell.port, health=HEALTH.format(timeout=timeout), more=self.more
        )

    def _keep_a_list(self, kind: str) -> None:
        change = kinds.change(kind)
        data.begin(
            change,
            lambda which: self.configure(which, HASTY if which == "ruins" else PATIENT),
            lambda verb, *words: self._well(verb, *words, "--yes"),
            lambda entry: assert_posted(self.cell.port, entry),
        )
        self._begin(kind)

    def _begin(self, kind: str) -> None:
        """Kill the operation that is to be taken up, where the kind is such a one."""
        if kinds.way(kind):
            words, point = kinds.words(kinds.change(kind)), kinds.killed(kind)
            assert self.cell.zygote.occ(self.box, *words, point=point) == -9

    def _absent(self) -> str:
        return f"{self.cell.ground.registry.host}/{self.box.service}:absent"

    def _well(self, *words: str) -> None:
        status = self.cell.zygote.occ(self.box, *words)
        assert status == 0, (self.box.folder / "out").read_text()


@contextmanager
def stage(
    ground: Ground, zygote: CrashZygote, folder: Path, name: str, plan: Plan | None = None
) -> Iterator[Stage]:
    """A stage, with all that a plan needs; everything of it is removed afterwards."""
    fault, kind = (plan.fault, plan.kind) if plan else ("", "")
    folder.mkdir()
    disk = folder / "disk" if fault == "full" else None
    box = Box(folder, ground.engine.url, service=name)
    if kinds.of_data(kind):  # through the engine, as it is in memory
        box = replace(box, snapshot="replace", extra={"OCC_WAY": "engine"})
    if kinds.runs_beside(kind):
        box = replace(box, extra={"OCC_WAY": "engine"})
    with ExitStack() as afterwards:
        gate = afterwards.enter_context(Gate(ground.registry)) if fault == "registry" else None
        if disk is not None:
            disk.mkdir()
            command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)]
            subprocess.run(command, check=True)
            afterwards.callback(subprocess.run, ["umount", "-l", str(disk)], check=True)
            box = replace(box, extra={**box.extra, "OCC_JOURNAL": str(disk / "journal.db")})
        afterwards.callback(_removed, ground, name)
        more = data.MORE.get(kinds.change(kind), "")
        yield Stage(Cell(ground, zygote, box, free_port()), gate, disk, more)


def _removed(ground: Ground, name: str) -> None:
    with closing(ground.engine.client()) as client, suppress(docker.errors.NotFound):
        removed(client, name)


def tried(on: Stage, plan: Plan, act: Act | None = None, first: str = "one") -> Seen:
    """Carry a plan out, and look where the world is after the way out."""
    on.prepare(plan.kind, first)
    number = on.cell.last_operation() + (not kinds.way(plan.kind))
    if plan.fault == "registry":
        assert on.gate is not None
        down = on.gate.down
        status = on.held(plan.kind, plan.point, lambda _: down())
        on.gate.open()
    elif act is not None:
        status = on.held(plan.kind, plan.point, act)
    else:
        status = on.change(plan.kind, f"{plan.point}:{plan.fault}")
    said = on.said()
    meanwhile = serves(on.cell.port) if plan.fault == "full" else ""
    if on.disk is not None:
        (on.disk / "filler").unlink(missing_ok=True)
    begun = on.cell.last_operation() >= number
    typed = on.cell.zygote.occ(on.box, THEN[plan.then], "--yes")
    seen = look(on.cell, number if begun else 0, plan.kind)
    return replace(seen, status=status, meanwhile=meanwhile, exit=typed, said=said + on.said())


def look(cell: Cell, number: int, kind: str) -> Seen:
    """The world with other eyes than occ's; `number` is the operation that is asked about."""
    name = cell.box.service
    with closing(cell.ground.engine.client()) as client:
        there = tags(client, name)
        found = containers(client, name)
        kept = lists(client, name) if kinds.of_data(kind) else marker(client, name)
        if kinds.runs_beside(kind):
            kept = _beside(client, cell.box, kept, kind)
    journal = open_journal(cell.box.environ["OCC_JOURNAL"])
    try:
        journal.verify()
        entries = [entry.event for entry in journal.entries(operation=number or -1)]
    finally:
        journal.close()
    ids = {cell.ground.images[which].image_id: n for which, n in _NUMBERS.items()}
    previous = next((i for tag, i in there.items() if tag.endswith(":previous")), "")
    return Seen(
        serves=serves(cell.port),
        outcome=_outcome(entries),
        keeps=tuple(sorted(int(tag.rpartition(":v")[2]) for tag in there if ":v" in tag)),
        previous=ids.get(previous, 0),
        data=kept,
        containers=found,
    )


_NUMBERS = {"one": 1, "slow": 1, "two": 2, "diary1": 1, "blind1": 1, "diary2": 2}
_ENDINGS = {
    OperationDone: "done",
    OperationUndone: "undone",
    OperationUnchanged: "unchanged",
    OperationAbandoned: "abandoned",
}


def _outcome(events: Sequence[Event]) -> str:
    if not events:
        return "none"
    return next((_ENDINGS[type(e)] for e in events if type(e) in _ENDINGS), "unfinished")


def assert_posted(port: int, entry: str) -> None:
    """Write an entry into the list."""
    assert post(port, "/list", entry)[0] == 200


def lists(client: docker.APIClient, name: str) -> str:
    """The list in each volume of a service, as in ends.toml."""
    found = {}
    for volume in client.volumes(filters={"name": f"{name}-data"})["Volumes"] or ():
        called, there = str(volume["Name"]), Path(volume["Mountpoint"], "list")
        users = client.containers(all=True, filters={"volume": called})
        by = {str(one["Names"][0]).lstrip("/") for one in users}
        found[called] = data.Kept(there.read_bytes() if there.exists() else None, by)
    return data.told(found, name)


def _beside(client: docker.APIClient, box: Box, kept: str, kind: str) -> str:
    """The marker, and everything that is left beside the service, as in ends.toml."""
    named = {"name": f"{box.service}.occ-"}
    names = [str(one["Names"][0]).lstrip("/") for one in client.containers(all=True, filters=named)]
    names += [str(one["Name"]) for one in client.volumes(filters=named)["Volumes"] or ()]
    names += [str(one["Name"]) for one in client.networks(filters=named)]
    drilled = kinds.change(kind) == beside.DRILL
    folder = Path(box.environ["OCC_JOURNAL"]).parent
    return beside.told(kept, names, box.service, folder, drilled=drilled)


def marker(client: docker.APIClient, name: str) -> str:
    """Whether the marker is in the volume, as any container of the service sees it."""
    try:
        pieces, _ = client.get_archive(name, "/data/marker")
    except docker.errors.NotFound:
        return "lost"
    with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as tar:
        file = tar.extractfile("marker")
        said = file.read().decode() if file else ""
    return "there" if said == MARKER else f"holds {said!r}"
