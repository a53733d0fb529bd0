"""The way from a caller to the memory engine, and all that can go wrong on it."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, TypeVar

from occ.errors import EngineUnreachableError, OccError
from tests.doubles.engine.agenda import Agenda
from tests.doubles.engine.host import MemoryHost

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
_POLL_MS: Final = 100


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

    def unlose(self, verb: str) -> bool:
        """Forget the losses of this verb that no call has met; whether there were any."""
        return bool(self._losses.pop(verb, None))

    def read(self, verb: str, patience_ms: int, ask: Callable[[], T], container: str = "") -> T:
        """A call that changes nothing.

        Raises:
            EngineUnreachableError: the engine does not answer, or not in time.
        """
        self._arrive(verb, patience_ms)
        self._await(container, patience_ms)
        return ask()

    def change(
        self,
        verb: str,
        patience_ms: int,
        act: Callable[[], T],
        container: str = "",
        *,
        reserves: str = "",
    ) -> T:
        """A call that changes something: an engine that gets it carries it out, heard or not.

        While it is still to be carried out, other calls of that container wait for it, and the
        name that it `reserves` is taken.

        Raises:
            EngineUnreachableError: the engine does not answer, or not in time.
        """
        self._arrive(verb, patience_ms, act, (container, reserves))
        try:
            self._await(container, patience_ms)
        except EngineUnreachableError:
            self._when_free(container, act)
            raise
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
        self._hold(number, lasts_ms)
        try:
            yield
        finally:
            self.agenda.wait(lambda: not self.host.busy[number], lasts_ms)

    def _arrive(
        self,
        verb: str,
        patience_ms: int,
        act: Callable[[], object] | None = None,
        on: tuple[str, str] = ("", ""),
    ) -> None:
        """The call gets to the engine; only one that changes something has an act."""
        waiting = self._losses.get(verb)
        loss = waiting.popleft() if waiting else self.watch(verb)
        if self.mood == "absent":
            raise EngineUnreachableError(
                f"there is no engine at {ADDRESS}: the socket does not exist",
                hint="sudo systemctl start docker (or set DOCKER_HOST)",
            )
        if self.mood == "frozen":
            if act is not None:
                self._held.append(act)
            self.agenda.spend(patience_ms)
            raise silent()
        self.agenda.spend(_COSTS.get(verb, _OTHER_COST))
        if loss is None:
            return
        if act is not None:
            self._carry_out(loss, act, *on)
        raise loss.error or EngineUnreachableError(
            f"the engine at {ADDRESS} cannot be used: the connection was lost",
            hint="docker version",
        )

    def _carry_out(
        self, loss: Loss, act: Callable[[], object], container: str, reserves: str
    ) -> None:
        if loss.engine == "now":
            self._when_free(container, act)
        elif loss.engine == "later":
            there = self.host.find(container) if container else None
            if reserves:
                self.host.reserved.add(reserves)

            def due() -> None:
                self.host.reserved.discard(reserves)
                _quietly(act)

            self.agenda.later(loss.after_ms, due)
            if there is not None:
                self._hold(there.id, loss.after_ms)

    def _hold(self, number: str, ms: int) -> None:
        def release() -> None:
            self.host.busy[number] -= 1

        self.host.busy[number] += 1
        self.agenda.later(ms, release)

    def _await(self, container: str, patience_ms: int) -> None:
        """What holds a container keeps its other calls waiting."""
        there = self.host.find(container) if container else None
        if there is None:
            return
        number = there.id
        if not self.agenda.wait(lambda: not self.host.busy[number], patience_ms):
            raise silent()

    def _when_free(self, container: str, act: Callable[[], object]) -> None:
        """Nobody hears it any more, and it waits for its container all the same."""
        there = self.host.find(container) if container else None
        if there is None or not self.host.busy[there.id]:
            _quietly(act)
        else:
            self.agenda.later(_POLL_MS, lambda: self._when_free(container, act))


def silent() -> EngineUnreachableError:
    """What a time-out is to the caller."""
    return EngineUnreachableError(
        f"the engine at {ADDRESS} does not answer", hint="sudo systemctl status docker"
    )


def _quietly(act: Callable[[], object]) -> None:
    with suppress(OccError):  # nobody is there to hear it
        act()
