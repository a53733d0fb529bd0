"""A real HTTP server of this machine that takes messages, each answered as its mood says."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Mood = Callable[["Receiver", int], int]
"""From the receiver and the number of the request, counted from 1, to its status; 0 cuts it off."""


@dataclass
class Receiver:
    """Keeps what it was sent, in order."""

    url: str = ""
    mood: Mood = lambda _receiver, _number: 200
    bodies: list[bytes] = field(default_factory=list)
    """Those of requests that were answered with 200."""
    every: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The bodies of a webhook, read."""
        return [json.loads(body) for body in self.bodies]

    @property
    def told(self) -> list[tuple[int, str]]:
        """Operation and event of each."""
        return [(message["operation"], message["event"]) for message in self.messages]


@contextmanager
def receiver(mood: Mood | None = None) -> Iterator[Receiver]:
    """A receiver at a port of this machine."""
    kept = Receiver()
    if mood is not None:
        kept.mood = mood

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            kept.every.append(body)
            kept.headers.append(dict(self.headers))
            status = kept.mood(kept, len(kept.every))
            if not status:
                self.close_connection = True
                self.connection.close()
                return
            if 200 <= status < 300:
                kept.bodies.append(body)
            try:
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", f"{kept.url}elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()
            except OSError:
                return

        do_GET = do_POST  # noqa: N815 - the library's name

        def log_message(self, *_words: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_words: object) -> None:
            return

    server = Server(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_address[1]}/"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def always(status: int) -> Mood:
    """Answers everything alike."""
    return lambda _receiver, _number: status


def slow(seconds: float) -> Mood:
    """Answers well, and late."""

    def mood(_receiver: Receiver, _number: int) -> int:
        time.sleep(seconds)
        return 200

    return mood


def dying(*numbers: int) -> Mood:
    """Cuts these requests off."""
    return lambda _receiver, number: 0 if number in numbers else 200
