"""`tox run -e engines`: the tests that drive an engine, on each release of Docker that can be had.

Words name releases of tests/testbed/releases.py; without any each is tried. A release that fails
does not keep the next from being tried.
"""

import os
import subprocess
import sys

from tests.testbed.releases import ENVIRON, RELEASES

# Every so-manieth cell of the fault matrix; the whole takes an hour.
PART = "20"
_PYTEST = [sys.executable, "-m", "pytest"]
RUNS = (
    [
        *(*_PYTEST, "-m", "docker and not opencode and not campaign", "-n", "3"),
        *("--dist", "loadfile", "tests/contract", "tests/e2e", "tests/testbed"),
    ],
    [*_PYTEST, "tests/crash"],
    [sys.executable, "-m", "tests.faults", "--part", PART],
)


def main() -> int:
    """Try them; 1 if a run failed, with its words."""
    failed = []
    for name in sys.argv[1:] or sorted(RELEASES, reverse=True):
        environ = {**os.environ, ENVIRON: RELEASES[name].name}
        for run in RUNS:
            print(f"\n{RELEASES[name].told}: {' '.join(run[1:])}", flush=True)
            if subprocess.run(run, env=environ, check=False).returncode:
                failed.append(f"{name}: {' '.join(run[1:])}")
    print("\n".join(["", *(f"failed on {each}" for each in failed)]) if failed else "all passed")
    return int(bool(failed))


if __name__ == "__main__":
    raise SystemExit(main())
