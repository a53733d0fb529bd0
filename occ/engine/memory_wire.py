"""The way from a caller to the memory engine, and all that can go wrong on it."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, TypeVar

from occ.engine.memory_host import MemoryHost
from occ.engine.memory_time import Agenda
from occ.errors import EngineUnreachableError, OccError

T = TypeVar("T")

When: TypeAlias = Literal["now", "later", "never"]
Mood: TypeAlias = Literal["answers", "frozen", "absent"]

ADDRESS: Final = "unix:///memory/docker.sock"

# Medians of a real engine 20.10, ms.
_COSTS: Final = {
    "create": 12,
    "start": 213,
    "stop": 20,
    "remove": 7,
    "rename": 4,
    "set_policy": 16,
    "inspect": 3,
}
_OTHER_COST: Final = 2


@dataclass(frozen=True, slots=True)
class Loss:
    """A call whose caller gets no answer, or dies.

    The engine carries it out now, `after_ms` later, or never. The caller gets `error`; without
    one, what a lost connection is to it. A caller that is to die gets a BaseException.
    """

    engine: When
    after_ms: int = 0
    error: BaseException | None = None


@dataclass(slots=True)
class Wire:
    """Calls pass through here one at a time.

    `watch` is told the verb of every call before it is made, and may have it lost.
    """

    agenda: Agenda
    host: MemoryHost
    mood: Mood = "answers"
    watch: Callable[[str], Loss | None] = lambda _verb: None
    _losses: dict[str, deque[Loss]] = field(default_factory=dict)
    _held: list[Callable[[], object]] = field(default_factory=list)

    def lose(self, verb: str, loss: Loss) -> None:
        """Have the next call of this verb lost, or the one after those that are to be."""
        self._losses.setdefault(verb, deque()).append(loss)

    def read(self, verb: str, patience_ms: int, ask: Callable[[], T], container: str = "") -> T:
        """A call that changes nothing.

        Raises:
            EngineUnreachableError: the engine does not answer, or not in time.
        """
        self._reach(verb, patience_ms, lambda: None, repeats=False)
        self._unlock(container, patience_ms)
        return ask()

    def change(self, verb: str, patience_ms: int, act: Callable[[], T], container: str = "") -> T:
        """A call that changes something: an engine that gets it carries it out, heard or not.

        Raises:
            EngineUnreachableError: the engine does not answer, or not in time.
        """
        self._reach(verb, patience_ms, act, repeats=True)
        self._unlock(container, patience_ms)
        return act()

    def thaw(self) -> None:
        """The engine answers again, and first does what it was asked meanwhile."""
        self.mood = "answers"
        held, self._held = self._held, []
        self.agenda.catch_up()
        for act in held:
            _quietly(act)

    def forget(self) -> None:
        """The engine ended: what it was asked and has not done, it never will."""
        self._held = []

    @contextmanager
    def archiving(self, container: str, lasts_ms: int) -> Iterator[None]:
        """Somebody reads an archive out of a container, and takes so long over it."""
        number = self.host.there(container).id
        self.host.archives.add(number)
        self.agenda.later(lasts_ms, lambda: self.host.archives.discard(number))
        try:
            yield
        finally:
            self.agenda.wait(lambda: number not in self.host.archives, lasts_ms)

    def _reach(
        self, verb: str, patience_ms: int, act: Callable[[], object], *, repeats: bool
    ) -> None:
        loss = self._lost(verb)
        if self.mood == "absent":
            raise EngineUnreachableError(
                f"there is no engine at {ADDRESS}: the socket does not exist",
                hint="sudo systemctl start docker (or set DOCKER_HOST)",
            )
        if self.mood == "frozen":
            if repeats:
                self._held.append(act)
            self.agenda.spend(patience_ms)
            raise silent()
        self.agenda.spend(_COSTS.get(verb, _OTHER_COST))
        if loss is None:
            return
        if loss.engine == "now":
            _quietly(act)
        elif loss.engine == "later":
            self.agenda.later(loss.after_ms, lambda: _quietly(act))
        raise loss.error or EngineUnreachableError(
            f"the engine at {ADDRESS} cannot be used: the connection was lost",
            hint="docker version",
        )

    def _lost(self, verb: str) -> Loss | None:
        waiting = self._losses.get(verb)
        return waiting.popleft() if waiting else self.watch(verb)

    def _unlock(self, container: str, patience_ms: int) -> None:
        """An open archive keeps its container's other calls waiting."""
        there = self.host.find(container) if container else None
        if there is None:
            return
        number = there.id
        if not self.agenda.wait(lambda: number not in self.host.archives, patience_ms):
            raise silent()


def silent() -> EngineUnreachableError:
    """What a time-out is to the caller."""
    return EngineUnreachableError(
        f"the engine at {ADDRESS} does not answer", hint="sudo systemctl status docker"
    )


def _quietly(act: Callable[[], object]) -> None:
    with suppress(OccError):  # nobody is there to hear it
        act()
