"""Faults for the app in memory, given at the n-th call that changes something."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from occ.engine.docker.wire.errors import refusal
from occ.errors import EngineUnreachableError, JournalUnwritableError
from tests.crash.launcher import CHANGING
from tests.doubles.engine.engine import MemoryEngine
from tests.doubles.engine.wire import Loss

How: TypeAlias = Literal["before", "after", "late", "lost", "gone", "refused", "full", "asked"]
HOWS: tuple[How, ...] = ("before", "after", "late", "lost", "gone", "refused", "full", "asked")
DEADLY = frozenset({"before", "after", "late"})
LATE_MS = 15
MOST_CALLS = 3_000


class PowerCutError(BaseException):
    """The process is no more: nothing that handles errors catches it."""


class EndlessError(BaseException):
    """A command has made more calls than any needs: its moves do not run out."""


@dataclass(frozen=True)
class Fault:
    """What happens at the `at`-th changing call of engine and journal together, counted from 1.

    `before`, `after` and `late` end the process: before the call, after it, or so that the engine
    carries it out a while after its caller's death. `lost` loses the answer to one call, `gone`
    the engine from there on, `full` the journal's disk from there on. `refused` is a 500, `asked`
    a Ctrl-C.
    """

    at: int
    how: How


@dataclass
class Weather:
    """One command's calls, counted, and what comes over them."""

    engine: MemoryEngine
    fault: Fault | None
    asked: bool = False
    given: bool = False
    _changes: int = 0
    _calls: int = 0
    _gone: bool = False
    _full: bool = False

    def call(self, port: str, name: str, made: Callable[[], Any]) -> Any:
        """Make a call, with whatever comes over it."""
        self._calls += 1
        if self._calls > MOST_CALLS:
            raise EndlessError
        changes = name in CHANGING[port]
        self._changes += changes
        due = changes and self.fault is not None and self._changes == self.fault.at
        if due and self.fault is not None:
            self.given = True
            self._begin(port, name, self.fault.how)
        if self._gone and port == "engine":
            raise _silent()
        if self._full and port == "journal" and (changes or name == "reserve"):
            raise JournalUnwritableError("the disk is full", hint="make room")
        result = made()
        if due and self.fault is not None:
            self._end(port, self.fault.how)
        return result

    def _begin(self, port: str, name: str, how: How) -> None:
        match how:
            case "before":
                raise PowerCutError
            case "late" if port == "engine":
                self.engine.wire.lose(name, Loss("later", LATE_MS, PowerCutError()))
            case "refused" if port == "engine":
                raise refusal(500, "something broke in the engine")
            case "gone":
                self._gone = True
            case "full":
                self._full = True
            case "asked":
                self.asked = True
            case _:  # it comes after the call, or is none for this port
                return

    def _end(self, port: str, how: How) -> None:
        if how in DEADLY:
            raise PowerCutError
        if how == "lost" and port == "engine":
            raise _silent()


@dataclass(frozen=True)
class Exposed:
    """A port under the weather."""

    port: object = field(repr=False)
    name: str
    weather: Weather

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self.port, name)
        if not callable(attribute):
            return attribute
        return lambda *args, **kwargs: self.weather.call(
            self.name, name, lambda: attribute(*args, **kwargs)
        )


def _silent() -> EngineUnreachableError:
    return EngineUnreachableError("the engine does not answer", hint="sudo systemctl status docker")
