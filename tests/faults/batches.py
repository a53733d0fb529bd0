"""Faults of a whole engine, given once to many services, each held at a point of its own."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable

from tests.testbed.engine import PrivateEngine
from tests.testbed.machine import environment
from tests.testbed.releases import OWN, chosen

SENT_SECONDS = 1.0


class Gathering:
    """Waits until everybody has come or cannot come any more, then does one thing once."""

    def __init__(self, size: int, deed: Callable[[list[int]], None]) -> None:
        self._left, self._deed = size, deed
        self._pids: list[int] = []
        self._lock = threading.Lock()
        self.done = threading.Event()
        self.released = threading.Event()

    def come(self, pid: int) -> None:
        """Be there, held, and wait until it is done."""
        self._count(pid)
        self.done.wait(300)

    def stay_away(self) -> None:
        """Not come."""
        self._count(0)

    def _count(self, pid: int) -> None:
        with self._lock:
            self._left -= 1
            if pid:
                self._pids.append(pid)
            last = self._left == 0
        if last:
            try:
                self._deed(self._pids)
            finally:
                self.done.set()


def killed(engine: PrivateEngine) -> None:
    """kill -9 of the engine, and a new one on the same data."""
    engine.kill()
    engine.start()


def restarted(engine: PrivateEngine) -> None:
    """SIGTERM to the engine, and a new one on the same data."""
    engine.restart()


def pruned(engine: PrivateEngine) -> None:
    """What many people have in a timer; a newer engine spares named volumes unless told so."""
    prunes = [["system", "prune", "-af", "--volumes"]]
    if chosen() is not OWN:
        prunes.append(["volume", "prune", "-af"])
    for words in prunes:
        command = ["docker", "--host", engine.url, *words]
        subprocess.run(command, env=environment(), check=True, capture_output=True)


def late(engine: PrivateEngine, pids: list[int], let_go: Callable[[], None]) -> None:
    """All make their call to an engine that is frozen, die, and then the engine hears of it."""
    engine.freeze()
    try:
        let_go()
        time.sleep(SENT_SECONDS)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
    finally:
        engine.thaw()
