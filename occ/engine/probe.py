"""One question to a service over HTTP: never cached, never redirected, bounded in time and size."""

import http.client
import io
import socket
import time
from contextlib import suppress
from typing import cast

_MOST_BYTES = 65_536


def get(host: str, port: int, path: str, timeout_ms: int) -> tuple[int, bytes] | None:
    """The status and the body's beginning; None when nothing answers like HTTP in time.

    The time is that of the whole: of a body that goes on longer, what came is told.
    """
    until = time.monotonic() + timeout_ms / 1000
    connection = http.client.HTTPConnection(host, port, timeout=timeout_ms / 1000)
    try:
        connection.connect()
        line = _Line(connection.sock, until)
        connection.sock.settimeout(line.left())
        connection.request("GET", path, headers={"Cache-Control": "no-cache", "Host": "localhost"})
        # it wants nothing of a socket but a file to read from
        answer = http.client.HTTPResponse(cast("socket.socket", line), method="GET")
        answer.begin()
        return answer.status, _body(answer)
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()


def _body(answer: http.client.HTTPResponse) -> bytes:
    body = b""
    # the status is known: a body that breaks off or drags on makes it no less an answer
    with suppress(OSError, http.client.HTTPException, ValueError):
        while piece := answer.read1(_MOST_BYTES - len(body)):
            body += piece
    return body


class _Line(io.RawIOBase):
    """The bytes that come over a socket until a moment. Its own time-out is for each read."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self._sock, self._until = sock, until

    def makefile(self, _mode: str) -> io.BufferedReader:
        """The file that is read from."""
        return io.BufferedReader(self)

    def left(self) -> float:
        """The seconds left.

        Raises:
            TimeoutError: there are none.
        """
        seconds = self._until - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # what BufferedReader has
        """The bytes that have come, as soon as there are any."""
        self._sock.settimeout(self.left())
        return self._sock.recv_into(buffer)
