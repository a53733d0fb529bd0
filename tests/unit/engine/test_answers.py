"""Rare answers of an engine, given by a server of ours: a removal that drags on, odd versions."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from occ.engine.docker.engine import DockerEngine
from occ.errors import EngineRefusedError, EngineUnreachableError
from tests.clock import FakeClock

THERE = {
    "Id": "c" * 64,
    "Name": "/web",
    "Image": "sha256:i",
    "State": {"Status": "removing"},
    "Config": {"Labels": {}},
    "HostConfig": {},
    "NetworkSettings": {},
    "Mounts": [],
}


class Busy(ThreadingHTTPServer):
    """Refuses to remove a container for so many times; then it is gone, or never."""

    refusals = 0
    state = "removing"
    speaks = ("1.41", "1.12")
    asked: list[str]


class _Handler(BaseHTTPRequestHandler):
    server: Busy

    def do_GET(self) -> None:
        if self.path.endswith("/version"):
            newest, oldest = self.server.speaks
            told = {"Version": "9.9", "ApiVersion": newest, "MinAPIVersion": oldest}
            self._answer(200, told)
            return
        gone = self.server.refusals <= 0
        there = THERE | {"State": {"Status": self.server.state}}
        self._answer(404 if gone else 200, {"message": "No such container"} if gone else there)

    def do_DELETE(self) -> None:
        self.server.asked.append(self.path)
        self.server.refusals -= 1
        text = "removal of container web is already in progress"
        self._answer(409, {"message": text if self.server.state == "removing" else "in use"})

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, body: object) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


@contextmanager
def engine(server: Busy) -> Iterator[DockerEngine]:
    server.asked = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield DockerEngine(f"tcp://127.0.0.1:{server.server_port}", clock=FakeClock())
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def server() -> Busy:
    return Busy(("127.0.0.1", 0), _Handler)


def test_a_removal_in_progress_is_waited_for(server: Busy) -> None:
    server.refusals = 5
    with engine(server) as there:
        there.remove("web")
        assert len(server.asked) == 5


def test_a_removal_that_never_ends_is_told_after_a_minute(server: Busy) -> None:
    server.refusals = 10**6
    with engine(server) as there:
        with pytest.raises(EngineRefusedError, match="already in progress"):
            there.remove("web")
        assert len(server.asked) < 1_000


def test_a_dead_container_is_waited_for_and_one_in_use_is_not(server: Busy) -> None:
    server.refusals, server.state = 3, "dead"
    with engine(server) as there:
        there.remove("web")
        assert len(server.asked) == 3
        server.refusals, server.state = 3, "exited"
        with pytest.raises(EngineRefusedError, match="in use"):
            there.remove("web")
        assert len(server.asked) == 4


@pytest.mark.parametrize("speaks", [("1.20", "1.12"), ("9.9", "9.1")])
def test_an_engine_too_old_or_too_new_is_told_with_both_versions(
    server: Busy, speaks: tuple[str, str]
) -> None:
    server.speaks = speaks
    with engine(server) as there:
        said = rf"speaks API {speaks[1]} to {speaks[0]}, this occ \d\.\d+ to \d\.\d+"
        with pytest.raises(EngineUnreachableError, match=said) as told:
            there.inspect("web")
        assert told.value.hint


def test_a_newer_engine_is_spoken_to_in_a_version_that_both_know(server: Busy) -> None:
    server.speaks, server.refusals = ("9.9", "1.24"), 1
    with engine(server) as there:
        found = there.inspect("web")
        assert found is not None
        assert found.name == "web"
