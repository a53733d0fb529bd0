"""A process that writes to a journal: `-m tests.unit.journal.writer PATH NAME TIMES [PAUSE]`."""

import sys
import time
from pathlib import Path

from occ.domain.step_events import StepDone, StepStarted
from occ.journal.port import Stamp
from occ.journal.sqlite.store import SqlJournal
from tests.unit.journal.samples import PLANNED


def main() -> None:
    """Append so many entries to an operation of our own, telling each once it is durable."""
    path, name, times, *pause = sys.argv[1:]
    stamp = Stamp(service=name, operator=name, at=1)
    journal = SqlJournal(Path(path))
    number = journal.open_operation((PLANNED,), stamp)
    print(f"{number} 0", flush=True)
    seq = 1
    for turn in range(int(times)):
        seq = journal.append(number, seq, (StepStarted(turn), StepDone(turn)), stamp)
        print(f"{number} {seq - 1}", flush=True)
        time.sleep(float(pause[0]) if pause else 0)
    journal.close()


if __name__ == "__main__":
    main()
