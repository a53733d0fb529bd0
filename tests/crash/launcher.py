"""Runs occ so that something happens to it at one chosen point.

A point is `none`, or `<port>:<n>:<when>[:<fault>]` - the n-th call (from 1) of the engine or the
journal that changes something, and when: `before` it, 50 ms `into` it, or `after` it; a number is
once so many bytes of its data went by. The port `host` are the doings beside the two: a folder
read or written by tar, a file of a snapshot kept or written. The fault is one of
tests/crash/doses.py, by default `kill`. Calls that only read change nothing, so dying before one is
dying after the change before it. `time:<us>` is kill -9 so many microseconds after the beginning.
The ports are wrapped from outside; the product has no hook. The calls are written down, one a line
and in order, each before it is made, and below it `stream` when many bytes have gone by.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from occ.app.app import App
from occ.cli import run
from tests.crash.doses import Dose, die
from tests.crash.streams import LARGE, STREAMS, Stream, watch_host

if TYPE_CHECKING:
    from occ.engine.port import Engine
    from occ.journal.port import Journal

CHANGING: dict[str, set[str]] = {
    "engine": {
        "create",
        "start",
        "stop",
        "pause",
        "unpause",
        "close_network",
        "remove_network",
        "remove",
        "rename",
        "set_policy",
        "pull",
        "tag",
        "join",
        "create_volume",
        "remove_volume",
        "remove_image",
        "write_files",
        "read_folder",
        "write_folder",
        "run_inside",
    },
    "journal": {"open_operation", "append"},
    "programs": {"run"},
}


class Watched:
    """A port whose changing calls are counted, written down, and at one of them a dose is given."""

    def __init__(
        self, port: object, kind: str, dose: Dose, at: tuple[int, str], calls: Path
    ) -> None:
        self._port, self._kind, self._dose, self._at, self._calls = port, kind, dose, at, calls
        self._count = 0

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._port, name)
        if not callable(attribute):
            return attribute
        if name not in CHANGING[self._kind]:
            return lambda *args, **kwargs: self._dose.read(
                self._kind, name, lambda: attribute(*args, **kwargs)
            )
        return lambda *args, **kwargs: self(name, attribute, *args, **kwargs)

    def __call__(self, name: str, called: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Make one call that counts."""
        self._count += 1
        self._note(f"{self._kind} {name}")
        when = self._at[1] if self._at[0] == self._count else ""
        if name not in STREAMS:
            return self._call(name, when, lambda: called(*args, **kwargs))
        stream = Stream(int(when) if when.isdecimal() else 0, self._dose.give)
        given = stream.wrapped(name, args)
        result = self._call(name, when, lambda: called(*given, **kwargs))
        if stream.passed >= LARGE:
            self._note("stream")
        return result

    def _note(self, line: str) -> None:
        with self._calls.open("a") as file:
            file.write(f"{line}\n")

    def _call(self, name: str, when: str, call: Callable[[], Any]) -> Any:
        if when == "before":
            self._dose.give()
        if when == "into":
            timer = threading.Timer(0.05, die)
            timer.start()
        result = self._dose.read(self._kind, name, call)
        if when == "into":
            die()
        if when == "after":
            self._dose.give()
        return result


def launch(point: str, words: list[str], calls: Path) -> int:
    """Run occ with both ports watched; its exit status, unless it died."""
    kind, _, rest = point.partition(":")
    if kind == "time":
        timer = threading.Timer(int(rest) / 1_000_000, die)
        timer.daemon = True
        timer.start()
        rest = ""
    number, when, fault = (*rest.split(":"), "kill")[:3] if rest else ("0", "", "kill")

    def open_app(*args: Any, **kwargs: Any) -> App:
        app = App.open(*args, **kwargs)
        desk = app.desk
        dose = Dose(fault, calls.parent, Path(desk.settings.journal).parent)

        def watched(port: object, name: str) -> Watched:
            at = (int(number), when) if kind == name else (0, "")
            return Watched(port, name, dose, at, calls)

        journal, engine = watched(desk.journal, "journal"), watched(desk.engine, "engine")
        watch_host(watched(None, "host"))
        return App(
            replace(
                desk,
                open_journal=lambda _: cast("Journal", journal),
                open_engine=lambda: cast("Engine", engine),
            )
        )

    return run(words, open_app=open_app)
