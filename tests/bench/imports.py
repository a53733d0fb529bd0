"""What a command costs before it does anything."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.journal import filled
from tests.bench.turns import Figure, figure
from tests.box import Box

_TURNS = 3  # processes are quick to start, and differ much

_ASKED = {"_OCC_COMPLETE": "bash_complete", "COMP_WORDS": "occ show ", "COMP_CWORD": "2"}


def measure(folder: Path, rounds: int) -> Sequence[Figure]:
    """`occ history` of twenty operations, to a process that imports click and SQLAlchemy."""
    box = Box(folder / "imports", "unix:///nowhere")
    box.folder.mkdir()
    (box.folder / "config.toml").touch()
    filled(box.folder / "journal.db", operations=20)

    def baseline() -> float:
        return _timed([sys.executable, "-c", "import click, sqlalchemy"], box)

    def history() -> float:
        return _timed(box.command("history"), box)

    asking = Box(box.folder, box.engine, extra=_ASKED)

    def completion() -> float:
        return _timed(asking.command(), asking)

    return (
        figure(
            "`occ history`, 20 operations",
            "a process that imports click and SQLAlchemy",
            1.30,
            rounds * _TURNS,
            baseline=baseline,
            measured=history,
        ),
        figure(
            "completing `occ show`, 20 operations",
            "a process that imports click and SQLAlchemy",
            1.30,
            rounds * _TURNS,
            baseline=baseline,
            measured=completion,
        ),
    )


def _timed(command: list[str], box: Box) -> float:
    began = time.perf_counter()
    subprocess.run(command, cwd=box.folder, env=box.environ, check=True, capture_output=True)
    return time.perf_counter() - began
