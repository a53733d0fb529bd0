"""Programs run inside containers, to their ends."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from occ.clock import Clock
from occ.engine.docker import streams
from occ.engine.docker.client import Client, Waits
from occ.engine.values import Ran

_MOST_BYTES: Final = 1 << 16
_PAUSE_MS: Final = 20
# Over TLS a connection cannot be closed on one side only, so the program is told the length.
_FED: Final = 'count=$1; shift; head -c "$count" | "$@"'


def run(
    client: Client, waits: Waits, clock: Clock, container: str, words: Sequence[str], stdin: bytes
) -> Ran:
    """Run a program to its end."""
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
    number = made.json()["Id"]
    answer = client.ask(
        "POST",
        f"/exec/{number}/start",
        wait=waits.change,
        json={"Detach": False, "Tty": False},
        headers={"Connection": "Upgrade", "Upgrade": "tcp"} if stdin else {},
        stream=True,
    )
    pieces = client.conversation(answer, stdin) if stdin else client.pieces(answer)
    written = {True: b"", False: b""}
    for stream, piece in streams.frames(pieces):
        written[stream == streams.OUT] = (written[stream == streams.OUT] + piece)[:_MOST_BYTES]
    return Ran(status=_status(client, waits, clock, number), out=written[True], err=written[False])


def _status(client: Client, waits: Waits, clock: Clock, number: str) -> int:
    """The exit status; the stream may end a moment before the engine knows it."""
    until = clock.monotonic() + int(waits.inspect * 1000)
    while True:
        told = client.get(f"/exec/{number}/json", wait=waits.inspect)
        if not told["Running"] and told["ExitCode"] is not None:
            return int(told["ExitCode"])
        if clock.monotonic() > until:
            return -1
        clock.sleep(_PAUSE_MS)
