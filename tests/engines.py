"""`tox run -e engines`: the tests that drive an engine, on each release of Docker that can be had.

Words name releases of tests/testbed/releases.py; without any each is tried. A run that fails does
not keep the next from being tried. Each release's counts go into a place of their own in
docs/reliability.md, with what is not as it must be. `--only kills faults` leaves out the rest.
"""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence

from tests.endurance import record
from tests.testbed.releases import ENVIRON, RELEASES, Release

# Every so-manieth cell of the fault matrix; the whole takes an hour.
PART = "20"
_PYTEST = (sys.executable, "-m", "pytest")
_POINTS = re.compile(r"^\w+, then \w+: (\d+) points, (\d+) as stated$", re.MULTILINE)
_KILLS = re.compile(r"^(\d+) kills in (\d+) operations, seed \d+$", re.MULTILINE)
_CELLS = re.compile(r"^(\d+) cells, (\d+) at a time, seed \d+$", re.MULTILINE)
_DIFFERS = re.compile(r"^DIFFERS ", re.MULTILINE)


RUNS: Mapping[str, Sequence[str]] = {
    # -rP shows what a test that passed has printed: how many points there were.
    "kills": (*_PYTEST, "-rP", "tests/crash"),
    "faults": (sys.executable, "-m", "tests.faults", "--part", PART, "--no-record"),
    "files": (
        *(*_PYTEST, "-m", "docker and not opencode and not campaign", "-n", "3"),
        *("--dist", "loadfile", "tests/contract", "tests/e2e", "tests/testbed"),
    ),
}
TOLD = {
    "kills": "kills and restarts",
    "faults": "sample of the faults",
    "files": "contract, end-to-end, test bed",
}


def counted(told: str, said: str, status: int) -> Iterator[tuple[str, str]]:
    """What a run counted, out of its output."""
    passed, failed = (_last(rf"(\d+) {word}", said) for word in ("passed", "failed"))
    if passed is not None or failed is not None:
        yield f"{told}: tests passed, of those tried", f"{passed or 0} of {_sum(passed, failed)}"
    if points := _POINTS.findall(said):
        stated, tried = sum(int(good) for _, good in points), sum(int(all_) for all_, _ in points)
        yield "killed before, in and after each call, ends as stated", f"{stated} of {tried}"
    for kills, operations in _KILLS.findall(said):
        yield "killed at random", f"{kills} times in {operations} operations"
    for cells, _ in _CELLS.findall(said):
        good = int(cells) - len(_DIFFERS.findall(said))
        yield "cells of the fault matrix, as stated", f"{good} of {cells}"
    if status not in {0, 1}:
        yield f"{told}: did not come to its end", f"status {status}"


def _last(pattern: str, said: str) -> int | None:
    found = re.findall(pattern, said.rstrip().rpartition("\n")[2])
    return int(found[-1]) if found else None


def _sum(*parts: int | None) -> int:
    return sum(part or 0 for part in parts)


def _ran(words: Sequence[str], environ: Mapping[str, str]) -> tuple[int, str]:
    """The exit status and the output of a command, which is shown as it comes."""
    said = []
    with subprocess.Popen(
        words, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            said.append(line)
    return process.returncode, "".join(said)


def tried(release: Release, runs: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """What runs on a release counted, and the words of those that failed."""
    counts, failed = {"engine": release.versions()}, []
    for run in runs:
        words = " ".join(RUNS[run][1:])
        print(f"\n{release.told}: {words}", flush=True)
        status, said = _ran(RUNS[run], {**os.environ, ENVIRON: release.name})
        counts |= dict(counted(TOLD[run], said, status))
        if status:
            failed.append(f"{release.name}: {words}")
    return counts, failed


def main() -> int:
    """Try them; 1 if a run failed, with its words."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("releases", nargs="*", choices=[*sorted(RELEASES), []], metavar="RELEASE")
    parser.add_argument("--only", nargs="+", choices=RUNS, default=list(RUNS))
    parser.add_argument("--no-record", action="store_true")
    asked = parser.parse_args()
    failed = []
    for name in asked.releases or sorted(RELEASES, reverse=True):
        counts, those = tried(RELEASES[name], asked.only)
        failed += those
        if not asked.no_record:
            only = "" if set(asked.only) == set(RUNS) else f" --only {' '.join(asked.only)}"
            record.write(f"engines-{name}", counts, by=f"tox run -e engines -- {name}{only}")
    print("\n".join(["", *(f"failed on {each}" for each in failed)]) if failed else "all passed")
    return int(bool(failed))


if __name__ == "__main__":
    raise SystemExit(main())
