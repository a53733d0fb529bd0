"""`python -m tests.faults`: the fault matrix on real engines, one table, and its record.

`--part 10` tries every tenth cell, in the seed's order; words choose kinds and faults, each any
number of them. Only a whole run is recorded. `--data` tries the kinds of data alone, `--beside`
those that run a version beside the service; each is recorded by itself, also a part of it or some
of its faults, with the number of all its cells.
`--engine newest` takes the newest Docker Engine; `tox run -e engines` records a sample on it.
"""

import random
import time

from tests.faults.asking import campaign_parser
from tests.faults.kinds import of_data, runs_beside
from tests.faults.matrix import Result, matrix
from tests.faults.plans import on_real_engine
from tests.faults.table import record, table
from tests.testbed.releases import OWN, RELEASES, choose, chosen

_ALONE = {"data": of_data, "beside": runs_beside}


def main() -> int:
    """Try the cells; the exit status is 1 if one differs."""
    parser = campaign_parser(__doc__)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--part", type=int, default=1)
    alone = parser.add_mutually_exclusive_group()
    for name in _ALONE:
        alone.add_argument(f"--{name}", dest="alone", action="store_const", const=name, default="")
    parser.add_argument("--engine", choices=sorted(RELEASES), default=chosen().name)
    asked = parser.parse_args()
    choose(asked.engine)
    meant = _ALONE.get(asked.alone, bool)
    stated = [p for p in on_real_engine(asked.seed) if meant(p.kind)]
    faults = sorted({p.fault for p in stated}.intersection(asked.words))
    kinds = set(asked.words).difference(faults)
    picked = [
        p for p in stated if (not kinds or p.kind in kinds) and (not faults or p.fault in faults)
    ]
    random.Random(asked.seed).shuffle(picked)
    picked = picked[:: asked.part]
    print(f"{len(picked)} cells, {asked.at_once} at a time, seed {asked.seed}", flush=True)
    began = time.monotonic()
    count = iter(range(1, len(picked) + 1))

    def tell(result: Result) -> None:
        number = next(count)
        if result.differs:
            print(f"DIFFERS {result.differs}", flush=True)
        if number % 50 == 0:
            print(f"{number} tried after {time.monotonic() - began:.0f} s", flush=True)

    with matrix(asked.at_once) as made:
        made.tell = tell
        results = made.run(picked)
    seconds = time.monotonic() - began
    text = table(results)
    print(f"\n{text}\n\n{seconds:.0f} s, seed {asked.seed}")
    part = f"a part, {len(results)} of {len(stated)}" if asked.part > 1 else f"{len(results)}"
    if faults and asked.part == 1:
        part = f"all of {', '.join(faults)}, {len(results)} of {len(stated)}"
    said = f"{part} cells in {seconds / 60:.0f} minutes"
    every = asked.part == 1 and not faults
    whole = (every or asked.alone) and not kinds and asked.engine == OWN.name
    if whole and not asked.no_record:
        record(f"faults-{asked.alone}" if asked.alone else "faults", text, said, asked.seed)
    return int(any(result.differs for result in results))


if __name__ == "__main__":
    raise SystemExit(main())
