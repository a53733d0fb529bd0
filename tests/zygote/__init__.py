"""A process that has imported occ, and forks one occ after another: the imports are paid once."""

import atexit
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

_LONGEST_S: Final = 600.0


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One occ: its words, its environment, and the files that are its standard streams."""

    words: Sequence[str]
    environ: Mapping[str, str]
    cwd: str
    stdout: str
    stderr: str
    stdin: str = os.devnull
    point: str = ""
    """Where something happens to it (tests/crash/launcher.py); empty: nothing does."""


class Zygote:
    """A process that forks one occ after another. What it prints goes to the end of its files."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(Path(__file__).with_name("__main__.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )

    def run(self, wanted: Wanted, *, timeout_s: float = _LONGEST_S) -> int:
        """Run occ; its exit status, negative for a signal.

        Raises:
            subprocess.TimeoutExpired: it had not ended by then, and was killed.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(wanted)).encode() + b"\n")
        child = int(self._process.stdout.readline())
        ready, _, _ = select.select([self._process.stdout], [], [], timeout_s)
        if not ready:
            os.kill(child, signal.SIGKILL)
        status = int(self._process.stdout.readline())
        if not ready:
            raise subprocess.TimeoutExpired(list(wanted.words), timeout_s)
        return status

    def close(self) -> None:
        """End it."""
        self._process.communicate()


_idle: list[Zygote] = []


@contextmanager
def idle_zygote() -> Iterator[Zygote]:
    """A zygote that nobody else uses meanwhile. They end with this process."""
    zygote = _idle.pop() if _idle else _begun()
    yield zygote
    _idle.append(zygote)  # after an error it is not used again


def _begun() -> Zygote:
    zygote = Zygote()
    atexit.register(zygote.close)
    return zygote
