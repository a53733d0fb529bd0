"""Streams of an engine that do not end well, given by a server of ours."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from occ.engine.docker.engine import DockerEngine
from occ.engine.docker.wire.client import Waits
from occ.engine.values import Answer, NoAnswer, Question
from occ.errors import EngineUnreachableError, NotFoundError, RegistryError
from tests.unit.engine.odd import THERE, Handler, served

ASKED = Question(port=80, path="/health", timeout_ms=500)
_STATUS = b"  HTTP/1.1 200 OK\n"
_INFO = {"ID": "ab", "DockerRootDir": "/r", "ServerVersion": "9"}
_ANSWERS = {
    "version": {"ApiVersion": "1.44", "MinAPIVersion": "1.24"},
    "web/json": THERE,
    "web/exec": {"Id": "e"},
}


class Odd(ThreadingHTTPServer):
    """An engine whose streams drip, or fall silent; `informs` says whether it answers still."""

    daemon_threads = True
    drips = False
    silent_at_once = False
    informs = True
    ended: threading.Event


class _Handler(Handler, BaseHTTPRequestHandler):
    server: Odd

    def do_HEAD(self) -> None:
        """In the container there is wget, and nothing else."""
        there = self.path.endswith("wget")
        self.send_response(200 if there else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        if self.path.endswith("/info") and self.server.informs:
            self.answer(200, _INFO)
        elif "/distribution/" in self.path or self.path.endswith("/info"):
            self.server.ended.wait(5)
        else:
            self._known()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.endswith("/start"):
            self._stream(b"\2\0\0\0\0\0\0" + bytes([len(_STATUS)]) + _STATUS)
        elif "/images/create" in self.path:
            self._stream(b'{"status":"Pulling"}\n')
        else:
            self._known()

    def _known(self) -> None:
        known = next((v for k, v in _ANSWERS.items() if self.path.endswith(k)), None)
        self.answer(404 if known is None else 200, known or {"message": "No such exec"})

    def _stream(self, first: bytes) -> None:
        if self.server.silent_at_once:
            self.server.ended.wait(5)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(first)
        if "/images/create" in self.path:
            self.server.ended.wait(5)
        with suppress(OSError):  # whoever listened hangs up
            while self.server.drips and not self.server.ended.wait(0.1):
                self.wfile.write(b"\1\0\0\0\0\0\0\1.")


@contextmanager
def engine(server: Odd) -> Iterator[DockerEngine]:
    server.ended = threading.Event()
    with served(server, waits=Waits(info=0.5, stall=0.4, registry=0.3)) as there:
        try:
            yield there
        finally:
            server.ended.set()


@pytest.fixture
def server() -> Odd:
    return Odd(("127.0.0.1", 0), _Handler)


def test_a_program_whose_container_is_removed_meanwhile_has_not_ended_well(server: Odd) -> None:
    with engine(server) as there:
        with pytest.raises(NotFoundError, match="was removed while a program ran in it"):
            there.exec("web", ("true",))
        assert there.probe("web", ASKED) == NoAnswer()


def test_a_request_inside_that_drips_is_cut_and_its_status_counts(server: Odd) -> None:
    server.drips = True
    with engine(server) as there:
        before = time.monotonic()
        told = there.probe("web", ASKED)
        assert time.monotonic() - before < 5
    assert isinstance(told, Answer)
    assert (told.status, told.route) == (200, "inside")
    assert told.body.startswith(b"..")


@pytest.mark.parametrize("at_once", [True, False])
def test_a_registry_that_falls_silent_in_a_pull_is_no_silent_engine(
    server: Odd, *, at_once: bool
) -> None:
    server.silent_at_once = at_once
    with engine(server) as there:
        said = r"a\.test/web:1 could not be fetched: its registry was silent for 0\.4 s"
        with pytest.raises(RegistryError, match=said) as told:
            there.pull("a.test/web:1")
        assert told.value.hint == "docker pull a.test/web:1"
        with pytest.raises(RegistryError, match=r"silent for 0\.3 s"):
            there.registry_digest("a.test/web:1")


def test_an_engine_that_falls_silent_in_a_pull_is_not_the_registrys_failure(server: Odd) -> None:
    server.informs = False
    with engine(server) as there, pytest.raises(EngineUnreachableError, match="does not answer"):
        there.pull("a.test/web:1")
