"""What a command costs before it does anything."""

import subprocess
import sys
import time
from pathlib import Path

from tests.bench.turns import in_turn, report
from tests.box import Box


def measure(folder: Path, rounds: int) -> None:
    """Report `occ history` against a process that imports click and SQLAlchemy."""
    box = Box(folder, "unix:///nowhere")

    def baseline() -> float:
        return _timed([sys.executable, "-c", "import click, sqlalchemy"], box)

    def history() -> float:
        return _timed(box.command("history"), box)

    report("occ history, to importing click+SQLAlchemy", *in_turn(rounds, baseline, history), 1.30)


def _timed(command: list[str], box: Box) -> float:
    began = time.perf_counter()
    subprocess.run(command, cwd=box.folder, env=box.environ, check=True, capture_output=True)
    return time.perf_counter() - began
