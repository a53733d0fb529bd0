"""The table of a run, and its record in docs/reliability.md."""

import re
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.kinds import ENDS
from tests.faults.matrix import Result
from tests.faults.plans import points

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reliability.md"


def table(results: Sequence[Result]) -> str:
    """Kinds of operations by faults: cells as stated, of cells tried."""
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    faults: dict[str, None] = {}
    for result in results:
        fault = result.plan.fault.rstrip("0459") if "refuse" in result.plan.fault else ""
        fault = fault or result.plan.fault
        faults[fault] = None
        for key in ((result.plan.kind, fault), (result.plan.kind, ""), ("", fault), ("", "")):
            counts[key][0] += not result.differs
            counts[key][1] += 1
    columns = [*sorted(faults), ""]
    lines = [
        "| kind | points | " + " | ".join(name or "all" for name in columns) + " |",
        "|" + "---|" * (len(columns) + 2),
    ]
    kinds = [kind for kind in ENDS if (kind, "") in counts]
    for kind in [*kinds, ""]:
        number = sum(len(points(each)) for each in ([kind] if kind else kinds))
        cells = [_cell(counts, (kind, fault)) for fault in columns]
        lines.append(f"| {kind or 'all'} | {number} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(counts: dict[tuple[str, str], list[int]], key: tuple[str, str]) -> str:
    good, tried = counts.get(key, (0, 0))
    return f"{good} of {tried}" if tried else ""


def record(name: str, text: str, said: str, seed: int) -> None:
    """Write a run into the page, between the markers of its name."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    day = datetime.now(UTC).date().isoformat()
    begin, end = f"<!-- record {name} -->", f"<!-- end {name} -->"
    body = f"{begin}\n{day}, commit {commit}, seed {seed}: {said}.\n\n{text}\n{end}"
    page = PAGE.read_text()
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if not pattern.search(page):
        raise SystemExit(f"{PAGE} has no place for the record of {name}")
    PAGE.write_text(pattern.sub(lambda _: body, page))
