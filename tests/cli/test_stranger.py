"""A server that answers in JSON and is no engine, at the address of one: the real command."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.box import Box
from tests.unit.engine.odd import Handler


class _Stranger(Handler, BaseHTTPRequestHandler):
    """It takes every question for one about itself."""

    def do_GET(self) -> None:
        self.answer(200, {"ApiVersion": "1.44", "hello": "world"})

    def do_POST(self) -> None:
        self.do_GET()

    def do_HEAD(self) -> None:
        self.do_GET()


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Stranger) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        box = Box(tmp_path, f"tcp://127.0.0.1:{server.server_port}")
        box.configure("registry.test/web:1", 3000)
        yield box
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "words", [("start", "--yes"), ("update", "--yes"), ("status",), ("stop", "--yes")]
)
def test_it_is_told_that_no_engine_answers(box: Box, words: tuple[str, ...]) -> None:
    done = box.occ(*words)
    assert done.status == 5, done.out + done.err
    assert "Traceback" not in done.err
    assert box.engine in done.out + done.err
    assert "is no container engine" in done.out + done.err
