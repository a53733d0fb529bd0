"""A stream of the engine that somebody may want to end while nothing comes."""

import queue
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

_POLL_SECONDS: Final = 0.2
_MOST_HELD: Final = 16
"""Handfuls of pieces that wait."""
_HANDFUL: Final = 1 << 18
"""The bytes that are handed over at once: an engine's pieces are small, and each would take a turn
of both threads."""


def pump(
    pieces: Iterator[bytes],
    line: socket.socket,
    take: Callable[[bytes], None],
    tick: Callable[[], None],
) -> None:
    """Hand the pieces of a stream to `take`, and call `tick` several times a second meanwhile.

    An exception out of `take` or `tick` shuts the `line`, by which the stream ends, and goes
    through; one of the stream's goes through too.
    """
    reader = _Reader(pieces)
    reader.start()
    try:
        while True:
            tick()
            with suppress(queue.Empty):
                piece = reader.held.get(timeout=_POLL_SECONDS)
                if piece is None:
                    return
                if isinstance(piece, Exception):
                    raise piece
                take(piece)
    finally:
        reader.over.set()
        with suppress(OSError):  # it may be shut already
            line.shutdown(socket.SHUT_RDWR)
        reader.join(timeout=1)


class _Reader(threading.Thread):
    """Waits for the stream: a socket can only be waited for by the one who reads it."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__(name="occ-stream", daemon=True)
        self._pieces = pieces
        self.held: queue.Queue[bytes | Exception | None] = queue.Queue(_MOST_HELD)
        """The pieces that have come; None at the end, or the error that was it."""
        self.over = threading.Event()
        """Set when nobody wants more."""

    def run(self) -> None:
        """Read to the end, or until it is over."""
        held = bytearray()
        end: Exception | None = None
        try:
            for piece in self._pieces:
                held += piece
                if len(held) >= _HANDFUL:
                    self._put(bytes(held))
                    held.clear()
                if self.over.is_set():
                    return
        except Exception as error:  # noqa: BLE001 - told to the thread that asked
            end = error
        if held:
            self._put(bytes(held))
        self._put(end)

    def _put(self, piece: bytes | Exception | None) -> None:
        while not self.over.is_set():
            with suppress(queue.Full):
                self.held.put(piece, timeout=_POLL_SECONDS)
                return
