"""`python -m tests.faults`: the fault matrix on real engines, one table, and its record.

`--part 10` tries every tenth cell, in the seed's order; words choose kinds and faults. Only a whole
run is recorded.
"""

import argparse
import random
import signal
import time

from tests.faults.matrix import Result, matrix
from tests.faults.plans import on_real_engine
from tests.faults.table import record, table


def main() -> int:
    """Try the cells; the exit status is 1 if one differs."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--part", type=int, default=1)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--no-record", action="store_true")
    asked = parser.parse_args()
    stated = on_real_engine(asked.seed)
    chosen = [p for p in stated if all(w in (p.kind, p.fault) for w in asked.words)]
    random.Random(asked.seed).shuffle(chosen)
    chosen = chosen[:: asked.part]
    print(f"{len(chosen)} cells, {asked.at_once} at a time, seed {asked.seed}", flush=True)
    began = time.monotonic()
    count = iter(range(1, len(chosen) + 1))

    def tell(result: Result) -> None:
        number = next(count)
        if result.differs:
            print(f"DIFFERS {result.differs}", flush=True)
        if number % 50 == 0:
            print(f"{number} tried after {time.monotonic() - began:.0f} s", flush=True)

    with matrix(asked.at_once) as made:
        made.tell = tell
        results = made.run(chosen)
    seconds = time.monotonic() - began
    text = table(results)
    print(f"\n{text}\n\n{seconds:.0f} s, seed {asked.seed}")
    if asked.part == 1 and not asked.words and not asked.no_record:
        record("faults", text, f"{len(results)} cells in {seconds / 60:.0f} minutes", asked.seed)
    return int(any(result.differs for result in results))


if __name__ == "__main__":
    raise SystemExit(main())
