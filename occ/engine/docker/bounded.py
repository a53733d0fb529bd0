"""Programs of the config inside containers: as the container's user, and for a limited time."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from socket import SHUT_RDWR
from threading import Timer
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from occ.clock import Clock
from occ.domain.program_output import Output
from occ.domain.programs import Ended
from occ.engine.docker.wire import shape, streams
from occ.engine.docker.wire.client import Client, Waits
from occ.errors import EngineRefusedError, EngineUnreachableError, NotFoundError

_PAUSE_MS: Final = 20
_NO_PROGRAM: Final = frozenset({126, 127})
"""As an engine has it that began a program which is not there."""
_KILLED: Final = 128

Asked: TypeAlias = tuple[Client, Waits, Clock]
"""Whoever is asked, how long, and by which clock."""


def run(
    asked: Asked,
    container: str,
    words: Sequence[str],
    *,
    told: Mapping[str, str],
    hidden: Sequence[str],
    most_ms: int,
) -> Ended:
    """Run a program to its end, or until its time is over.

    Raises:
        NotFoundError: there is no such container.
        EngineRefusedError: it is not running.
    """
    client, waits, clock = asked
    began, output = clock.monotonic(), Output(hidden)
    made = client.ask(
        "POST",
        f"/containers/{quote(container, safe='')}/exec",
        wait=waits.change,
        json={
            "Cmd": list(words),
            "Env": [f"{name}={value}" for name, value in told.items()],
            "AttachStdout": True,
            "AttachStderr": True,
        },
    )
    number = shape.needed(client.json(made), "Id")
    try:
        answer = client.ask(
            "POST",
            f"/exec/{number}/start",
            wait=most_ms / 1000 + waits.inspect,
            json={"Detach": False, "Tty": False},
            stream=True,
        )
    except EngineRefusedError as error:  # newer engines refuse what older ones end with 126 or 127
        return Ended(how="not started", said=error.message, output=output.digest)
    line = client.line(answer)
    late = Timer(most_ms / 1000, lambda: _hang_up(line.shutdown))
    late.start()
    with suppress(EngineUnreachableError):  # a line that was hung up; else the engine is asked
        try:
            for _, piece in streams.frames(client.trickle(answer)):
                output.take(piece)
        finally:
            late.cancel()
    status = _status(asked, number, until=began + most_ms + 1_000)
    took = clock.monotonic() - began
    if status is None:
        return Ended(how="timed out", tail=output.tail, output=output.digest, took_ms=took)
    if status in _NO_PROGRAM:
        said = output.tail[-1] if output.tail else f"exit status {status}"
        return Ended(how="not started", status=status, said=said, output=output.digest)
    killed = status > _KILLED
    return Ended(
        how="killed" if killed else "ended",
        status=status - _KILLED if killed else status,
        tail=output.tail,
        output=output.digest,
        took_ms=took,
    )


def runs(client: Client, waits: Waits, container: str, words: Sequence[str]) -> bool:
    """Whether a program of these words runs there, as the container's user."""
    there = client.get(f"/containers/{quote(container, safe='')}/json", wait=waits.inspect)
    numbers = shape.listed(shape.table(there).get("ExecIDs")) if there is not None else ()
    for number in numbers:
        told = shape.table(client.get(f"/exec/{number}/json", wait=waits.inspect))
        if told.get("Running") is True and _words(told) == list(words):
            return True
    return False


def _words(told: Mapping[str, Any]) -> list[str]:
    process = shape.table(told.get("ProcessConfig"))
    arguments = shape.listed(process.get("arguments"))
    return [shape.text(process.get("entrypoint")), *(shape.text(one) for one in arguments)]


def _status(asked: Asked, number: str, *, until: int) -> int | None:
    """The exit status; None while it runs on after its time."""
    client, waits, clock = asked
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
            return None
        clock.sleep(_PAUSE_MS)


def _hang_up(shutdown: Callable[[int], object]) -> None:
    with suppress(OSError):  # it had just ended by itself
        shutdown(SHUT_RDWR)
