"""A registry on a bad day: an HTTP proxy in front of a real one, which misbehaves on request."""

import http.client
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import TYPE_CHECKING, ClassVar, Self

from tests.testbed.sockets import reset
from tests.testbed.waiting import pause

if TYPE_CHECKING:
    from tests.testbed.registry import Registry

PIECE = 16 * 1024
TLS_HANDSHAKE = b"\x16"
# As a web server answers to it; only then containerd asks again in plain HTTP.
NO_TLS = b"HTTP/1.0 400 Bad Request\r\nContent-Length: 0\r\n\r\n"

Refusal = tuple[int, dict[str, str], bytes]


class CutError(Exception):
    """The connection ends here, in the middle of whatever it carries."""


@dataclass(slots=True)
class _Behaviour:
    rate: int | None = None
    left: int | None = None
    refusal: Refusal | None = None


class Gate:
    """A door to a registry. It lets everything through until told otherwise.

    One behaviour holds at a time, for requests under way as well, until the next call:
    `open`, `slow`, `cut_after`, `says`, `unauthorized`, `too_many`, `down`. The client's Host
    header is handed on, so the registry's redirects lead through the gate again. `requests` counts
    what came in by method since the gate was made, whatever was answered.
    """

    def __init__(self, registry: "Registry") -> None:
        self.registry = registry
        self.requests: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._behaviour = _Behaviour()
        self._free_at = 0.0
        self._connections: set[socket.socket] = set()
        self._server: _Server | None = _Server(("127.0.0.1", 0), _Handler, self)
        self._port = self._server.server_port
        self._placeholder: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.down()
        if self._placeholder is not None:
            self._placeholder.close()

    @property
    def host(self) -> str:
        """The first part of references that lead through the gate."""
        return f"127.0.0.1:{self._port}"

    # Behaviours

    def open(self) -> None:
        """Let everything through at full speed."""
        self._become(_Behaviour())

    def slow(self, bytes_per_second: int) -> None:
        """Let answers through at this rate, all connections together."""
        self._become(_Behaviour(rate=bytes_per_second))

    def cut_after(self, count: int) -> None:
        """After so many more bytes of answers, all connections together, end every connection."""
        self._become(_Behaviour(left=count))

    def says(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Answer every request so."""
        self._become(_Behaviour(refusal=(status, headers, body)))

    def unauthorized(self) -> None:
        """Ask everyone for a name and a password, and know nobody."""
        headers = {"WWW-Authenticate": 'Basic realm="gate"'}
        body = _problem("UNAUTHORIZED", "authentication required")
        self._become(_Behaviour(refusal=(401, headers, body)))

    def too_many(self, retry_after: int) -> None:
        """Refuse with 429 and a Retry-After of so many seconds; only /v2/ itself still answers."""
        headers = {"Retry-After": str(retry_after)}
        body = _problem("TOOMANYREQUESTS", "pull rate limit reached")
        self._become(_Behaviour(refusal=(429, headers, body)))

    def down(self) -> None:
        """Refuse connections, as a machine where nothing listens does; end those that are open."""
        if self._server is not None:
            self._server.end()
            self._server = None
            # Bound and not listening: the port refuses, and nobody else gets it.
            self._placeholder = socket.socket()
            self._placeholder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._placeholder.bind(("127.0.0.1", self._port))
        self.hang_up()

    def hang_up(self) -> None:
        """End all connections that are open now."""
        with self._lock:
            for one in self._connections:
                reset(one)

    def _become(self, behaviour: "_Behaviour") -> None:
        with self._lock:
            self._behaviour = behaviour
            self._free_at = 0.0
        if self._placeholder is not None:
            self._placeholder.close()
            self._placeholder = None
            self._server = _Server(("127.0.0.1", self._port), _Handler, self)

    # Asked by the handler

    def opened(self, connection: socket.socket) -> None:
        """Note a connection."""
        with self._lock:
            self._connections.add(connection)

    def closed(self, connection: socket.socket) -> None:
        """Forget a connection."""
        with self._lock:
            self._connections.discard(connection)

    def refusal(self, method: str, path: str) -> Refusal | None:
        """Count a request; what to answer instead of asking the registry, if anything."""
        with self._lock:
            self.requests[method] += 1
            now = self._behaviour
            if now.left == 0:
                raise CutError
            if now.refusal and now.refusal[0] == 429 and path == "/v2/":
                return None
            return now.refusal

    def spend(self, size: int) -> int:
        """How many bytes of so many may be sent; returns when it is time to send them."""
        with self._lock:
            now = self._behaviour
            if now.left is not None:
                size = min(size, now.left)
                now.left -= size
            if now.rate is None:
                return size
            self._free_at = max(self._free_at, time.monotonic()) + size / now.rate
            due = self._free_at
        while (rest := due - time.monotonic()) > 0 and self._behaviour is now:
            pause(min(rest, 0.05))
        return size


def _problem(code: str, message: str) -> bytes:
    return json.dumps({"errors": [{"code": code, "message": message}]}).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(
        self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], gate: Gate
    ) -> None:
        self.gate = gate
        super().__init__(address, handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Listen no more; the port is free when this returns."""
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: broken connections are this server's trade."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    DROPPED: ClassVar[frozenset[str]] = frozenset({"connection", "transfer-encoding"})

    def setup(self) -> None:
        super().setup()
        self.server.gate.opened(self.connection)

    def finish(self) -> None:
        self.server.gate.closed(self.connection)
        super().finish()

    def handle(self) -> None:
        # The engine tries TLS first; no use to count that.
        try:
            if self.connection.recv(1, socket.MSG_PEEK) != TLS_HANDSHAKE:
                super().handle()
            else:
                self.connection.recv(PIECE)
                self.connection.sendall(NO_TLS)
        except OSError:
            return

    def pass_on(self) -> None:
        try:
            refusal = self.server.gate.refusal(self.command, self.path)
            if refusal is None:
                self._forward()
            else:
                list(self._incoming())
                self._answer(*refusal)
        except (CutError, OSError, http.client.HTTPException):
            self.close_connection = True
            reset(self.connection)

    # http.server wants these names.
    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = pass_on  # noqa: N815 - the names that http.server calls

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _forward(self) -> None:
        upstream = http.client.HTTPConnection(self.server.gate.registry.host, timeout=60)
        try:
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            chunked = "Transfer-Encoding" in self.headers
            for name, value in self.headers.items():
                if name.lower() not in self.DROPPED:
                    upstream.putheader(name, value)
            if chunked:
                upstream.putheader("Transfer-Encoding", "chunked")
            upstream.endheaders()
            for piece in self._incoming():
                upstream.send(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            if chunked:
                upstream.send(b"0\r\n\r\n")
            self._give_back(upstream.getresponse())
        finally:
            upstream.close()

    def _incoming(self) -> Iterator[bytes]:
        if "Transfer-Encoding" not in self.headers:
            yield from self._exactly(int(self.headers.get("Content-Length", "0")))
            return
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield from self._exactly(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            continue

    def _exactly(self, size: int) -> Iterator[bytes]:
        while size:
            piece = self.rfile.read(min(size, PIECE))
            if not piece:
                raise CutError
            size -= len(piece)
            yield piece

    def _give_back(self, response: http.client.HTTPResponse) -> None:
        self.send_response_only(response.status, response.reason)
        for name, value in response.headers.items():
            if name.lower() not in self.DROPPED:
                self.send_header(name, value)
        chunked = response.chunked and self.command != "HEAD"
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while piece := response.read(PIECE):
            sent = piece[: self.server.gate.spend(len(piece))]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(sent), sent) if chunked else sent)
            if len(sent) < len(piece):
                raise CutError
        if chunked:
            self.wfile.write(b"0\r\n\r\n")
