"""`tox run -e strange`: the properties of strange answers at length, and the record of the run.

A property that fails shows its example, and the run is not recorded.
"""

import argparse
import os
import random
import re
import subprocess
import sys

from tests.endurance import record

FILES = {
    "tests/unit/engine/test_strange.py": "answers of an engine, its images and registries, read",
    "tests/unit/operations/test_strange_accounts.py": "account files carried, health answers read",
    "tests/unit/app/test_strange_world.py": "updates in memory, of any image or registry",
    "tests/e2e/test_strange_images.py": "updates on a real engine, to any image that it takes",
}
# As Hypothesis says it, with or without the word "examples" at each number; of properties within a
# test it says nothing, and the test does.
_DRAWN = re.compile(r"- (\d+) passing\b.*, \d+ failing\b|^(\d+) examples passed$", re.MULTILINE)


def main() -> int:
    """Run them; the exit status is 1 if a property failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="only files whose name holds one")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--times", type=int, default=40, help="as many examples as plain tox draws")
    parser.add_argument("--no-record", action="store_true")
    asked = parser.parse_args()
    chosen = [file for file in FILES if not asked.words or any(w in file for w in asked.words)]
    counts: dict[str, object] = {}
    failed = 0
    for file in chosen:
        status, passing = _run(file, asked.seed, asked.times)
        counts[FILES[file]] = passing
        failed += status != 0
    counts["tracebacks, open operations, services left down"] = failed
    print(counts, f"seed {asked.seed}")
    if not failed and not asked.words and not asked.no_record:
        by = f"tox run -e strange -- --times {asked.times}"
        record.write("strange", counts, by=by, seed=asked.seed)
    return int(failed > 0)


def _run(file: str, seed: int, times: int) -> tuple[int, int]:
    """The exit status of a file's properties, and how many examples passed."""
    words = [sys.executable, "-m", "pytest", "-q", "-m", "campaign or not campaign"]
    words += [
        "--timeout",
        "7200",
        "--hypothesis-show-statistics",
        f"--hypothesis-seed={seed}",
        file,
    ]
    with subprocess.Popen(
        words, env={**os.environ, "OCC_STRANGE": str(times)}, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        said = []
        for line in running.stdout:
            print(line, end="", flush=True)
            said.append(line)
    passing = sum(int(one or other) for one, other in _DRAWN.findall("".join(said)))
    if not running.returncode and not passing:
        raise SystemExit(f"{file} passed, and the count of its examples is not understood")
    return running.returncode, passing


if __name__ == "__main__":
    raise SystemExit(main())
