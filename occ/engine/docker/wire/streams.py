"""The engine's streams: frames of two outputs, and lines."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from occ.domain.total import json_value
from occ.engine.docker.wire import shape

OUT: Final = 1
_HEADER: Final = 8


def frames(pieces: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """The payloads, each after the number of its output: 1 stdout, 2 stderr.

    A frame's header has 8 bytes: the first is the output, the last four the payload's length.
    """
    buffer = b""
    for piece in pieces:
        buffer += piece
        while len(buffer) >= _HEADER:
            end = _HEADER + int.from_bytes(buffer[4:_HEADER], "big")
            if len(buffer) < end:
                break
            yield buffer[0], buffer[_HEADER:end]
            buffer = buffer[end:]


def payloads(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The payloads alone, of both outputs as they come."""
    return (payload for _, payload in frames(pieces))


def lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Lines without their ends, the last one too when it has none."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line.removesuffix(b"\r") for line in whole)
    if rest:
        yield rest


def told(line: bytes) -> Mapping[str, Any]:
    """The table in a line of JSON; empty for a line that holds none."""
    try:
        return shape.table(json_value(line))
    except ValueError:
        return {}
