"""What scrolls by while an operation runs: a listener on events that are stored already."""

import sys
import time
from typing import TYPE_CHECKING, assert_never

from occ.cli.words import duration, size
from occ.domain.events import (
    Event,
    OperationReverting,
    StepDone,
    StepFailed,
    StepReverted,
    StepReverting,
    StepStarted,
    StepStuck,
)
from occ.domain.operation import Operation, Step

if TYPE_CHECKING:
    from occ.engine.port import PullProgress

_WHY = {"failure": "It failed", "abort": "As you asked", "interrupt": "As you asked"}
_BAR = 24
_PLAIN_EVERY_S = 5.0
_BAR_EVERY_S = 0.1


class Teller:
    """Writes to stderr until nobody listens any more: a closed terminal never ends a change."""

    def __init__(self, *, quiet: bool) -> None:
        self._listening = not quiet
        self.terminal = sys.stderr.isatty()

    def say(self, text: str) -> None:
        """Write, if somebody listens."""
        if not self._listening:
            return
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except (OSError, ValueError):
            self._listening = False


class Progress:
    """Each step as it starts and ends, and the bytes of a pull."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._line = ""
        self._told_at = 0.0

    def listen(self, operation: Operation, event: Event) -> None:
        """Tell an event."""
        match event:
            case StepStarted(index) | StepDone(index):
                step = operation.steps[index]
            case StepFailed() | StepStuck():
                step = operation.steps[event.index]
            case StepReverting(index) | StepReverted(index):
                step = operation.steps[index]
            case OperationReverting():
                self._close()
                self._teller.say(f"{_WHY[event.cause]}: putting everything back\n")
                return
            case _:
                return
        if step.plan.title:
            self._step(operation, step, event)

    def _step(
        self,
        operation: Operation,
        step: Step,
        event: StepStarted | StepDone | StepFailed | StepStuck | StepReverting | StepReverted,
    ) -> None:
        forth = f"{_number(operation, step)} {step.plan.title}"
        back = f"undo: {step.plan.title}"
        match event:
            case StepStarted():
                self._open(forth)
            case StepDone():
                took = duration(max(0, step.ended_at - step.started_at))
                self._end(forth, f"{event.result['said']}  {took}")
                self._warn(event)
            case StepFailed():
                self._end(forth, f"failed: {event.message}")
            case StepReverting():
                if step.plan.disrupts:  # the one that takes its time
                    self._open(back)
            case StepReverted():
                if said := event.result.get("said"):
                    self._end(back, str(said))
            case StepStuck():
                self._end(back, f"failed: {event.message}")
            case _:
                assert_never(event)

    def _warn(self, event: StepDone) -> None:
        for key in ("warning", "skipped"):
            if text := event.result.get(key):
                self._teller.say(f"      note: {text}\n")

    def pull(self, progress: "PullProgress") -> None:
        """Tell how far a pull is: a bar on a terminal, now and then a line elsewhere."""
        now = time.monotonic()
        every = _BAR_EVERY_S if self._teller.terminal else _PLAIN_EVERY_S
        if not progress.total or now - self._told_at < every:
            return
        self._told_at = now
        part = min(1.0, progress.done / progress.total)
        amount = f"{size(progress.done)} of {size(progress.total)}"
        if self._teller.terminal:
            bar = "#" * int(part * _BAR)
            self._teller.say(f"\r{self._line} [{bar:<{_BAR}}] {amount}\x1b[K")
        else:
            self._teller.say(f"      {part:4.0%} {amount}\n")

    def _open(self, text: str) -> None:
        self._close()
        self._told_at = time.monotonic()
        self._line = f"{text} ..."
        self._teller.say(self._line if self._teller.terminal else f"{self._line}\n")

    def _end(self, text: str, said: str) -> None:
        if self._teller.terminal and self._line:
            self._teller.say(f"\r{self._line} {said}\x1b[K\n")
        else:
            self._teller.say(f"{text}: {said}\n")
        self._line = ""

    def _close(self) -> None:
        if self._line and self._teller.terminal:
            self._teller.say("\n")
        self._line = ""


def _number(operation: Operation, step: Step) -> str:
    titled = [s.plan for s in operation.steps if s.plan.title]
    total = max(operation.planned.shown, len(titled))
    place = next(n for n, plan in enumerate(titled, 1) if plan is step.plan)
    return f"[{place}/{total}]"
