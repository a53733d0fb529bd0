"""Programs inside containers, and what a container's own layer holds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from occ.clock import Clock
from occ.engine.docker_client import Client, Waits
from occ.engine.port import Change, Ran

_MOST_BYTES: Final = 1 << 16
_HEADER: Final = 8
_OUT: Final = 1
_PAUSE_MS: Final = 20
_KINDS: Final = {0: "changed", 1: "added", 2: "deleted"}
# What the engine itself puts into every container's layer.
_ENGINES: Final = frozenset({"/.dockerenv", "/dev/console"})
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
    for stream, payload in _frames(pieces):
        written[stream == _OUT] = (written[stream == _OUT] + payload)[:_MOST_BYTES]
    return Ran(status=_status(client, waits, clock, number), out=written[True], err=written[False])


def changes(told: Iterable[Mapping[str, Any]], mounted: Iterable[str]) -> tuple[Change, ...]:
    """What the engine tells of a layer, without the parents of what changed and without mounts."""
    kinds = {str(one["Path"]): int(one["Kind"]) for one in told}
    parents = {parent for path in kinds for parent in _parents(path)}
    places = tuple(mounted)
    return tuple(
        Change(path=path, kind=_KINDS[kind])  # type: ignore[arg-type]
        for path, kind in sorted(kinds.items())
        if path not in parents | _ENGINES
        and not any(path == place or path.startswith(f"{place}/") for place in places)
    )


def _parents(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path


def _frames(pieces: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """The engine's framed streams: the first byte is the stream, bytes 4 to 7 the length."""
    buffer = b""
    for piece in pieces:
        buffer += piece
        while len(buffer) >= _HEADER:
            length = int.from_bytes(buffer[4:_HEADER], "big")
            if len(buffer) < _HEADER + length:
                break
            yield buffer[0], buffer[_HEADER : _HEADER + length]
            buffer = buffer[_HEADER + length :]


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
