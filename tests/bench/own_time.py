"""occ's own time in an update: wall time less engine calls, sleeps and imports."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, cast

from occ.app.app import App
from occ.app.options import Options
from occ.engine.docker.engine import DockerEngine
from tests.bench.turns import Figure, told
from tests.box import Box
from tests.people import YES
from tests.testbed import machine
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.registry import Registry

if TYPE_CHECKING:
    from occ.engine.port import Engine

_PROMISED = 0.250  # seconds, measured and promised alike: the baseline is the promise itself


class Timed:
    """A port whose calls are timed."""

    def __init__(self, port: object) -> None:
        self._port = port
        self.seconds = 0.0

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._port, name)
        return self._timed(attribute) if callable(attribute) else attribute

    def _timed(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            try:
                return method(*args, **kwargs)
            finally:
                self.seconds += time.perf_counter() - began

        return call


def measure(folder: Path, rounds: int) -> Sequence[Figure]:
    """The median over some updates."""
    with PrivateEngine() as engine, Registry() as registry:
        images = Images(engine, registry)
        box = Box(folder / "own", engine.url, service="own")
        box.folder.mkdir()
        ref = images.publish("good", "1.0", name="own").ref
        box.configure(ref, machine.free_port())
        box.well("start", "--yes")
        own = []
        for turn in range(rounds):
            images.publish("good", f"{turn + 2}.0", name="own")
            own.append(_update(box))
    found = Figure(
        what="own time of an update",
        against="250 ms",
        baseline=_PROMISED,
        measured=median(own),
        limit=1.0,
        rounds=rounds,
    )
    told(found)
    return (found,)


def _update(box: Box) -> float:
    app = App.open(box.environ)
    app.desk.journal.head()
    real = DockerEngine(box.engine)
    real.info()  # connected, and agreed on a version
    engine, clock = Timed(real), Timed(app.desk.clock)
    app = App(replace(app.desk, open_engine=lambda: cast("Engine", engine), clock=clock))
    began = time.perf_counter()
    app.change("update", "own", Options(), YES)
    wall = time.perf_counter() - began
    app.close()
    return wall - engine.seconds - clock.seconds
