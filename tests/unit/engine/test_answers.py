"""Rare answers of an engine, given by a server of ours: a removal that drags on, odd versions."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from occ.engine.docker.engine import DockerEngine
from occ.errors import EngineRefusedError, EngineUnreachableError
from tests.clock import FakeClock
from tests.unit.engine.odd import THERE, Handler, served


class Busy(ThreadingHTTPServer):
    """Refuses to remove a container for so many times; then it is gone, or never."""

    refusals = 0
    state = "removing"
    why = "cannot update a stopped container"
    speaks = ("1.41", "1.12")
    asked: list[str]


class _Handler(Handler, BaseHTTPRequestHandler):
    server: Busy

    def do_GET(self) -> None:
        if self.path.endswith("/version"):
            newest, oldest = self.server.speaks
            told = {"Version": "9.9", "ApiVersion": newest, "MinAPIVersion": oldest}
            self.answer(200, told)
            return
        gone = self.server.refusals <= 0
        there = THERE | {"State": {"Status": self.server.state}}
        self.answer(404 if gone else 200, {"message": "No such container"} if gone else there)

    def do_DELETE(self) -> None:
        self.server.asked.append(self.path)
        self.server.refusals -= 1
        text = "removal of container web is already in progress"
        self.answer(409, {"message": text if self.server.state == "removing" else "in use"})

    def do_POST(self) -> None:
        self.server.asked.append(self.path)
        self.server.refusals -= 1
        text = f"Cannot update container web: {self.server.why}: unknown"
        if self.server.refusals >= 0:
            self.answer(500, {"message": text})
        else:
            self.answer(200, {"Warnings": []})


@contextmanager
def engine(server: Busy) -> Iterator[DockerEngine]:
    server.asked = []
    with served(server, clock=FakeClock()) as there:
        yield there


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


@pytest.mark.parametrize(
    "why",
    [
        "cannot update a stopped container",
        "cannot update a deleted process",
        "container not running",
        "updating container: `runc update` failed: exit status 1",
        "ttrpc: closed: unknown",
    ],
)
def test_a_policy_is_set_again_when_the_engine_has_not_noticed_the_end(
    server: Busy, why: str
) -> None:
    server.refusals, server.why = 3, why
    with engine(server) as there:
        there.set_policy("web", "always")
        assert len(server.asked) == 4


@pytest.mark.parametrize(
    ("why", "most"), [("cannot update a stopped container", 60), ("no space left on device", 1)]
)
def test_a_policy_that_is_never_taken_is_told(server: Busy, why: str, most: int) -> None:
    server.refusals, server.why = 10**6, why
    with engine(server) as there:
        with pytest.raises(EngineRefusedError, match=why):
            there.set_policy("web", "always")
        assert 1 <= len(server.asked) <= most


@pytest.mark.parametrize(
    ("why", "refusals", "asked"),
    [("unable to freeze", 3, 4), ("unable to freeze", 10**6, 51), ("no such cgroup", 3, 1)],
)
def test_a_freeze_that_a_busy_machine_failed_is_asked_for_again(
    server: Busy, why: str, refusals: int, asked: int
) -> None:
    server.refusals, server.why, server.state = refusals, why, "running"
    with engine(server) as there:
        with nullcontext() if asked == 4 else pytest.raises(EngineRefusedError, match=why):
            there.pause("web")
        assert len(server.asked) == asked


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
