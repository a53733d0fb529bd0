"""A body that is sent in chunks, for as long as it takes, and that somebody may want to end.

The SDK's transport hides its connection while it sends, and gives each piece the time of whatever
was asked before. So the request is written out here, on a connection of its own.
"""

import http.client
import json
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from occ.engine.docker.wire.address import Address
from occ.engine.docker.wire.client import Client, Waits, reached
from occ.engine.docker.wire.errors import refusal
from occ.engine.docker.wire.silence import unreachable

_POLL_SECONDS: Final = 0.2
_PIECE: Final = 1 << 17
_MOST_SAID: Final = 1 << 16
_FAILURE: Final = 400


def put(
    address: Address,
    waits: Waits,
    path: str,
    folder: str,
    give: Iterable[bytes],
    tick: Callable[[], None],
) -> None:
    """Send an archive to be extracted in a folder of a container.

    Raises:
        EngineUnreachableError: the engine took nothing for as long as a stream may stall, or did
            not answer at the end.
        OccError: it refused, at once or in the middle.
    """
    with closing(Client(address, waits)) as client:
        answer = client.ask("GET", "/_ping", wait=waits.inspect, stream=True)
        line = client.line(answer)
        with reached(address):
            answer.content  # noqa: B018 - read to its end, so that the next answer begins the line
        target = f"/v{client.agreed}{path}?{urlencode({'path': folder})}"
        sending = _Sending(line=line, address=address, waits=waits, tick=tick)
        try:
            sending.send(
                f"PUT {target} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n"
                "Content-Type: application/x-tar\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
            )
            for piece in give:
                for at in range(0, len(piece), _PIECE):
                    part = piece[at : at + _PIECE]
                    sending.send(b"%x\r\n%b\r\n" % (len(part), part))
                if sending.over:
                    break
            sending.send(b"0\r\n\r\n")
            status, said = sending.answer()
        finally:
            with suppress(OSError):  # it may be shut already
                line.shutdown(socket.SHUT_RDWR)
    if status >= _FAILURE:
        raise refusal(status, said)


@dataclass(slots=True, kw_only=True)
class _Sending:
    """The state of one request on its line."""

    line: socket.socket
    address: Address
    waits: Waits
    tick: Callable[[], None]
    over: bool = False
    """The engine answers already, or hung up: it takes no more."""

    def send(self, data: bytes) -> None:
        """Send it all, unless the engine takes no more."""
        left, since = memoryview(data), time.monotonic()
        while left and not self.over:
            self.tick()
            with reached(self.address):
                self.over = self._readable(0)
                self.line.settimeout(_POLL_SECONDS)
                try:
                    sent = 0 if self.over else self.line.send(left)
                except TimeoutError:
                    if time.monotonic() - since > self.waits.stall:
                        raise
                    continue
                except (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
                    self.over = True  # it may have said why
                    return
            left, since = left[sent:], time.monotonic()

    def answer(self) -> tuple[int, str]:
        """The status of the answer, and the engine's words where it is a refusal."""
        since = time.monotonic()
        while not self._readable(_POLL_SECONDS):
            self.tick()
            if time.monotonic() - since > self.waits.change:
                raise unreachable(self.address, TimeoutError("no answer at the end"))
        with reached(self.address):
            self.line.settimeout(self.waits.inspect)
            try:
                with closing(http.client.HTTPResponse(self.line, method="PUT")) as told:
                    told.begin()
                    said = told.read(_MOST_SAID).decode(errors="replace")
            except http.client.HTTPException as error:
                raise unreachable(self.address, error) from error
        return told.status, _message(said)

    def _readable(self, seconds: float) -> bool:
        pending = getattr(self.line, "pending", None)  # of TLS, which reads ahead
        return bool(pending and pending()) or bool(select.select([self.line], [], [], seconds)[0])


def _message(said: str) -> str:
    """The engine's words in a body."""
    with suppress(ValueError):
        told = json.loads(said)
        if isinstance(told, dict):
            return str(told.get("message", said))
    return said
