"""What comes over one command: a death, an engine that is gone, a full disk, a Ctrl-C."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from occ.engine.docker.wire.errors import refusal
from occ.errors import EngineUnreachableError, JournalUnwritableError
from tests.clock import FakeClock

How: TypeAlias = Literal["dies before", "dies after", "lost", "gone", "refused", "full", "asked"]

CHANGING = frozenset(
    {
        *("create", "join", "start", "stop", "remove", "rename", "set_policy"),
        *("pull", "build", "tag", "create_volume", "remove_volume", "remove_image"),
        *("copy_folder", "write_folder", "write_files", "exec"),
    }
)
_READING_MS, _MOST_FREE = 3, 1_000


class PowerCutError(BaseException):
    """The process is no more: nothing that handles errors catches it."""


@dataclass(frozen=True)
class Fault:
    """What happens at the `at`-th call of this name to engine or journal, counted from 1.

    `dies before` and `dies after` end the process. `lost` loses the answer to that call; from that
    call on, with `gone`, there is no engine any more, and with `full` no room for the journal.
    `refused` is a 500 of the engine, `asked` an operator who asks for an end during the call.
    """

    call: str
    how: How
    at: int = 1

    def __str__(self) -> str:
        return f"{self.how} at {self.call} {self.at}"


@dataclass
class Weather:
    """One command's calls, counted, and what comes over them."""

    fault: Fault | None = None
    asked: bool = False
    given: bool = False
    counts: Counter[str] = field(default_factory=Counter)

    def call(self, port: str, name: str, made: Callable[[], Any]) -> Any:
        """Make a call, with whatever comes over it."""
        self.counts[name] += 1
        fault = self.fault
        due = fault is not None and (fault.call, fault.at) == (name, self.counts[name])
        self.given = self.given or due
        how = fault.how if fault is not None and self.given else ""
        if due and how == "dies before":
            raise PowerCutError
        if due and how == "refused":
            raise refusal(500, f"{name}: something broke in the engine")
        if how == "gone" and port == "engine":
            raise _unreachable()
        if how == "full" and name in {"open_operation", "append", "reserve"}:
            raise JournalUnwritableError("the disk is full", hint="make room")
        self.asked = self.asked or (due and how == "asked")
        result = made()
        if due and how == "dies after":
            raise PowerCutError
        if due and how == "lost":
            raise _unreachable()
        return result


class EngineClock:
    """The clock of an engine whose readers wait for nothing.

    A question to the engine in memory takes 1 to 3 ms. That would be in all times after it, and
    who asks once more than before has changed nothing. What changes something takes its time.
    """

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._free = 0

    def now(self) -> int:
        return self._clock.now()

    def monotonic(self) -> int:
        return self._clock.monotonic()

    def sleep(self, ms: int) -> None:
        if ms <= _READING_MS and self._free:
            self._free -= 1
        else:
            self._clock.sleep(ms)

    def called(self, name: str) -> None:
        """Hear of a call before it is made."""
        self._free = 0 if name in CHANGING else _MOST_FREE


class Exposed:
    """A port under the weather."""

    def __init__(
        self, port: object, name: str, weather: Weather, hear: Callable[[str], None]
    ) -> None:
        self._port, self._name, self._weather, self._hear = port, name, weather, hear

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._port, name)
        if not callable(attribute):
            return attribute

        def called(*args: Any, **kwargs: Any) -> Any:
            self._hear(name)
            return self._weather.call(self._name, name, lambda: attribute(*args, **kwargs))

        return called


def _unreachable() -> EngineUnreachableError:
    return EngineUnreachableError("the engine does not answer", hint="sudo systemctl status docker")
