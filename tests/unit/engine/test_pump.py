"""A stream that can be ended while nothing comes."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from occ.engine.docker.wire.pump import pump
from occ.errors import EngineUnreachableError


class EnoughError(Exception):
    """Somebody asks for an end."""


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def pieces(line: socket.socket) -> Iterator[bytes]:
    while piece := line.recv(1 << 16):
        yield piece


def test_all_pieces_come_in_their_order(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    sent = bytes(range(256)) * 4_000

    def write() -> None:
        theirs.sendall(sent)
        theirs.close()

    writer = threading.Thread(target=write)
    writer.start()
    got: list[bytes] = []
    pump(pieces(ours), ours, got.append, lambda: None)
    writer.join()
    assert b"".join(got) == sent


def test_a_silent_stream_is_ended_within_a_second(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, _ = ends
    until = time.monotonic() + 0.3

    def tick() -> None:
        if time.monotonic() > until:
            raise EnoughError

    with pytest.raises(EnoughError):
        pump(pieces(ours), ours, lambda _: None, tick)
    assert time.monotonic() < until + 1
    assert "occ-stream" not in {thread.name for thread in threading.enumerate()}


def test_one_that_is_not_read_fast_enough_is_ended_too(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, _ = ends

    def take(_piece: bytes) -> None:
        raise EnoughError

    with pytest.raises(EnoughError):
        pump((b"x" for _ in range(10_000)), ours, take, lambda: None)
    assert "occ-stream" not in {thread.name for thread in threading.enumerate()}


def test_an_error_of_the_stream_goes_through(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    def lost() -> Iterator[bytes]:
        yield b"some"
        raise EngineUnreachableError("the connection was lost")

    got: list[bytes] = []
    with pytest.raises(EngineUnreachableError, match="was lost"):
        pump(lost(), ends[0], got.append, lambda: None)
    assert got == [b"some"]
