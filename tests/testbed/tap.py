"""A tap on an engine's socket: every call goes through unchanged, and is noted with its times."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

_PIECE = 1 << 16
# a client sends the head of a request in one piece; no body of ours begins like one
_HEAD = re.compile(rb"(GET|POST|PUT|DELETE|HEAD) (?:/v[\d.]+)?(/\S*) HTTP/1\.[01]\r\n")


@dataclass(slots=True)
class Call:
    """One request that went by; times are those of `time.monotonic`, 0 for not yet."""

    words: str
    """Method and path, without the API's version and the query: `POST /containers/web/stop`."""
    asked_at: float
    answered_at: float = 0.0
    """When the first bytes of the answer came."""


@dataclass
class Tap:
    """A socket that leads to an engine's, and the calls that went by, in order."""

    engine: Path
    calls: list[Call] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._folder = TemporaryDirectory(prefix="tap")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(f"{self._folder.name}/s")
        self._listener.listen()
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._folder.cleanup()

    @property
    def url(self) -> str:
        """The address for DOCKER_HOST."""
        return f"unix://{self._folder.name}/s"

    def _serve(self) -> None:
        with suppress(OSError):  # the listener was closed: this is its end
            while True:
                client, _ = self._listener.accept()
                engine = socket.socket(socket.AF_UNIX)
                engine.connect(str(self.engine))
                line = _Line(client, engine, self.calls)
                for way in (line.ask, line.answer):
                    threading.Thread(target=way, daemon=True).start()


@dataclass(slots=True)
class _Line:
    """One connection, both ways. On one connection an answer precedes the next request."""

    client: socket.socket
    engine: socket.socket
    calls: list[Call]
    last: Call | None = None

    def ask(self) -> None:
        """Pass on all that the client sends."""
        for piece in _pieces(self.client, self.engine):
            if head := _HEAD.match(piece):
                path = head[2].partition(b"?")[0].decode()
                self.last = Call(f"{head[1].decode()} {path}", time.monotonic())
                self.calls.append(self.last)
            self.engine.sendall(piece)

    def answer(self) -> None:
        """Pass on all that the engine sends."""
        for piece in _pieces(self.engine, self.client):
            if self.last is not None and not self.last.answered_at:
                self.last.answered_at = time.monotonic()
            self.client.sendall(piece)


def _pieces(source: socket.socket, target: socket.socket) -> Iterator[bytes]:
    with suppress(OSError):  # a side that hangs up ends the line
        while piece := source.recv(_PIECE):
            yield piece
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
