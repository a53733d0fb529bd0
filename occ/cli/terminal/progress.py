"""The lines that scroll by while an operation runs: a listener on events that are stored.

On a terminal the line of a step is written over while the step goes on; elsewhere its beginning is
written when the step begins, and its end when it ends.
"""

import sys
import time
from typing import TYPE_CHECKING, assert_never

from occ.cli.terminal import streams
from occ.cli.terminal.fitting import width
from occ.cli.terminal.words import duration, size, terminal_safe
from occ.domain.events import Event, OperationResumed, OperationReverting
from occ.domain.operation import Operation, StepState
from occ.domain.step_events import (
    StepDone,
    StepFailed,
    StepRepeated,
    StepReverted,
    StepReverting,
    StepStarted,
    StepStuck,
)

if TYPE_CHECKING:
    from occ.engine.progress import HowFar

_WHY = {"failure": "It failed", "abort": "As you asked", "interrupt": "As you asked"}
_WHY |= {"deferred": "Put off"}
_BAR = 24
_EVERY_S = 0.1
_Forward = StepStarted | StepDone | StepFailed | StepRepeated
_Back = StepReverting | StepReverted | StepStuck


class Teller:
    """Writes to stderr until nobody listens any more: a closed terminal never ends a change."""

    def __init__(self, *, quiet: bool) -> None:
        self.listening = not quiet
        self.terminal = streams.terminal(sys.stderr)
        self._waiting: list[str] = []
        self._saying = False
        self.amid = False
        """Whether the last line was begun, and has no end yet."""

    def say(self, text: str) -> None:
        """Write, if somebody listens. A signal may call this in the middle of itself."""
        self._waiting.append(text)
        if self._saying:
            return
        self._saying = True
        try:
            while self._waiting:
                text = self._waiting.pop(0)
                self.listening = self.listening and streams.err(text)
                self.amid = not text.endswith("\n")
        finally:
            self._saying = False

    def aside(self, text: str) -> None:
        """Say something that has nothing to do with the line at hand."""
        self.say(f"\n{text}\n" if self.terminal or self.amid else f"{text}\n")


class Progress:
    """Each step as it ends, on a terminal from its start on. `told` are the notes shown."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._line = ""
        self._told_at = 0.0
        self.told: set[str] = set()

    def listen(self, operation: Operation, event: Event) -> None:
        """Tell an event."""
        match event:
            case StepStarted() | StepDone() | StepFailed() | StepRepeated():
                self._step(operation, operation.steps[event.index], event)
            case StepReverting() | StepReverted() | StepStuck():
                self._undo(operation.steps[event.index], event)
            case OperationReverting():
                self._close()
                self._teller.say(f"{_WHY[event.cause]}: putting everything back\n")
            case OperationResumed():
                kind = operation.planned.kind
                self._teller.say(f"operation {operation.number} ({kind}) is taken up again\n")
            case _:
                pass  # nothing that people wait for

    def _step(self, operation: Operation, step: StepState, event: _Forward) -> None:
        if not step.plan.title:
            return
        title = terminal_safe(step.plan.title)
        match event:
            case StepStarted():
                self._open(f"{_number(operation, step)} {title}")
            case StepDone():
                took = duration(max(0, step.ended_at - step.started_at))
                took = "found done" if event.seen else took
                said = terminal_safe(str(event.result.get("said", "done")))
                self._end(f"{_number(operation, step)} {title}", f"{said}  {took}")
                self._notes(event)
            case StepFailed():
                self._end(
                    f"{_number(operation, step)} {title}", f"failed: {terminal_safe(event.message)}"
                )
            case StepRepeated():
                again = f"it is started again: {terminal_safe(event.said)}"
                self._end(f"{_number(operation, step)} {title}", again)
            case _:
                assert_never(event)

    def _undo(self, step: StepState, event: _Back) -> None:
        if not step.plan.title:
            return
        title = terminal_safe(step.plan.title)
        match event:
            case StepReverting():
                if step.plan.disrupts:  # such a step takes its time
                    self._open(f"undo: {title}")
            case StepReverted():
                if self._line or event.result.get("said"):
                    said = terminal_safe(str(event.result.get("said", "done")))
                    self._end(f"undo: {title}", said)
                self._notes(event)
            case StepStuck():
                self._end(f"undo: {title}", f"failed: {terminal_safe(event.message)}")
            case _:
                assert_never(event)

    def _notes(self, event: StepDone | StepReverted) -> None:
        for key in ("warning", "skipped"):
            text = event.result.get(key)
            if isinstance(text, str) and text:
                self._teller.say(f"      note: {terminal_safe(text)}\n")
                self.told.add(text)

    def tell(self, progress: "HowFar") -> None:
        """Tell how far a pull, a build or a gate is, behind the step that it belongs to."""
        now = time.monotonic()
        if not (self._teller.terminal and self._line) or now - self._told_at < _EVERY_S:
            return
        if text := _how_far(progress):
            self._told_at = now
            self._teller.say(f"\r{self._fitting(f'{self._line} {text}')}\x1b[K")

    def _open(self, text: str) -> None:
        self._close()
        self._told_at = time.monotonic()
        self._line = f"{text} ..."
        self._teller.say(self._fitting(self._line) if self._teller.terminal else self._line)

    def _end(self, text: str, said: str) -> None:
        if self._teller.terminal and self._line:
            self._teller.say(f"\r{self._line} {said}\x1b[K\n")
        elif self._line and self._teller.amid:
            self._teller.say(f" {said}\n")
        else:
            self._teller.say(f"{text} ... {said}\n")
        self._line = ""

    def _close(self) -> None:
        if self._line and self._teller.amid:
            self._teller.say("\n")
        self._line = ""

    def _fitting(self, text: str) -> str:
        """The text, short enough not to wrap, as it is written over later; its end is kept."""
        room = max(20, streams.columns(sys.stderr) - 1)
        if width(text) <= room:
            return text
        kept = room // 2 - 2
        return f"{_as_wide(text, kept)} .. {_as_wide(text[::-1], room - kept - 4)[::-1]}"


def _as_wide(text: str, room: int) -> str:
    """The longest beginning of a text that a terminal shows in so many cells."""
    end = next((n for n in range(len(text)) if width(text[: n + 1]) > room), len(text))
    return text[:end]


def _how_far(progress: "HowFar") -> str:
    """How far, in words; empty where nobody knows."""
    from occ.engine.progress import BuildProgress, GateProgress  # noqa: PLC0415 - readers wait for neither

    if isinstance(progress, BuildProgress):
        return terminal_safe(progress.text)
    if isinstance(progress, GateProgress):
        of = f" of {progress.of_ms // 1000}" if progress.of_ms else ""
        return f"{terminal_safe(progress.said)}, {progress.for_ms // 1000}{of} s"
    if progress.total <= 0:
        return ""
    part = min(1.0, progress.done / progress.total)
    bar = "#" * int(part * _BAR)
    return f"[{bar:<{_BAR}}] {size(progress.done)} of {size(progress.total)}"


def _number(operation: Operation, step: StepState) -> str:
    if step.plan.back:
        return "back:"
    titled = [s.plan for s in operation.steps if s.plan.title and not s.plan.back]
    total = max(operation.planned.shown, len(titled))
    place = next(n for n, plan in enumerate(titled, 1) if plan is step.plan)
    return f"[{place}/{total}]"
