"""Runs occ many times, each in a process of its own, without importing everything each time.

Reads one JSON object a line: `words`, `point`, `environ`, `cwd`, `out`. For each a child is forked,
which is occ, and may kill itself at its point; the answer is a line with its exit status, negative
for a signal. What it printed is in the file `out`.
"""

import gc
import json
import os
import sys
from pathlib import Path
from typing import Any

import tests.loaded  # noqa: F401 - so that no child has to import anything
from tests.crash.launcher import launch

gc.freeze()  # a child that collects would copy every page


def main() -> None:
    """Serve until the input ends."""
    for line in sys.stdin:
        wanted = json.loads(line)
        child = os.fork()
        if child == 0:
            _be_occ(wanted)
        _, ended = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(ended)}\n")
        sys.stdout.flush()


def _be_occ(wanted: dict[str, Any]) -> None:
    out = os.open(wanted["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.environ.clear()
    os.environ.update(wanted["environ"])
    os.chdir(wanted["cwd"])
    status = 1
    try:
        status = launch(wanted["point"], wanted["words"], Path(wanted["environ"]["OCC_CALLS"]))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
