"""The figures of a run on a large volume, and their place in `docs/performance.md`."""

import datetime as dt
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

_ROOT = Path(__file__).parents[2]
PAGE = _ROOT / "docs" / "performance.md"
_BEGIN, _END = "<!-- recorded: data -->", "<!-- end of data -->"


@dataclass(slots=True)
class Report:
    """Rows of a table: what was measured, and what is promised."""

    megabytes: int
    small: int
    rounds: int
    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def tell(self, what: str, measured: str, promised: str) -> None:
        """One more row."""
        self.rows.append((what, measured, promised))
        print(f"{what}: {measured} ({promised})", flush=True)

    def write(self) -> None:
        """Put the rows in place of those of the run before.

        Raises:
            LookupError: the page has no place for them.
        """
        before, begun, rest = PAGE.read_text().partition(_BEGIN)
        _, ended, after = rest.partition(_END)
        if not (begun and ended):
            raise LookupError(f"{PAGE} has no {_BEGIN} with an {_END} after it")
        day = dt.datetime.now(tz=dt.UTC).date().isoformat()
        lines = [
            f"{day}, commit {_git('rev-parse', '--short', 'HEAD')}, {os.cpu_count()} cores,",
            f"{self.megabytes} MB in large files and {self.small} small ones, `tox run -e data`:",
            "",
            "| what | measured | promised |",
            "|---|---|---|",
            *(f"| {' | '.join(row)} |" for row in self.rows),
        ]
        PAGE.write_text("\n".join([f"{before}{_BEGIN}", *lines, f"{_END}{after}"]))


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=_ROOT, capture_output=True, check=True)
    return done.stdout.decode().strip()
