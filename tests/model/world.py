"""One host with one service, where commands are typed one after the other."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from occ.app.app import App
from occ.app.desk import Desk
from occ.app.ledgers import ledger_of, snapshots_of
from occ.app.options import Options
from occ.app.view.history import HistoryFilter
from occ.domain.events import VersionActivated
from occ.domain.operation import Operation
from occ.domain.operation_fold import fold
from occ.engine.values import Answer, File, Question
from occ.errors import OccError
from occ.journal.open import open_journal
from occ.journal.port import Journal
from occ.operations import labels
from occ.settings import load
from tests.box import Box
from tests.clock import FakeClock
from tests.contract.memory_lab import built
from tests.doubles.engine.container import MemoryContainer
from tests.doubles.engine.engine import MemoryEngine
from tests.doubles.journal import MemoryJournal
from tests.model.faults import LATE_MS, Exposed, Fault, PowerCutError, Weather
from tests.people import YES, do

if TYPE_CHECKING:
    from occ.engine.port import Engine

NAME, PORT = "web", 3000
ASKED = Question(port=PORT, path="/health", timeout_ms=1_000)
IMAGE = "example.test/web:latest"
MARK = b"written before"
KILLED = -9
HEALTH = (
    'path = "/health"\nversion_field = "version"\n'
    'interval = "100ms"\nmin_healthy = "100ms"\ntimeout = "{timeout}"\n'
)


@dataclass
class World:
    """An engine, a journal and a config; `said` is what the last command had to say.

    The journal is in memory, or with `on_disk` the one of SQLite in the world's folder.
    """

    folder: Path
    on_disk: bool = False
    clock: FakeClock = field(default_factory=FakeClock)
    engine: MemoryEngine = field(init=False)
    memory: MemoryJournal = field(default_factory=MemoryJournal)
    snapshot: str = "never"
    """The service's setting of that name."""
    said: str = ""
    given: bool = False
    _ended: dict[int, Operation] = field(default_factory=dict)
    _open: Operation | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.engine = MemoryEngine(self.clock)

    @property
    def box(self) -> Box:
        """Where its config is."""
        # a journal in memory has no file beside which snapshots could lie
        place = {"XDG_DATA_HOME": str(self.folder)}
        return Box(self.folder, "memory", service=NAME, extra=place, snapshot=self.snapshot)

    def configure(
        self, *, env: str, policy: str, volume: str, timeout: str, rules: str = ""
    ) -> None:
        """Write the config; a second volume beside the data where one is named."""
        more = f'{rules}env = {{ MODE = "{env}" }}\nrestart = "{policy}"\n'
        self.box.configure(IMAGE, PORT, health=HEALTH.format(timeout=timeout), more=more)
        if volume:
            path = self.folder / "config.toml"
            volumes = f'"{NAME}-data:/data"'
            text = path.read_text().replace(volumes, f'{volumes}, "{volume}:/extra"')
            path.write_text(text)

    def publish(self, kind: str, version: str) -> None:
        """Let the config's tag at the registry be this image."""
        self.engine.host.registry.publish(IMAGE, built(kind, version))

    @contextmanager
    def app(self, fault: Fault | None = None) -> Iterator[tuple[App, Weather]]:
        """The app as a new process has it."""
        weather = Weather(self.engine, fault)
        journal = self._journal()
        desk = Desk(
            settings=load(self.box.environ),
            environ=self.box.environ,
            argv=(),
            clock=self.clock,
            open_journal=lambda _: cast("Journal", Exposed(journal, "journal", weather)),
            open_engine=lambda: cast("Engine", Exposed(self.engine, "engine", weather)),
        )
        try:
            yield App(desk), weather
        finally:
            if self.on_disk:
                journal.close()

    def typed(self, verb: str, options: Options | None = None, fault: Fault | None = None) -> int:
        """Type a changing command; its exit status, KILLED if it died."""
        with self.app(fault) as (app, weather):
            people = replace(YES, stop_requested=lambda: weather.asked)
            self.said = ""
            try:
                do(app, verb, NAME, options or Options(), people)
            except PowerCutError:
                return KILLED
            except OccError as error:
                self.said = error.message
                return error.exit_status
            finally:
                self.given = weather.given
        return 0

    def read(self, ask: Callable[[App], Any]) -> Any:
        """Ask the app something that changes nothing."""
        with self.app() as (app, _):
            return ask(app)

    def recorded(self) -> tuple[Operation, ...]:
        """Every operation of the journal, oldest first; nothing comes after an end."""
        with self._opened() as journal:
            for number in range(1, journal.last_operation() + 1):
                if number not in self._ended:
                    one = fold(journal.entries(operation=number))
                    assert one is not None, f"the number {number} is skipped"
                    self._open = None if one.ending else one
                    if one.ending:
                        self._ended[number] = one
        return (*self._ended.values(), *((self._open,) if self._open else ()))

    def length(self) -> int:
        """How many entries the journal has."""
        with self._opened() as journal:
            return journal.head().position

    def activated(self) -> int:
        """The version that the journal last called the current one, 0 for none."""
        with self._opened() as journal:
            events = [e.event for e in journal.entries(names=("version.activated",))]
        last = events[-1] if events else None
        return last.number if isinstance(last, VersionActivated) else 0

    def told(self) -> Mapping[int, str]:
        """What history says of every operation."""
        everything = HistoryFilter(limit=0, everything=True)
        rows = self.read(lambda app: app.history(everything))
        return {row.operation: row.outcome for row in rows}

    def settle(self) -> None:
        """Let what the engine was still asked to do be done."""
        self.clock.sleep(LATE_MS)
        self.engine.wire.thaw()

    def ours(self) -> tuple[MemoryContainer, ...]:
        """Our containers, by their labels and no other way."""
        there = self.engine.host.containers.values()
        return tuple(c for c in there if c.labels.get(labels.SERVICE) == NAME)

    def serving(self) -> MemoryContainer | None:
        """The container that runs; there is at most one."""
        self.settle()
        found = [c for c in self.ours() if c.running]
        assert len(found) <= 1, f"two run: {[(c.name, c.state) for c in found]}"
        return found[0] if found else None

    def healthy(self) -> bool:
        """Whether it answers that it is well, once it has had the time to."""
        there = self.serving()
        if there is None:
            return False
        self.clock.sleep(1_000)
        answer = self.engine.probe(there.id, ASKED)
        return isinstance(answer, Answer) and answer.status == 200

    def mark(self) -> None:
        """Leave a file in every volume that has none of ours yet."""
        for volume in self.engine.host.volumes.values():
            volume.files.setdefault("marker", File(path="marker", data=MARK))

    def marked(self) -> frozenset[str]:
        """The volumes in which the file still is as it was left."""
        volumes = self.engine.host.volumes.items()
        there = {name: v.files.get("marker") for name, v in volumes}
        return frozenset(n for n, f in there.items() if f is not None and f.data == MARK)

    def kept(self) -> frozenset[str]:
        """The volumes that hold data of the service, now or once: none of them may go."""
        with self._opened() as journal:
            data = ledger_of(journal, NAME).data
        sets = (data.known[number] for number in (data.number, *data.left))
        restored = frozenset(real for one in sets for real in one.volumes.values())
        plain = (name for name in self.engine.host.volumes if name.startswith(NAME))
        return restored | {name for name in plain if ".occ-" not in name}

    def snapshots(self) -> frozenset[int]:
        """The numbers of the snapshots that are there."""
        with self._opened() as journal:
            return frozenset(snapshots_of(journal, NAME))

    def left(self) -> Mapping[str, bytes]:
        """The list in each volume of the data sets that were left; each is held by somebody."""
        host = self.engine.host
        with self._opened() as journal:
            data = ledger_of(journal, NAME).data
        apart = {real for number in data.left for real in data.apart(number, data.number)}
        held = {m.source for c in host.containers.values() for m in c.mounts.values()}
        assert apart <= host.volumes.keys() & held, f"nobody holds {apart - held}"
        return {volume: host.volumes[volume].files["list"].data for volume in apart}

    def looks(self) -> tuple[object, ...]:
        """All that a command which only reads must leave as it is."""
        host = self.engine.host
        containers = tuple((c.id, c.name, c.state, c.policy) for c in host.containers.values())
        with self._opened() as journal:
            return containers, frozenset(host.volumes), journal.head()

    @contextmanager
    def _opened(self) -> Iterator[Journal]:
        journal = self._journal()
        try:
            yield journal
        finally:
            if self.on_disk:
                journal.close()

    def _journal(self) -> Journal:
        return open_journal(self.box.environ["OCC_JOURNAL"]) if self.on_disk else self.memory
