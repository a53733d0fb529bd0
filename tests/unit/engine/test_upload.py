"""A body sent in chunks to an engine that does not take it well, played by a server of ours."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer

import pytest

from occ.engine.docker.engine import DockerEngine
from occ.engine.docker.wire.client import Waits
from occ.errors import EngineRefusedError, EngineUnreachableError
from tests.unit.engine.odd import Handler, served

PIECE = b"x" * (1 << 18)
FULL = {"message": "Error processing tar file(exit status 1): no space left on device"}


class EnoughError(Exception):
    """Somebody asks for an end."""


class Taker(ThreadingHTTPServer):
    """An engine that takes an archive in a `manner`, and keeps what it got."""

    daemon_threads = True
    manner = "well"
    path = ""
    got = b""
    whole = False
    cut = False
    ended: threading.Event


class _Handler(Handler):
    protocol_version = "HTTP/1.1"
    server: Taker

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
        """The version, or an answer to a ping."""
        self.answer(200, {"ApiVersion": "1.44", "MinAPIVersion": "1.24"})

    def do_PUT(self) -> None:  # noqa: N802 - as above
        """The archive."""
        server = self.server
        server.path = self.path
        if server.manner == "takes nothing":
            server.ended.wait(5)
            return
        if server.manner == "refuses at once":
            self.answer(500, FULL)
            self.close_connection = True
            return
        while size := int(self.rfile.readline() or b"0", 16):
            server.got += self.rfile.read(size)
            self.rfile.readline()
            if server.manner == "hangs up":
                self.close_connection = True
                return
        server.cut = self.rfile.readline() != b"\r\n"
        server.whole = not server.cut
        if server.manner == "is silent at the end":
            server.ended.wait(5)
        elif server.manner == "refuses at the end":
            self.answer(500, FULL)
        else:
            self.answer(200, {})


@contextmanager
def engine(manner: str) -> Iterator[tuple[Taker, DockerEngine]]:
    server = Taker(("127.0.0.1", 0), _Handler)
    server.manner, server.ended = manner, threading.Event()
    with served(server, waits=Waits(info=1, inspect=1, stall=0.6, change=2)) as there:
        try:
            yield server, there
        finally:
            server.ended.set()


def many() -> Iterator[bytes]:
    while True:
        yield PIECE


def test_all_of_it_arrives_in_its_order_at_the_place_above() -> None:
    pieces = [bytes([n]) * (n * 10_001) for n in range(40)]  # one is empty, some are large
    with engine("well") as (server, there):
        there.write_folder("web", "/occ-snapshot", pieces)
    assert server.got == b"".join(pieces)
    assert server.whole
    assert server.path == "/v1.44/containers/web/archive?path=%2F"


@pytest.mark.parametrize("manner", ["refuses at once", "refuses at the end"])
def test_a_refusal_is_told_in_the_engines_words(manner: str) -> None:
    pieces = many() if manner == "refuses at once" else [PIECE] * 3
    with (
        engine(manner) as (_, there),
        pytest.raises(EngineRefusedError, match="the engine's disk is full"),
    ):
        there.write_folder("web", "/x", pieces)


@pytest.mark.parametrize("manner", ["takes nothing", "is silent at the end", "hangs up"])
def test_an_engine_that_does_not_answer_is_waited_for_and_told(manner: str) -> None:
    pieces = [PIECE] * 2 if manner == "is silent at the end" else many()
    begun = time.monotonic()
    with engine(manner) as (_, there), pytest.raises(EngineUnreachableError):
        there.write_folder("web", "/x", pieces)
    assert time.monotonic() - begun < 4


@pytest.mark.parametrize("manner", ["takes nothing", "is silent at the end"])
def test_it_can_be_ended_while_the_engine_takes_nothing(manner: str) -> None:
    pieces = [PIECE] if manner == "is silent at the end" else many()
    until = time.monotonic() + 0.3

    def tick() -> None:
        if time.monotonic() > until:
            raise EnoughError

    with engine(manner) as (_, there), pytest.raises(EnoughError):
        there.write_folder("web", "/x", pieces, tick=tick)
    assert time.monotonic() - until < 1


def test_a_source_that_fails_leaves_no_end_that_looks_whole() -> None:
    def broken() -> Iterator[bytes]:
        yield PIECE
        raise EnoughError

    with engine("well") as (server, there):
        with pytest.raises(EnoughError):
            there.write_folder("web", "/x", broken())
        until = time.monotonic() + 2
        while not server.cut and time.monotonic() < until:
            time.sleep(0.01)
    assert server.cut
    assert not server.whole
