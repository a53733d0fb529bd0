"""How long a call may take before the engine counts as silent."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from occ.engine.docker.engine import DockerEngine
from occ.engine.docker.wire.client import Waits
from occ.errors import EngineUnreachableError

_SLOW_SECONDS = 1.0


class Slow(BaseHTTPRequestHandler):
    """An engine that tells its version at once, and is slow in all else."""

    def do_GET(self) -> None:
        """Tell the version; look for long."""
        if not self.path.endswith("/version"):
            time.sleep(_SLOW_SECONDS)
        body = json.dumps({"ApiVersion": "1.44", "MinAPIVersion": "1.24"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        """Stop for long."""
        time.sleep(_SLOW_SECONDS)
        self.send_response(204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Frozen(Slow):
    """One that is slow to tell even its version."""

    def do_GET(self) -> None:
        """Look for long, whatever is asked."""
        time.sleep(_SLOW_SECONDS)
        super().do_GET()


@contextmanager
def slow(kind: type[Slow] = Slow) -> Iterator[str]:
    """The address of such an engine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"tcp://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_stop_waits_for_its_grace_and_more() -> None:
    waits = Waits(inspect=0.3, stop=0.5)
    with slow() as address:
        engine = DockerEngine(address, waits=waits)
        engine.stop("web", 1_000)
        with pytest.raises(EngineUnreachableError):
            engine.inspect("web")


def test_a_frozen_engine_is_silent_at_the_first_call_whatever_that_asks_for() -> None:
    waits = Waits(info=0.3, inspect=30)
    with slow(Frozen) as address:
        engine = DockerEngine(address, waits=waits)
        with pytest.raises(EngineUnreachableError, match="does not answer"):
            engine.containers({})
