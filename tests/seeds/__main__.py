"""`tox run -e seeds`: puts each bug into a copy of the code and shows its test turn red.

`--fast` leaves out what needs an engine, `--engine` everything else; words choose the seeds whose
fault or test holds one. `--record` writes the counts of both sorts into docs/reliability.md, each
into a place of its own.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.endurance import record

ROOT = Path(__file__).parents[2]
COPIED = (
    *("occ", "migrations", "tests", "docs", "changelog.d"),
    *("pyproject.toml", "toxfile.py", "README.md"),
)
SLOW = ("tests/e2e/", "tests/crash/")
_SECONDS = 180  # that a test may take; a busy machine is no bug that was seen
_RED = 1  # of pytest: tests were collected and run, and some failed
Seed = dict[str, str]


def main() -> int:
    """Try the seeds; the exit status is the number of bugs that no test saw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*")
    sort = parser.add_mutually_exclusive_group()
    sort.add_argument("--fast", action="store_true")
    sort.add_argument("--engine", action="store_true")
    parser.add_argument("--record", action="store_true")
    asked = parser.parse_args()
    chosen = [seed for seed in _all() if _meant(seed, asked)]
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        _fill(copy)
        if _status(copy, sorted({seed["test"] for seed in chosen})) != 0:
            raise SystemExit("a test fails without any bug: run it by itself")
        survivors = [seed for seed in chosen if not _killed(copy, seed)]
    print(f"\n{len(chosen)} bugs, {len(survivors)} survived, {time.monotonic() - began:.0f} s")
    if asked.record:
        by = f"tox run -e seeds -- {' '.join(sys.argv[1:])}"
        for place, slow in (("seeds", False), ("seeds-engine", True)):
            if of_sort := [seed for seed in chosen if _is_slow(seed) == slow]:
                record.write(place, _counts(of_sort, survivors), by=by)
    return len(survivors)


def _all() -> list[Seed]:
    found: list[Seed] = tomllib.loads((Path(__file__).parent / "seeds.toml").read_text())["seed"]
    return found


def _is_slow(seed: Seed) -> bool:
    return seed["test"].startswith(SLOW)


def _meant(seed: Seed, asked: argparse.Namespace) -> bool:
    if asked.engine if not _is_slow(seed) else asked.fast:
        return False
    words: Sequence[str] = asked.words
    return not words or any(word in seed["test"] or word in seed["fault"] for word in words)


def _counts(of_sort: Sequence[Seed], survivors: Sequence[Seed]) -> Mapping[str, object]:
    survived = sum(seed in survivors for seed in of_sort)
    return {
        "bugs": len(of_sort),
        "seen by their test": len(of_sort) - survived,
        "survived": survived,
    }


def _fill(copy: Path) -> None:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / name)


def _killed(copy: Path, seed: Seed) -> bool:
    there = copy / seed["file"]
    text = there.read_text()
    if text.count(seed["find"]) != 1:
        raise SystemExit(f"{seed['file']} does not hold once the place of: {seed['fault']}")
    there.write_text(text.replace(seed["find"], seed["put"]))
    try:
        status = _status(copy, [seed["test"]])
    finally:
        there.write_text(text)
    if status not in {0, _RED}:
        raise SystemExit(f"the test did not come to its end with: {seed['fault']}")
    killed = status == _RED
    print(f"{'killed' if killed else 'SURVIVED':<9} {seed['fault']}", flush=True)
    return killed


def _status(copy: Path, tests: Sequence[str]) -> int:
    fast = len(tests) - (slow := sum(test.startswith(SLOW) for test in tests))
    seconds = _SECONDS * (1 + fast / 10 + 4 * slow)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return _RED  # a test that never ends is seen too
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
