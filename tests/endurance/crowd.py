"""Ten people at one box, each typing one command after another, and somebody who kills them."""

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.box import Box

if TYPE_CHECKING:
    import subprocess

READERS = {"history", "status", "versions"}


@dataclass(frozen=True, slots=True)
class Typed:
    """One command and its end; times are ms since 1970. `status` is -9 when it was killed."""

    words: tuple[str, ...]
    pid: int
    began: int
    ended: int
    status: int
    said: str

    @property
    def verb(self) -> str:
        return self.words[0]


@dataclass(slots=True)
class Crowd:
    """Types commands until it is told to end. `choices` are the words that may be typed."""

    box: Box
    choices: Sequence[tuple[str, ...]]
    seed: int
    typed: list[Typed] = field(default_factory=list)
    running: dict[int, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)

    def work(self, *, people: int, seconds: float, kill_every: float) -> int:
        """Let so many people type for so long; how many commands were killed."""
        threads = [threading.Thread(target=self._types, args=(n,)) for n in range(people)]
        for thread in threads:
            thread.start()
        killed, until, chance = 0, time.monotonic() + seconds, random.Random(self.seed)
        while time.monotonic() < until:
            time.sleep(kill_every)
            # Drivers last longest, so they are the ones that are met most often.
            victims = [p for p in self.running.copy().values() if p.poll() is None]
            if victims:
                chance.choice(victims).kill()
                killed += 1
        self.over.set()
        for thread in threads:
            thread.join(180)
            assert not thread.is_alive(), "a command has not ended three minutes after the rest"
        return killed

    def _types(self, person: int) -> None:
        chance = random.Random(f"{self.seed}:{person}")
        while not self.over.is_set():
            words = chance.choice(self.choices)
            began = _now()
            process = self.box.start(*words)
            self.running[person] = process
            _, said = process.communicate()
            text = said.decode(errors="replace")
            self.typed.append(Typed(words, process.pid, began, _now(), process.returncode, text))


def _now() -> int:
    return time.time_ns() // 1_000_000
