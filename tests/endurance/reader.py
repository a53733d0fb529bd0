"""A reader of a journal, in a process of its own: `-m tests.endurance.reader PATH`, until killed.

It opens the journal anew for each look and reads what `occ history` and `occ status` read. Each
look is a line: how long it took, and how much of that was spent computing or in a queue for a
processor, in microseconds. The rest is waiting for others' locks.
"""

import os
import sys
import time
from pathlib import Path

from occ.domain.operation_fold import fold
from occ.journal.sqlite.store import SqlJournal


def _busy() -> int:
    """How long this process has computed or queued for a processor, in ns (proc(5), schedstat)."""
    computed, queued, _ = Path("/proc/self/schedstat").read_text().split()
    return int(computed) + int(queued)


def main() -> None:
    """Look for ever; an error ends it, and is seen by that."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        os.nice(-20)  # what is measured is waiting for writers, not for a processor
    path = Path(sys.argv[1])
    while True:
        began, busy = time.perf_counter_ns(), _busy()
        journal = SqlJournal(path)
        journal.head()
        for entry in journal.latest(limit=5):
            fold(journal.entries(operation=entry.operation))
        journal.close()
        took = time.perf_counter_ns() - began
        spent = _busy() - busy
        print(took // 1000, spent // 1000, flush=True)
        time.sleep(0.01)


if __name__ == "__main__":
    main()
