"""One thread a target, so that a dead one keeps no other waiting, and an end in time for all.

A thread makes one try after the other, as it is given them, and touches nothing else. It is left
alone when the time is over: at the end of the process it ends too. A message that it may have
brought all the same is sent again.
"""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from occ.domain.messages import Message
from occ.notify.port import Answer, Sender

_LEAST_MS = 50


@dataclass(frozen=True, slots=True)
class Tried:
    """One try and how it ended."""

    target: str
    answer: Answer


@dataclass(slots=True)
class Sending:
    """Tries under way, until a moment of the machine's own clock."""

    within_ms: int
    _until: float = field(init=False)
    _answers: "queue.Queue[Tried]" = field(default_factory=queue.Queue, init=False)

    def __post_init__(self) -> None:
        self._until = time.monotonic() + self.within_ms / 1000

    @property
    def left_ms(self) -> int:
        """The time that is left, 0 where it is over."""
        return max(0, int((self._until - time.monotonic()) * 1000))

    def try_once(
        self, target: str, sender: Callable[[], Sender], message: Message, most_ms: int
    ) -> None:
        """Begin a try; its answer comes out of `answer`."""
        limit = max(_LEAST_MS, min(most_ms, self.left_ms))

        def run() -> None:
            try:
                answer = sender().send(message, limit)
            except Exception as error:  # noqa: BLE001 - told as this target's answer
                answer = Answer("failed", f"sending it failed ({type(error).__name__})")
            self._answers.put(Tried(target, answer))

        threading.Thread(target=run, name=f"notify {target}", daemon=True).start()

    def answer(self) -> Tried | None:
        """The next answer; None when the time is over."""
        try:
            return self._answers.get(timeout=self.left_ms / 1000)
        except queue.Empty:
            return None
