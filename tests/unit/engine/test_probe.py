"""The probe: an answer over HTTP, and nothing less."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from occ.engine.probe import get


@contextmanager
def listening(answer: bytes, asked: list[bytes] | None = None) -> Iterator[int]:
    """A port that accepts, says this, and hangs up; `asked` gets what it was asked."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            heard = connection.recv(1_000)
            if asked is not None:
                asked.append(heard)
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def test_what_accepts_a_connection_and_says_nothing_is_not_ready() -> None:
    """The engine's port proxy accepts also when nothing listens behind it."""
    with listening(b"") as port:
        assert get("127.0.0.1", port, "/health", 2_000) is None


def test_what_answers_is_told_with_its_status_and_body() -> None:
    answer = b"HTTP/1.0 503 Sick\r\nContent-Length: 2\r\n\r\n{}"
    with listening(answer) as port:
        assert get("127.0.0.1", port, "/health", 2_000) == (503, b"{}")


def test_where_nothing_listens_nothing_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert get("127.0.0.1", port, "/health", 500) is None


def test_a_probe_asks_past_caches() -> None:
    asked: list[bytes] = []
    with listening(b"HTTP/1.0 200 Fine\r\nContent-Length: 0\r\n\r\n", asked) as port:
        assert get("127.0.0.1", port, "/health", 2_000) == (200, b"")
    assert b"cache-control: no-cache" in asked[0].lower()
