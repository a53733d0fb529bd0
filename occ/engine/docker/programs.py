"""Programs run inside containers, to their ends."""

from collections.abc import Sequence
from contextlib import closing
from typing import Final
from urllib.parse import quote

from occ.clock import Clock
from occ.engine.docker.wire import shape, streams
from occ.engine.docker.wire.client import Client, Waits
from occ.engine.values import Ran
from occ.errors import NotFoundError

_MOST_BYTES: Final = 1 << 16
_PAUSE_MS: Final = 20
# Over TLS a connection cannot be closed on one side only, so the program is told the length.
_FED: Final = 'count=$1; shift; head -c "$count" | "$@"'


def run(
    client: Client,
    waits: Waits,
    clock: Clock,
    container: str,
    words: Sequence[str],
    stdin: bytes = b"",
    most_ms: int | None = None,
) -> Ran:
    """Run a program to its end, or until it wrote for `most_ms`: then its status is -1.

    Raises:
        NotFoundError: there is no such container, or it was removed meanwhile.
    """
    until = None if most_ms is None else clock.monotonic() + most_ms
    fed = ("sh", "-c", _FED, "sh", str(len(stdin)), *words) if stdin else tuple(words)
    made = client.ask(
        "POST",
        f"/containers/{quote(container, safe='')}/exec",
        wait=waits.change,
        json={
            "Cmd": list(fed),
            "User": "0:0",
            "AttachStdin": bool(stdin),
            "AttachStdout": True,
            "AttachStderr": True,
        },
    )
    number = shape.needed(client.json(made), "Id")
    answer = client.ask(
        "POST",
        f"/exec/{number}/start",
        wait=waits.change if most_ms is None else most_ms / 1000 + waits.inspect,
        json={"Detach": False, "Tty": False},
        headers={"Connection": "Upgrade", "Upgrade": "tcp"} if stdin else {},
        stream=True,
    )
    if stdin:
        pieces = client.conversation(answer, stdin)
    else:
        pieces = client.pieces(answer) if until is None else client.trickle(answer)
    written = {True: b"", False: b""}
    with closing(answer):
        for stream, piece in streams.frames(pieces):
            written[stream == streams.OUT] = (written[stream == streams.OUT] + piece)[:_MOST_BYTES]
            if until is not None and clock.monotonic() > until:
                return Ran(status=-1, out=written[True], err=written[False])
    return Ran(status=_status(client, waits, clock, number), out=written[True], err=written[False])


def _status(client: Client, waits: Waits, clock: Clock, number: str) -> int:
    """The exit status; the stream may end a moment before the engine knows it."""
    until = clock.monotonic() + int(waits.inspect * 1000)
    while True:
        told = client.get(f"/exec/{number}/json", wait=waits.inspect)
        if told is None:
            raise NotFoundError(
                "the container was removed while a program ran in it", hint="docker ps -a"
            )
        ended = shape.table(told)
        if not ended.get("Running") and isinstance(ended.get("ExitCode"), int):
            return shape.number(ended["ExitCode"])
        if clock.monotonic() > until:
            return -1
        clock.sleep(_PAUSE_MS)
