"""An engine of ours that answers as a test wants it to, and occ's own beside it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from occ.engine.docker.engine import DockerEngine

THERE = {
    "Id": "c" * 64,
    "Name": "/web",
    "Image": "sha256:i",
    "State": {"Status": "running"},
    "Config": {"Labels": {}},
    "HostConfig": {"NetworkMode": "none"},
    "NetworkSettings": {},
    "Mounts": [],
}


class Handler(BaseHTTPRequestHandler):
    """Answers in JSON, and keeps no log."""

    def answer(self, status: int, body: object) -> None:
        """Tell a status and a body."""
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(server: ThreadingHTTPServer, **ways: Any) -> Iterator[DockerEngine]:
    """While it is entered, the server serves; the engine that asks it, made in these ways."""
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield DockerEngine(f"tcp://127.0.0.1:{server.server_port}", **ways)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
