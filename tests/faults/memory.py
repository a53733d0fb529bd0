"""The same cells on the engine in memory: death is an exception, and time costs nothing."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from occ.app.app import App
from occ.app.desk import Desk
from occ.app.options import Options
from occ.app.results import Closed
from occ.domain.operation_fold import fold
from occ.engine.values import Answer, File, Question
from occ.errors import JournalUnwritableError, OccError
from occ.operations.kinds.snapshot import SnapshotWish
from occ.settings import load
from tests.box import Box
from tests.clock import FakeClock
from tests.contract.memory_lab import built
from tests.crash.doses import Dose
from tests.crash.launcher import Watched
from tests.doubles.engine.engine import MemoryEngine
from tests.doubles.engine.wire import Loss, silent
from tests.doubles.journal import MemoryJournal
from tests.doubles.programs import MemoryPrograms
from tests.faults import beside, data, kinds
from tests.faults.cells import (
    HASTY,
    HEALTH,
    MARKER,
    PATIENT,
    SICK,
    SLOWLY,
    THEN,
    TO,
    Plan,
    Seen,
)
from tests.people import YES, do

if TYPE_CHECKING:
    from occ.engine.port import Engine
    from occ.journal.port import Journal
    from occ.programs.port import Programs

IMAGES = {"one": ("good", "1.0"), "two": ("good", "2.0"), "bad": ("sick", "3.0")}
IMAGES |= {"crash": ("crash", "4.0"), "slow": ("slow", "1.0"), "diary1": ("diary", "1.0")}
IMAGES |= {"diary2": ("diary", "2.0"), "blind1": ("blind", "1.0"), "ruins": ("ruins", "2.0")}
NAME, VOLUME, PORT = "web", "web-data", 3000
ASKED = Question(port=PORT, path="/health", timeout_ms=1_000)
IMAGE = "example.test/web:latest"
STUBBORN_MS = 15_000  # an engine that is told to end waits so long for what is paused
LATE_MS = 15  # an engine that has a call is at it, and calls on one container wait for each other
OURS = {"occ.service": NAME}
_FIRST = Options(resume_first=True)


class PowerCutError(BaseException):
    """The process is no more."""


class MemoryDose(Dose):
    """A dose for one command on the engine in memory."""

    asked = False
    _dead = False

    def __init__(self, fault: str, world: "MemoryWorld") -> None:
        super().__init__(fault, world.box.folder, world.box.folder)
        self._world = world
        self._lost: BaseException | None = None

    def give(self) -> None:
        """Let it happen now."""
        engine = self._world.engine
        match self._fault:
            case "kill":
                self._dead = True
                raise PowerCutError
            case "int":
                self.asked = True
            case "full":
                self._full = True
            case "registry":
                engine.host.registry.mood = "down"
            case "prune":
                for what in ("containers", "volumes", "all images"):
                    engine.host.prune(what)
            case "engine9":
                engine.restart("killed")
            case "engine15":
                self._world.wait_for_the_paused()
                engine.restart("terminated")
            case "late" | "overrun":
                self._lost = PowerCutError() if self._fault == "late" else silent()
            case _:
                super().give()

    def read(self, kind: str, name: str, call: Any) -> Any:
        """Make a call under what has come to last; a dead process makes none, whatever it tries."""
        if self._dead:
            raise PowerCutError
        if self._full and kind == "journal" and name in {"open_operation", "append", "reserve"}:
            raise JournalUnwritableError("the disk is full", hint="make room")
        lost, self._lost = self._lost, None
        if lost is not None:
            self._world.engine.wire.lose(name, Loss("later", LATE_MS, lost))
        result = super().read("" if self._full else kind, "" if self._full else name, call)
        if lost is not None and self._world.engine.wire.unlose(name):
            raise lost  # it looked, and there was nothing to be done
        return result


@dataclass
class MemoryWorld:
    """One host with one service, and commands typed there one after the other."""

    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    engine: MemoryEngine = field(init=False)
    programs: MemoryPrograms = field(init=False)
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    said: str = ""
    notes: tuple[str, ...] = ()
    served: tuple[str, ...] = ()
    unchanged: str = ""
    snapshot: str = "never"
    more: str = ""

    def __post_init__(self) -> None:
        self.engine = MemoryEngine(self.clock)
        self.programs = MemoryPrograms(self.engine)

    @property
    def box(self) -> Box:
        """Where its config is."""
        return Box(self.folder, "memory", service=NAME, snapshot=self.snapshot)

    def desk(self, **environ: str) -> Desk:
        """A new process's desk at this world, with more variables where some are given."""
        # the journal has no file beside which snapshots could lie
        environ = {**self.box.environ, "XDG_DATA_HOME": str(self.folder), **environ}
        return Desk(
            settings=load(environ),
            environ=environ,
            argv=(),
            clock=self.clock,
            open_journal=lambda _: self.journal,
            open_engine=lambda: self.engine,
            open_programs=lambda *_: self.programs,
        )

    @property
    def app(self) -> App:
        """The app as a new process has it, with nothing over it."""
        return App(self.desk())

    def wait_for_the_paused(self) -> None:
        """The time that an engine takes to end while a container is paused."""
        if any(each.state == "paused" for each in self.engine.host.containers.values()):
            self.clock.sleep(STUBBORN_MS)

    def prepare(self, kind: str, first: str) -> None:
        """As on the real engine: see Stage.prepare."""
        if kinds.of_data(kind):
            self._keep_a_list(kind)
            return
        self._configure(first, PATIENT)
        assert self.occ("start") == 0, self.said
        marker = File(path="marker", data=MARKER.encode())
        self.engine.host.volumes[VOLUME].files["marker"] = marker
        change = kinds.change(kind)
        if change == "start":
            assert self.occ("stop") == 0, self.said
        if change == "rollback":
            self._configure("two", PATIENT)
            assert self.occ("update") == 0, self.said
        if change in TO:
            self._configure(TO[change], HASTY if change in SICK else PATIENT)
        if change == beside.DRILL:
            assert self.occ("snapshot", wish=SnapshotWish(verb="create")) == 0, self.said
        if change == "update-staged":
            assert self.occ("stage") == 0, self.said
        self._begin(kind)

    def _keep_a_list(self, kind: str) -> None:
        change = kinds.change(kind)
        self.snapshot, self.more = "replace", data.MORE.get(change, "")

        def well(verb: str, *words: str) -> None:
            assert self.occ(verb, options=_options(words)) == 0, self.said

        def write(entry: str) -> None:
            files = self.engine.host.volumes[self.mounted()].files
            files["list"] = replace(files["list"], data=files["list"].data + f"{entry}\n".encode())

        data.begin(
            change,
            lambda which: self._configure(which, HASTY if which == "ruins" else PATIENT),
            well,
            write,
        )
        self._begin(kind)

    def _begin(self, kind: str) -> None:
        if kinds.way(kind):
            assert self.change(kinds.change(kind), kinds.killed(kind)) == -9

    def change(self, kind: str, point: str = "none", fault: str = "kill") -> int:
        """Type the change, or the way out that is tried; its exit status, -9 if it died."""
        verb, *words = kinds.words(kind)
        verb = "stage" if "--stage" in words else verb
        return self.occ(verb, point, fault, options=_options(words))

    def occ(
        self,
        verb: str,
        point: str = "none",
        fault: str = "kill",
        wish: SnapshotWish | None = None,
        options: Options = _FIRST,
    ) -> int:
        """Type a command; its exit status, -9 if it died."""
        desk, dose = self.under(point, fault)
        options = replace(options, wish=wish or options.wish)
        people = replace(YES, stop_requested=lambda: dose.asked)
        self.said, self.notes, self.served, self.unchanged = "", (), (), ""
        try:
            outcome = do(App(desk), verb, NAME, options, people)
        except PowerCutError:
            return -9
        except OccError as error:
            self.said = error.message
            return error.exit_status
        if not isinstance(outcome, Closed):
            self.notes, self.served = outcome.warnings, outcome.served
            self.unchanged = outcome.unchanged
        return 0

    def under(self, point: str = "none", fault: str = "kill") -> tuple[Desk, MemoryDose]:
        """A new process's desk, and that which happens to it at a point."""
        dose = MemoryDose(fault, self)
        kind, _, rest = point.partition(":")
        number, when = rest.split(":") if rest else ("0", "")

        def watched(port: object, name: str) -> Watched:
            at = (int(number), when) if name == kind else (0, "")
            return Watched(port, name, dose, at, self.folder / "calls")

        desk = replace(
            self.desk(),
            open_journal=lambda _: cast("Journal", watched(self.journal, "journal")),
            open_engine=lambda: cast("Engine", watched(self.engine, "engine")),
            open_programs=lambda *_: cast("Programs", watched(self.programs, "programs")),
        )
        return desk, dose

    def tried(self, plan: Plan) -> Seen:
        """Carry a plan out, and look where the world is after the way out."""
        self.prepare(plan.kind, "slow" if plan.fault in SLOWLY else "one")
        number = self.journal.last_operation() + (not kinds.way(plan.kind))
        status = self.change(plan.kind, plan.point, plan.fault)
        said, meanwhile = self.said, self.serves() if plan.fault == "full" else ""
        self.engine.host.registry.mood = "open"
        begun = self.journal.last_operation() >= number
        typed = self.occ(THEN[plan.then])
        self.clock.sleep(LATE_MS)
        seen = self._look(number if begun else 0, plan.kind)
        said = f"{said}\n{self.said}"
        return replace(seen, status=status, meanwhile=meanwhile, exit=typed, said=said)

    def _configure(self, which: str, timeout: str) -> None:
        name = which or "one"
        image = IMAGE if which else IMAGE.replace("latest", "absent")
        if which:
            self.engine.host.registry.publish(image, built(*IMAGES[name]))
        self.box.configure(image, PORT, health=HEALTH.format(timeout=timeout), more=self.more)

    def serves(self) -> str:
        """The version that answers; empty when nothing does."""
        self.clock.sleep(1000)
        there = next((c for c in self.engine.containers(OURS) if c.running), None)
        answer = self.engine.probe(there.id, ASKED) if there else None
        if not isinstance(answer, Answer) or answer.status != 200:
            return ""
        return str(json.loads(answer.body)["version"])

    def _look(self, number: int, kind: str) -> Seen:
        serves, host = self.serves(), self.engine.host
        self.journal.verify()
        operation = fold(self.journal.entries(operation=number)) if number else None
        marker = host.volumes[VOLUME].files.get("marker") if VOLUME in host.volumes else None
        there = "there" if marker is not None and marker.data == MARKER.encode() else "lost"
        tags = {
            tag: IMAGES[which][1]
            for which in IMAGES
            for tag in host.images.references(built(*IMAGES[which]).id)
        }
        previous = next((v for tag, v in tags.items() if tag.endswith(":previous")), "0.")
        kept = (int(tag.rpartition(":v")[2]) for tag in tags if f"/{NAME}:v" in tag)
        return Seen(
            serves=serves,
            outcome=(operation.ending or "unfinished") if operation else "none",
            keeps=tuple(sorted(kept)),
            previous=int(previous.partition(".")[0]),
            data=self.lists() if kinds.of_data(kind) else self._beside(there, kind),
            containers=tuple(
                f"{c.name} {c.state} {c.policy}" for c in self.engine.containers(OURS)
            ),
        )

    def _beside(self, there: str, kind: str) -> str:
        """The marker; of a kind that runs beside the service also what is left of that."""
        if not kinds.runs_beside(kind):
            return there
        host = self.engine.host
        names = [c.name for c in host.containers.values()] + [*host.volumes, *host.networks]
        drilled = kinds.change(kind) == beside.DRILL
        return beside.told(there, names, NAME, self.folder / "occ", drilled=drilled)

    def mounted(self) -> str:
        """The volume of the container that has the service's name."""
        there = next(c for c in self.engine.host.containers.values() if c.name == NAME)
        return there.mounts["/data"].source

    def lists(self) -> str:
        """The list in each volume, as in ends.toml."""
        host = self.engine.host
        users = [(c.name, m.source) for c in host.containers.values() for m in c.mounts.values()]
        found = {
            name: data.Kept(
                list=volume.files["list"].data if "list" in volume.files else None,
                by={user for user, source in users if source == name},
            )
            for name, volume in host.volumes.items()
            if name.startswith(VOLUME)
        }
        return data.told(found, NAME)


def _options(words: Sequence[str]) -> Options:
    """The options of a command as they are typed."""
    told = dict(zip(words[::2], words[1::2], strict=False))
    return replace(
        _FIRST,
        to=int(told.get("--to", 0)),
        data=told.get("--data", ""),
        rehearse=True if "--rehearse" in words else None,
        rehearse_only="--rehearse-only" in words,
        staged="--staged" in words,
        wish=SnapshotWish(verb="drill") if beside.DRILL in words else None,
    )
