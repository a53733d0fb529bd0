"""Power cuts tried one after another: what every journal opened after one must hold."""

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from occ.domain.events import Entry
from occ.domain.step_events import StepStarted
from occ.journal.sqlite.store import SqlJournal
from tests.unit.journal.power import Call, Disk, laid
from tests.unit.journal.samples import STAMP


def cut_everywhere(
    calls: Sequence[Call], path: Path, *, seed: int, draws: int, share: float = 1
) -> Counter[str]:
    """Cut the power after every call, in `draws` ways besides all and nothing; what was counted.

    The journal at `path` is the one that was written to the end. With a smaller `share` only so
    many of the calls are tried, as drawn.
    """
    whole = SqlJournal(path)
    wanted = list(whole.entries())
    whole.close()
    chance, disk = random.Random(seed), Disk(str(path.parent))
    counted: Counter[str] = Counter()
    seen: set[int] = set()
    for call in calls:
        if not disk.play(call) or chance.random() > share:
            continue
        counted["calls after which the power was cut"] += 1
        for way in ("none", "all", *["some"] * draws):
            files = disk.cut(chance, way)
            same = hash((disk.told, *sorted(files.items())))
            if same in seen:
                continue
            seen.add(same)
            counted["different disks opened"] += 1
            there = _opened(laid(files, path.parent.with_name("cut")), disk.told, wanted)
            counted["entries reported as done and found there"] += _told(disk.told, wanted)
            counted["disks with entries that were not reported yet"] += there > _told(
                disk.told, wanted
            )
    return counted


def _told(told: bytes, wanted: Sequence[Entry]) -> int:
    """How many entries were reported to the operator: up to the last line that was written."""
    lines = told.decode().splitlines()
    if not lines:
        return 0
    operation, seq = map(int, lines[-1].split())
    return next(e.position for e in wanted if (e.operation, e.seq) == (operation, seq))


def _opened(path: Path, told: bytes, wanted: Sequence[Entry]) -> int:
    """Open what is left: all that was told is there, nothing is half there, and it goes on."""
    reported = _told(told, wanted)
    if not path.exists():
        assert not reported
        return 0
    journal = SqlJournal(path)
    there = list(journal.entries())
    assert there == wanted[: len(there)]
    assert len(there) >= max(1, reported)
    assert there[-1].seq % 2 == 0  # the writer appends pairs: never the first of one alone
    last = there[-1]
    assert journal.verify().position == len(there)
    if last.operation:
        journal.append(last.operation, last.seq + 1, (StepStarted(99),), STAMP)
        assert journal.verify().position == len(there) + 1
    journal.close()
    return len(there)
