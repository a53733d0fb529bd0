"""The outage that a client sees during an update, against a plain stop and start."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from tests.bench.turns import Figure, figure
from tests.box import Box
from tests.testbed import machine
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.opencode import publish_opencode
from tests.testbed.registry import Gate, Registry

_PERIOD = 0.01
_BEFORE = 0.5
_LONGEST = 60
_ENOUGH = 30  # good answers in a row
_PATIENCE = (
    0.1  # a connection that the engine's proxy holds while nothing is behind it is no answer
)


class Client:
    """Asks every 10 ms, and knows the longest time without a good answer."""

    def __init__(self, port: int, path: str) -> None:
        self._port, self._path = port, path
        self._end = threading.Event()
        self._longest = 0.0
        self._in_a_row = 0
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    @property
    def longest(self) -> float:
        """The longest outage seen, in seconds."""
        return self._longest

    def wait(self) -> None:
        """Wait until it was answered well for a while.

        Raises:
            TimeoutError: it is not, for a minute.
        """
        self._in_a_row = 0
        until = time.monotonic() + _LONGEST
        while self._in_a_row < _ENOUGH:
            if time.monotonic() > until:
                raise TimeoutError(f"nothing answers on port {self._port}")
            time.sleep(_PERIOD)

    def _ask(self) -> None:
        last = time.monotonic()
        while not self._end.wait(_PERIOD):
            if self._good():
                now = time.monotonic()
                self._longest = max(self._longest, now - last)
                last = now
                self._in_a_row += 1
            else:
                self._in_a_row = 0

    def _good(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE)
        try:
            connection.request("GET", self._path)
            answer = connection.getresponse()
            return answer.status == 200 and "version" in json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return False
        finally:
            connection.close()


def measure(folder: Path, rounds: int, *, opencode: bool) -> Sequence[Figure]:
    """The ratios, with a registry at full speed and at 1 MB/s."""
    with PrivateEngine() as engine, Registry() as registry, Gate(registry) as gate:
        _ask_neighbours_often(engine)
        images = Images(engine, registry)
        found = [_quick(folder, images, gate, "quick", rounds)]
        gate.slow(1_000_000)
        found.append(_quick(folder, images, gate, "quick, registry at 1 MB/s", rounds))
        gate.open()
        if opencode:
            found.append(_opencode(folder, images, gate, "opencode", rounds))
            gate.slow(1_000_000)
            found.append(_opencode(folder, images, gate, "opencode, registry at 1 MB/s", rounds))
    return found


def _ask_neighbours_often(engine: PrivateEngine) -> None:
    """Let the kernel look for a container that does not answer every 50 ms, not every second.

    Else a client that asks while nothing is there sees 1.2 s of an outage of 0.4 s, on both sides
    of the comparison, and that second would hide what an update adds.
    """
    kernel = Path("/proc/sys/net/ipv4/neigh", engine.bridge.name, "retrans_time_ms")
    kernel.write_text("50", "utf-8")


def _quick(folder: Path, images: Images, gate: Gate, what: str, rounds: int) -> Figure:
    box = _box(folder, images, f"bench{len(list(folder.iterdir()))}")
    turn = 0

    def publish() -> None:
        nonlocal turn
        turn += 1
        images.publish("good", f"{turn}.0", name=box.service, ballast=3_000_000)

    return _one(box, images, gate, what, "/health", rounds, publish)


def _opencode(folder: Path, images: Images, gate: Gate, what: str, rounds: int) -> Figure:
    box = _box(folder, images, f"opencode{len(list(folder.iterdir()))}")
    turn = 0

    def publish() -> None:
        nonlocal turn
        turn += 1
        version = ("1.18.31", "1.18.32")[turn % 2]
        publish_opencode(images, version, "latest", name=box.service)

    return _one(box, images, gate, what, "/global/health", rounds, publish)


def _box(folder: Path, images: Images, service: str) -> Box:
    box = Box(folder / service, images.engine.url, service=service)
    box.folder.mkdir()
    return box


def _one(
    box: Box,
    images: Images,
    gate: Gate,
    what: str,
    path: str,
    rounds: int,
    publish: Callable[[], None],
) -> Figure:
    port = machine.free_port()
    client = images.engine.client()

    def plain() -> float:
        with Client(port, path) as seen:
            time.sleep(_BEFORE)
            client.stop(box.service, timeout=10)
            client.start(box.service)
            seen.wait()
        return seen.longest

    def update() -> float:
        publish()
        with Client(port, path) as seen:
            time.sleep(_BEFORE)
            box.well("update", "--yes")
            seen.wait()
        return seen.longest

    publish()
    health = f'path = "{path}"\nversion_field = "version"\nmin_healthy = "1s"\n'
    box.configure(f"{gate.host}/{box.service}:latest", port, health=health)
    box.well("start", "--yes")
    try:
        return figure(
            f"outage of an update, {what}",
            "a plain stop and start",
            1.10,
            rounds,
            baseline=plain,
            measured=update,
        )
    finally:
        box.well("stop", "--yes")
        client.close()
