"""Runs occ so that it kills itself at one chosen point.

A point is `none`, or `<port>:<n>:<when>` - the n-th call (from 1) of the engine or the journal that
changes something, and when: `before` it, 50 ms `into` it, or `after` it. Calls that only read
change nothing, so dying before one is dying after the change before it. The two ports are wrapped
from outside; the product has no hook. The calls are written down, one a line and in order, each
before it is made.
"""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from occ.app.app import App
from occ.cli import run

CHANGING = {
    "engine": {
        "create",
        "start",
        "stop",
        "remove",
        "rename",
        "set_policy",
        "pull",
        "tag",
        "untag",
        "create_volume",
        "write_files",
    },
    "journal": {"open_operation", "append"},
}


class Watched:
    """A port whose changing calls are counted, written down, and one of them fatal."""

    def __init__(self, port: object, kind: str, fatal: tuple[int, str] | None, calls: Path) -> None:
        self._port, self._kind, self._fatal, self._calls = port, kind, fatal, calls
        self._count = 0

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._port, name)
        if name not in CHANGING[self._kind]:
            return attribute
        return lambda *args, **kwargs: self._call(name, attribute, args, kwargs)

    def _call(
        self, name: str, method: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        self._count += 1
        with self._calls.open("a") as file:
            file.write(f"{self._kind} {name}\n")
        when = self._fatal[1] if self._fatal and self._fatal[0] == self._count else ""
        if when == "before":
            die()
        if when == "into":
            timer = threading.Timer(0.05, die)
            timer.start()
        result = method(*args, **kwargs)
        if when:
            die()
        return result


def die() -> None:
    """End at once, as a power cut would end us."""
    os.kill(os.getpid(), signal.SIGKILL)


def launch(point: str, words: list[str], calls: Path) -> int:
    """Run occ with both ports watched; its exit status, unless it died."""
    kind, _, rest = point.partition(":")
    number, _, when = rest.partition(":")
    fatal = (int(number), when) if rest else None

    def open_app(*args: Any, **kwargs: Any) -> App:
        app = App.open(*args, **kwargs)
        desk = app.desk
        for port in ("engine", "journal"):
            watched = Watched(getattr(desk, port), port, fatal if kind == port else None, calls)
            desk.__dict__[port] = watched
        return app

    return run(words, open_app=open_app)
