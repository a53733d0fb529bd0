"""A command of occ that is watched while it runs: the most memory that it had."""

import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tests.box import Box

_EVERY_SECONDS = 0.02

WITHOUT_TAR = """\
from occ.archives import host_tar

host_tar._PLACES = ()
"""
"""The `sitecustomize` of a machine without GNU tar: every volume goes the engine's way."""


def without_tar(folder: Path) -> Mapping[str, str]:
    """An environment in which occ sees no tar."""
    place = folder / "site"
    place.mkdir(exist_ok=True)
    (place / "sitecustomize.py").write_text(WITHOUT_TAR)
    return {"PYTHONPATH": str(place)}


def peak(box: Box, *words: str) -> int:
    """The most bytes of memory that a command had, which ends well; its helpers apart."""
    with (box.folder / "said").open("wb") as said:
        running = subprocess.Popen(
            box.command(*words),
            cwd=box.folder,
            env=box.environ,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
        most = 0
        while running.poll() is None:
            most = max(most, _most(running.pid))
            time.sleep(_EVERY_SECONDS)
    text = (box.folder / "said").read_text()
    assert running.returncode == 0, f"occ {' '.join(words)}: {running.returncode}\n{text}"
    assert most > 0
    print(f"occ {' '.join(words)}: {most / 1e6:.0f} MB at most", flush=True)
    return most


def _most(pid: int) -> int:
    """The high water mark of a process so far; 0 once it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0
