"""The last recorded run, in `docs/performance.md`: written by the command that measured it."""

import datetime as dt
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.turns import Figure

_ROOT = Path(__file__).parents[2]
PAGE = _ROOT / "docs" / "performance.md"
_BEGIN, _END = "<!-- recorded -->", "<!-- end of what was recorded -->"


def write(figures: Sequence[Figure]) -> None:
    """Put these figures in place of those of the run before."""
    before, _, rest = PAGE.read_text().partition(_BEGIN)
    after = rest.partition(_END)[2]
    PAGE.write_text("\n".join([f"{before}{_BEGIN}", *_lines(figures), f"{_END}{after}"]))


def _lines(figures: Sequence[Figure]) -> Iterator[str]:
    day = dt.datetime.now(tz=dt.UTC).date().isoformat()
    words = " ".join(["python -m tests.bench", *sys.argv[1:]])
    yield f"{day}, commit {_commit()}, {os.cpu_count()} cores ({platform.machine()}),"
    yield f"Python {platform.python_version()}, by `{words}`:"
    yield ""
    yield "| what | measured | baseline | ratio | promised | runs |"
    yield "|---|---|---|---|---|---|"
    for f in figures:
        promised = f"at most {f.limit:.2f}" + ("" if f.verdict == "within" else ": **over**")
        yield (
            f"| {f.what} | {_ms(f.measured)} | {f.against}: {_ms(f.baseline)} "
            f"| {f.ratio:.2f} | {promised} | {f.rounds} |"
        )


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=_ROOT, capture_output=True, check=True
    )
    return done.stdout.decode().strip()
