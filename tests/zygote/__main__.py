"""Runs occ many times, each in a process of its own, without importing everything each time.

Reads one JSON object a line, the fields of `Wanted` of tests/zygote. For each a child is forked,
which is occ, and may kill itself at its point. Two lines answer: the child's process number, and at
its end its exit status, negative for a signal.
"""

import gc
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

# Behind what is installed: the occ that is tested is the installed one.
sys.path.append(str(Path(__file__).parents[2]))

import tests.loaded  # noqa: F401 - so that no child has to import anything
from occ.cli import run
from tests.crash.launcher import launch

gc.freeze()  # a child that collects would copy every page


def main() -> None:
    """Serve until the input ends."""
    for line in sys.stdin:
        wanted = json.loads(line)
        child = os.fork()
        if child == 0:
            _be_occ(wanted)
        _say(child)
        _, ended = os.waitpid(child, 0)
        _say(os.waitstatus_to_exitcode(ended))


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _be_occ(wanted: dict[str, Any]) -> None:
    status = 1
    try:
        for number, name in enumerate((wanted["stdin"], wanted["stdout"], wanted["stderr"])):
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND if number else os.O_RDONLY
            os.dup2(os.open(name, flags, 0o600), number)
        os.environ.clear()
        os.environ.update(wanted["environ"])
        time.tzset()
        os.chdir(wanted["cwd"])
        if wanted["point"]:
            status = launch(wanted["point"], wanted["words"], Path(os.environ["OCC_CALLS"]))
        else:
            status = run(wanted["words"])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
