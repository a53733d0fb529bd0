"""A client that asks a service all the time, from outside of occ, and remembers each answer."""

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_EVERY_SECONDS = 0.01
_LIMIT_SECONDS = 2.0


@dataclass(slots=True)
class Client:
    """Asks every 10 ms, each time over a new connection, and waits at most 2 s for an answer."""

    port: int
    path: str = "/health"
    answers: list[int] = field(default_factory=list)
    """The status of each answer; 0 where none came in time, or the connection was refused."""
    slowest: float = 0.0
    """The longest that an answer took, in seconds."""
    longest: float = 0.0
    """The longest time without a good answer, in seconds."""

    def ask(self) -> int:
        """Ask once."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_LIMIT_SECONDS)
        try:
            connection.request("GET", self.path)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return 0
        else:
            return answer.status
        finally:
            connection.close()

    def watch(self, ended: threading.Event) -> None:
        """Ask until that is set."""
        good = time.monotonic()
        while not ended.is_set():
            began = time.monotonic()
            self.answers.append(self.ask())
            now = time.monotonic()
            self.slowest = max(self.slowest, now - began)
            if self.answers[-1] == 200:
                good = now
            self.longest = max(self.longest, now - good)
            ended.wait(max(0.0, _EVERY_SECONDS - (now - began)))

    @property
    def bad(self) -> list[int]:
        """The answers that were not good."""
        return [status for status in self.answers if status != 200]


@contextmanager
def asking(port: int, path: str = "/health") -> Iterator[Client]:
    """A client that asks while the block runs."""
    client, ended = Client(port, path), threading.Event()
    thread = threading.Thread(target=client.watch, args=(ended,), daemon=True)
    thread.start()
    try:
        yield client
    finally:
        ended.set()
        thread.join()
