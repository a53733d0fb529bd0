"""The outage that a client sees during an update, against a plain stop and start."""

import http.client
import json
import threading
import time
from pathlib import Path
from typing import Self

from tests.bench.turns import in_turn, report
from tests.box import Box
from tests.testbed import machine
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.opencode import publish_opencode
from tests.testbed.registry import Gate, Registry

_PERIOD = 0.01


class Client:
    """Asks every 10 ms, and knows the longest time without a good answer."""

    def __init__(self, port: int, path: str) -> None:
        self._port, self._path = port, path
        self._end = threading.Event()
        self._longest = 0.0
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

    def _ask(self) -> None:
        last = time.monotonic()
        while not self._end.wait(_PERIOD):
            if self._good():
                now = time.monotonic()
                self._longest = max(self._longest, now - last)
                last = now

    def _good(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=1)
        try:
            connection.request("GET", self._path)
            answer = connection.getresponse()
            return answer.status == 200 and "version" in json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return False
        finally:
            connection.close()


def measure(folder: Path, rounds: int, *, opencode: bool) -> None:
    """Report the ratios, with a registry at full speed and at 1 MB/s."""
    with PrivateEngine() as engine, Registry() as registry, Gate(registry) as gate:
        images = Images(engine, registry)
        _one(Box(folder, engine.url), images, gate, "quick", "/health", rounds)
        gate.slow(1_000_000)
        _one(
            Box(folder, engine.url, service="slow"),
            images,
            gate,
            "quick, 1 MB/s",
            "/health",
            max(1, rounds // 2),
        )
        gate.open()
        if opencode:
            _one(
                Box(folder, engine.url, service="oc"),
                images,
                gate,
                "opencode",
                "/global/health",
                rounds,
            )


def _one(box: Box, images: Images, gate: Gate, what: str, path: str, rounds: int) -> None:
    port, turn = machine.free_port(), 0
    versions = ("1.18.31", "1.18.32")
    client = images.engine.client()

    def publish() -> None:
        nonlocal turn
        turn += 1
        if path == "/health":
            images.publish("good", f"{turn}.0", name=box.service, ballast=3_000_000)
        else:
            publish_opencode(images, versions[turn % 2], "latest", name=box.service)

    def plain() -> float:
        with Client(port, path) as seen:
            time.sleep(0.5)
            client.stop(box.service, timeout=10)
            client.start(box.service)
            time.sleep(4)
        return seen.longest

    def update() -> float:
        publish()
        with Client(port, path) as seen:
            time.sleep(0.5)
            box.well("update", "--yes")
            time.sleep(1)
        return seen.longest

    publish()
    health = f'path = "{path}"\nversion_field = "version"\nmin_healthy = "1s"\n'
    box.configure(f"{gate.host}/{box.service}:latest", port, health=health)
    box.well("start", "--yes")
    report(f"outage of an update, {what}", *in_turn(rounds, plain, update), 1.10)
    client.close()
