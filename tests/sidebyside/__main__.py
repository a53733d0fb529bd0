"""`tox run -e rehearsal`: a bad update in four ways, and what a rehearsal adds to a good one.

An image that never answers, one that crashes, and one whose migration breaks on the data of today;
a client asks every 10 ms, and waits at most 2 s for an answer. Then good updates in turn, plain,
plain again and rehearsed. The figures go into docs/reliability.md.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from statistics import median

from tests.bench.outage import Client
from tests.box import Box, post
from tests.clients import asking
from tests.endurance import record
from tests.sidebyside.ways import WAYS, Place
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.machine import free_port
from tests.testbed.named import remove_named
from tests.testbed.registry import Registry
from tests.testbed.waiting import until

KINDS = {
    "sick": "never answers well",
    "crash": "crashes at its start",
    "ruins": "its migration breaks on the data",
}
LIMIT = 1.10
_AFTER = 5.0
_HEALTH = 'path = "/health"\nversion_field = "version"\nmin_healthy = "1s"\n'
_ROUNDS = 30


def bad(images: Images, folder: Path, kind: str, way: str, number: int) -> tuple[str, int]:
    """A bad update in a way: what a client had of it, in words; how many answers were not 200."""
    name = f"s{number}x"  # no name begins as another one
    place = Place(
        folder=folder / name,
        images=images,
        name=name,
        ref=images.publish("diary", "1.0", name=name).ref,
        port=free_port(),
    )
    place.folder.mkdir()
    WAYS[way].start(place)
    until(lambda: _wrote(place.port), seconds=20, what=f"{way} to serve")
    images.publish(kind, "2.0", name=name)
    with asking(place.port) as asked:
        time.sleep(1)
        began = time.monotonic()
        WAYS[way].update(place)
        took = time.monotonic() - began
        time.sleep(_AFTER)
    remove_named(images.engine, name)
    missed = len(asked.bad)
    lasts = asked.answers[-1] != 200
    down = f"down from then on: no good answer {_AFTER:.0f} s after it ended" if lasts else ""
    down = down or (f"down {asked.longest:.2f} s" if missed else "not down")
    slowest = f"the slowest in {asked.slowest * 1000:.0f} ms"
    return f"{down}; {missed} of {len(asked.answers)} bad, {slowest}; took {took:.1f} s", missed


def _wrote(port: int) -> bool:
    try:
        return post(port, "/list", "an entry")[0] == 200
    except OSError:
        return False


def outages(images: Images, folder: Path, rounds: int) -> Iterator[tuple[float, float, float]]:
    """The outages of a plain update, of another one and of a rehearsed one, in turn, in s."""
    box = Box(folder / "good", images.engine.url, service="goodx", forked=True, snapshot="")
    box.folder.mkdir()
    port, numbers = free_port(), count(1)

    def published() -> str:
        return images.publish("good", f"{next(numbers)}.0", name=box.service).ref

    def outage(*words: str) -> float:
        published()
        with Client(port, "/health") as seen:
            seen.wait()
            box.well("update", "--yes", *words)
            seen.wait()
        return seen.longest

    box.configure(published(), port, health=_HEALTH)
    box.well("start", "--yes")
    for _ in range(rounds):
        yield outage(), outage(), outage("--rehearse")
    box.well("stop", "--yes")


def main() -> int:
    """Measure both; 1 where a rehearsed update cost an answer, or more than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    parser.add_argument("--no-record", action="store_true")
    asked = parser.parse_args()
    counts: dict[str, object] = {}
    lost = 0
    with (
        tempfile.TemporaryDirectory() as at,
        PrivateEngine() as engine,
        Registry() as registry,
    ):
        images, numbers = Images(engine, registry), count(1)
        # The kernel looks for who does not answer every 50 ms, not every second: see tests/bench.
        kernel = Path("/proc/sys/net/ipv4/neigh", engine.bridge.name, "retrans_time_ms")
        kernel.write_text("50", "utf-8")
        for kind, does in KINDS.items():
            for way in WAYS:
                words, missed = bad(images, Path(at), kind, way, next(numbers))
                counts[f"{does}: {way}"] = words
                lost += missed if way == "rehearsed update" else 0
                print(f"{does}: {way}: {words}", flush=True)
        found = list(outages(images, Path(at), asked.rounds))
    plain, again, rehearsed = (median(one) for one in zip(*found, strict=True))
    of = f"median of {asked.rounds}, in turn"
    counts[f"a good plain update, {of}"] = f"down {plain:.3f} s"
    counts[f"a plain one beside it, {of}"] = f"down {again:.3f} s, {again / plain:.2f} of the first"
    ratio = rehearsed / plain
    counts[f"a rehearsed one, {of}"] = f"down {rehearsed:.3f} s, {ratio:.2f} of the first"
    for what, said in list(counts.items())[-3:]:
        print(f"{what}: {said}")
    if not asked.no_record:
        record.write("rehearsal", counts, by="tox run -e rehearsal")
    return int(lost > 0 or ratio > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
