"""What a long run counted, written by that run into its own place in `docs/reliability.md`.

A place is a pair of marks, `<!-- recorded: NAME -->` and `<!-- end of NAME -->`; the page says
around them what is run and what it shows.
"""

import datetime as dt
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

_ROOT = Path(__file__).parents[2]
PAGE = _ROOT / "docs" / "reliability.md"


def write(
    name: str,
    counts: Mapping[str, object],
    *,
    by: str,
    seed: object = None,
    page: Path = PAGE,
    when: dt.datetime | None = None,
) -> None:
    """Put these counts in place of those of the last run of that name; `by` is its command.

    Raises:
        LookupError: the page has no such place.
    """
    begin, end = f"<!-- recorded: {name} -->", f"<!-- end of {name} -->"
    before, found, rest = page.read_text().partition(begin)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        raise LookupError(f"{page} has no {begin} with an {end} after it")
    day = (when or dt.datetime.now(tz=dt.UTC)).date().isoformat()
    run = f"{day}, commit {_commit()}" + ("" if seed is None else f", seed {seed}")
    lines = [f"{run}, {os.cpu_count()} cores, by `{by}`:", "", *_table(counts)]
    part = page.with_name(f".{page.name}.part")
    part.write_text("\n".join([f"{before}{begin}", *lines, f"{end}{after}"]))
    part.replace(page)


def _table(counts: Mapping[str, object]) -> Iterator[str]:
    yield "| counted | |"
    yield "|---|---|"
    for what, count in counts.items():
        yield f"| {what} | {count} |"


def _commit() -> str:
    """The commit that ran, and whether there was more than it in the folder."""
    name = _git("rev-parse", "--short", "HEAD") or "unknown"
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", "occ", "tests")
    return f"{name} and changes" if changed else name


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=_ROOT, capture_output=True, check=False)
    return done.stdout.decode().strip()
