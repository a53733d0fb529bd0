"""What every call to the memory engine needs: its host, the way to it, and who answers."""

from collections.abc import Callable, Mapping, Sequence

from occ.clock import Clock
from occ.engine.values import EngineInfo, Shared
from tests.doubles.engine.agenda import Agenda
from tests.doubles.engine.container import MemoryContainer
from tests.doubles.engine.host import MemoryHost
from tests.doubles.engine.life import End, Life
from tests.doubles.engine.wire import ADDRESS, Wire

_INFO_MS = 2_000


class Link:
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

    def run_foreign(
        self,
        name: str,
        image: str,
        *,
        shares: Mapping[Shared, str] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> str:
        """Somebody else's running container, its id; `shares` are parts of others that it uses."""
        self._agenda.catch_up()
        made = self.host.foreign(name, image, shares=shares or {}, labels=labels or {})
        self._life.start(made)
        return made.id

    def info(self) -> EngineInfo:
        """Who answers."""
        return self.wire.read("info", _INFO_MS, self._told)

    def started_at(self) -> int:
        """When it was started."""
        return self.wire.read("started_at", _INFO_MS, lambda: self._started_at)

    def _told(self) -> EngineInfo:
        return EngineInfo(
            id=self._number,
            root="/memory/docker",
            address=ADDRESS,
            version="20.10.24",
            api="1.41",
            local=self._local,
            now=self._agenda.wall,
        )

    def _on(self, container: str, act: Callable[[MemoryContainer], None]) -> Callable[[], None]:
        """What is done with a container, looked up when it is done."""
        return lambda: act(self.host.there(container))
