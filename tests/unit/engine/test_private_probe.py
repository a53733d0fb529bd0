"""A probe with a login where a program inside alone could ask: the real port refuses it."""

from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from occ.engine.docker.engine import DockerEngine
from occ.engine.values import Answer, Question
from occ.errors import NoProbeError
from tests.unit.engine.odd import THERE, Handler, served

ASKED = Question(port=80, path="/health", timeout_ms=2_000)
LOGIN = "Basic YW5uOmNvcnJlY3QtaG9yc2U="
PRIVATE = replace(ASKED, private=True, headers={"Authorization": LOGIN})
_STATUS = b"  HTTP/1.1 200 OK\n"
_ANSWERS = {
    "version": {"ApiVersion": "1.44", "MinAPIVersion": "1.24"},
    "info": {"ID": "ab", "DockerRootDir": "/r", "ServerVersion": "9"},
    "web/json": THERE,
    "exec/e/json": {"Running": False, "ExitCode": 0},
    "web/exec": {"Id": "e"},
}


class Noting(ThreadingHTTPServer):
    """An engine whose container has wget, and no network; it notes all that is posted."""

    daemon_threads = True
    posted: list[bytes]


class _Handler(Handler, BaseHTTPRequestHandler):
    server: Noting

    def do_HEAD(self) -> None:
        self.send_response(200 if self.path.endswith("wget") else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self._known()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.posted.append(self.path.encode() + body)
        if self.path.endswith("/start"):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"\2\0\0\0\0\0\0" + bytes([len(_STATUS)]) + _STATUS)
        else:
            self._known()

    def _known(self) -> None:
        known = next((v for k, v in _ANSWERS.items() if self.path.endswith(k)), None)
        self.answer(404 if known is None else 200, known or {"message": "nothing here"})


@pytest.fixture
def noting() -> Iterator[tuple[Noting, DockerEngine]]:
    server = Noting(("127.0.0.1", 0), _Handler)
    server.posted = []
    with served(server) as engine:
        yield server, engine


@pytest.mark.parametrize(
    "question", [PRIVATE, replace(ASKED, private=True), replace(ASKED, scheme="https")]
)
def test_what_is_private_or_over_tls_is_in_no_words_of_a_program_inside(
    noting: tuple[Noting, DockerEngine], question: Question
) -> None:
    server, engine = noting
    assert engine.route("web", 80) == "inside"
    with pytest.raises(NoProbeError) as refused:
        engine.probe("web", question)
    assert refused.value.message == "nothing can ask /health of web with a login or over TLS"
    assert refused.value.hint == "publish its port, or go without: --no-probe"
    assert LOGIN not in refused.value.message + refused.value.hint
    assert server.posted == []


def test_the_same_question_without_a_login_is_asked_inside(
    noting: tuple[Noting, DockerEngine],
) -> None:
    server, engine = noting
    told = engine.probe("web", replace(ASKED, headers={"X-Kind": "probe"}))
    assert isinstance(told, Answer)
    assert (told.status, told.route) == (200, "inside")
    created = next(words for words in server.posted if b"/web/exec" in words)
    assert b"X-Kind: probe" in created
