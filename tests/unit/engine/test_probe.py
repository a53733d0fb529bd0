"""The probe: an answer over HTTP, and nothing less."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from occ.engine.probe import get
from occ.engine.values import NoAnswer, Question


def asking(path: str, timeout_ms: int) -> Question:
    """A question without a login."""
    return Question(port=1, path=path, timeout_ms=timeout_ms)


@contextmanager
def listening(answer: bytes, asked: list[bytes] | None = None) -> Iterator[int]:
    """A port that accepts, says this, and hangs up; `asked` gets what it was asked."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            heard = connection.recv(1_000)
            if asked is not None:
                asked.append(heard)
            with suppress(OSError):  # whoever asked has heard enough
                connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


@contextmanager
def dripping(head: bytes) -> Iterator[int]:
    """A port that says this, and then a byte every tenth of a second until nobody listens."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):  # whoever asked hangs up
            connection.recv(1_000)
            connection.sendall(head)
            while not done.wait(0.1):
                connection.sendall(b"1")

    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        done.set()
        thread.join()


def test_what_accepts_a_connection_and_says_nothing_is_not_ready() -> None:
    """The engine's port proxy accepts also when nothing listens behind it."""
    with listening(b"") as port:
        assert get("127.0.0.1", port, asking("/health", 2_000)) == NoAnswer()


def test_what_answers_is_told_with_its_status_and_body() -> None:
    answer = b"HTTP/1.0 503 Sick\r\nContent-Length: 2\r\n\r\n{}"
    with listening(answer) as port:
        assert get("127.0.0.1", port, asking("/health", 2_000)) == (503, b"{}")


def test_where_nothing_listens_nothing_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert get("127.0.0.1", port, asking("/health", 500)) == NoAnswer(refused=True)


def test_a_probe_asks_past_caches() -> None:
    asked: list[bytes] = []
    with listening(b"HTTP/1.0 200 Fine\r\nContent-Length: 0\r\n\r\n", asked) as port:
        assert get("127.0.0.1", port, asking("/health", 2_000)) == (200, b"")
    assert b"cache-control: no-cache" in asked[0].lower()


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"", None),
        (b"HTTP/1.0 200 Fine\r\n", None),
        (b"HTTP/1.0 200 Fine\r\nContent-Type: text/event-stream\r\n\r\n", 200),
        (b"HTTP/1.1 503 Sick\r\nTransfer-Encoding: chunked\r\n\r\n", 503),
        (b"HTTP/1.1 200 Fine\r\nContent-Length: 1000\r\n\r\n", 200),
    ],
)
def test_an_answer_that_drips_costs_no_more_than_the_time_given(
    head: bytes, status: int | None
) -> None:
    before = time.monotonic()
    with dripping(head) as port:
        told = get("127.0.0.1", port, asking("/health", 500))
        assert time.monotonic() - before < 2
    assert (told[0] if isinstance(told, tuple) else None) == status
    assert isinstance(told, tuple) or told.late


def test_of_a_stream_that_goes_on_what_came_in_time_is_told() -> None:
    with dripping(b"HTTP/1.0 200 Fine\r\n\r\ndata: ") as port:
        told = get("127.0.0.1", port, asking("/events", 500))
    assert isinstance(told, tuple)
    assert told[0] == 200
    assert told[1].startswith(b"data: 1")


def test_a_body_that_breaks_off_makes_it_no_less_an_answer() -> None:
    with listening(b"HTTP/1.1 200 Fine\r\nContent-Length: 9\r\n\r\n{}") as port:
        assert get("127.0.0.1", port, asking("/health", 2_000)) == (200, b"{}")


def test_of_a_long_body_64_kib_are_taken() -> None:
    with listening(b"HTTP/1.1 200 Fine\r\n\r\n" + b"x" * 100_000) as port:
        assert get("127.0.0.1", port, asking("/health", 2_000)) == (200, b"x" * 65_536)
