"""One question to a service over HTTP: never cached, never redirected, bounded in time and size."""

import http.client
import io
import socket
import time
from contextlib import suppress
from typing import cast

from occ.engine.values import NoAnswer, Question

_MOST_BYTES = 65_536


def get(host: str, port: int, question: Question) -> tuple[int, bytes] | NoAnswer:
    """The status and the body's beginning, where something answers like HTTP in time.

    The time is that of the whole: of a body that goes on longer, what came is told. No exception
    leaves it, as the text of one may hold the headers.
    """
    until = time.monotonic() + question.timeout_ms / 1000
    connection = http.client.HTTPConnection(host, port, timeout=question.timeout_ms / 1000)
    try:
        connection.connect()
        if question.scheme == "https":
            why = _secured(connection, question, until)
            if why:
                return NoAnswer(why=why)
        line = _Line(connection.sock, until)
        connection.sock.settimeout(line.left())
        own = {name: value.encode() for name, value in question.headers.items()}
        named = {"Cache-Control": b"no-cache", "Host": question.host.encode()}
        connection.request("GET", question.path, headers=named | own)
        # it wants nothing of a socket but a file to read from
        answer = http.client.HTTPResponse(cast("socket.socket", line), method="GET")
        answer.begin()
        return answer.status, _body(answer)
    except TimeoutError:
        return NoAnswer(late=True)
    except ConnectionRefusedError:
        return NoAnswer(refused=True)
    except (OSError, http.client.HTTPException, ValueError):
        return NoAnswer()
    finally:
        connection.close()


def _secured(connection: http.client.HTTPConnection, question: Question, until: float) -> str:
    """Have the connection speak TLS; why it does not, empty when it does.

    Raises:
        TimeoutError: the time was over.
    """
    import ssl  # noqa: PLC0415 - takes 10 ms, and few services need it

    try:
        trusted = ssl.create_default_context(cafile=question.ca_file or None)
    except (OSError, ValueError):
        return f"health.ca_file cannot be used: {question.ca_file}"
    if question.insecure:
        trusted.check_hostname, trusted.verify_mode = False, ssl.CERT_NONE
    name = question.host.rpartition(":")[0] or question.host
    try:
        connection.sock.settimeout(_Line(connection.sock, until).left())
        connection.sock = trusted.wrap_socket(connection.sock, server_hostname=name)
    except ssl.SSLCertVerificationError as error:
        said = error.verify_message.rstrip(".")
        return f"its certificate is not trusted ({said}): health.ca_file, health.host"
    except ssl.SSLError:
        return "it does not speak TLS: health.scheme"
    return ""


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
