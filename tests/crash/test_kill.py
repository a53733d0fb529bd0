"""kill -9 before, into and after every call that changes something, on a real engine.

At each point `resume` or `abort` is typed next, as the run draws, or with `--both` once each; where
the world must then be is stated in ends.toml, by hand. Nothing changes between the end of a call
and the beginning of the next, so only with `--both` is occ killed at both of these points.
"""

import itertools
import random
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from tests.crash.cells import MARKER, Cell, CrashZygote, End, Ground, cell
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.registry import Registry

ENDS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "ends.toml").read_text())
WHENS = {"journal": ("before", "after"), "engine": ("before", "into", "after")}
AT_ONCE = 4
FEWEST_POINTS = 120
_names = itertools.count()


def points(change: str) -> list[str]:
    """All points of a change, in order."""
    counts: dict[str, int] = {"journal": 0, "engine": 0}
    found = []
    for call in ENDS[change]["calls"]:
        port = call.split()[0]
        counts[port] += 1
        found += [f"{port}:{counts[port]}:{when}" for when in WHENS[port]]
    return found


def moments(every: Sequence[str]) -> list[list[str]]:
    """Points of a change, those together between which nothing changes."""
    found: list[list[str]] = []
    for point in every:
        if found and found[-1][-1].endswith(":after") and point.endswith(":before"):
            found[-1].append(point)
        else:
            found.append([point])
    return found


def drawn(change: str, then: str, config: pytest.Config) -> list[str]:
    """The points at which this run types `then` after a change was killed."""
    every = points(change)
    if config.getoption("--both"):
        return every
    draw = random.Random(f"{config.getoption('--draw')} {change}")
    taken = [(draw.choice(same), draw.choice(("resume", "abort"))) for same in moments(every)]
    if config.getoption("--half") and not config.getoption("--moments"):
        taken = draw.sample(taken, len(taken) // 2)
    return [point for point, way in taken if way == then]


def stated(change: str, point: str, then: str) -> End:
    """The end that ends.toml states."""
    order = points(change)
    reached = [z for z in ENDS[change]["zone"] if order.index(z["from"]) <= order.index(point)]
    end = reached[-1][then]
    return End(
        exit=end["exit"],
        serves=end["serves"],
        outcome=end["outcome"],
        keeps=tuple(end["keeps"]),
        previous=end["previous"],
        containers=("NAME running unless-stopped",),
        marker=MARKER,
    )


@pytest.fixture(scope="module")
def ground(private_engine: PrivateEngine, registry: Registry, images: Images) -> Ground:
    kinds = {"one": ("good", "1.0"), "two": ("good", "2.0"), "bad": ("sick", "3.0")}
    return Ground(
        private_engine,
        registry,
        {
            which: images.publish(kind, version, name=f"crash-{which}", forget=False)
            for which, (kind, version) in kinds.items()
        },
    )


@pytest.fixture(scope="module")
def zygotes() -> Iterator[SimpleQueue[CrashZygote]]:
    queue: SimpleQueue[CrashZygote] = SimpleQueue()
    made = [CrashZygote() for _ in range(AT_ONCE)]
    for zygote in made:
        queue.put(zygote)
    yield queue
    for zygote in made:
        zygote.close()


@pytest.mark.docker
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("then", ["resume", "abort"])
@pytest.mark.parametrize("change", ["update", "failing", "rollback"])
def test_wherever_it_is_killed_it_ends_as_stated(
    change: str,
    then: str,
    ground: Ground,
    zygotes: SimpleQueue[CrashZygote],
    tmp_path: Path,
    pytestconfig: pytest.Config,
) -> None:
    def tried(point: str) -> str:
        zygote = zygotes.get()
        name = f"c{next(_names)}x"
        try:
            with cell(ground, zygote, tmp_path / name, name) as one:
                return _differs(one, change, point, then)
        finally:
            zygotes.put(zygote)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(pool.map(tried, drawn(change, then, pytestconfig)))
    differ = [line for line in told if line]
    print(f"\n{change}, then {then}: {len(told)} points, {len(told) - len(differ)} as stated")
    assert not differ, "\n".join(differ)


def _differs(one: Cell, change: str, point: str, then: str) -> str:
    one.prepare(change)
    before = one.last_operation()
    status = one.change(change, point)
    if status != -9:
        out = (one.box.folder / "out").read_text()
        return f"{point}: it was not killed, but ended with {status}: {out}"
    found = one.end(then, before)
    wanted = stated(change, point, then)
    wanted = End(**{**vars(wanted), "containers": (f"{one.box.service} running unless-stopped",)})
    if found == wanted:
        return ""
    out = (one.box.folder / "out").read_text()
    return f"{point}, then {then}:\n  found  {found}\n  stated {wanted}\n  it said {out}"


@pytest.mark.parametrize("change", ["update", "failing", "rollback"])
def test_the_calls_are_those_that_the_ends_were_stated_for(
    change: str, ground: Ground, zygotes: SimpleQueue[CrashZygote], tmp_path: Path
) -> None:
    zygote = zygotes.get()
    try:
        name = f"c{next(_names)}x"
        with cell(ground, zygote, tmp_path / name, name) as one:
            one.prepare(change)
            one.change(change, "none")
            assert one.calls() == ENDS[change]["calls"]
    finally:
        zygotes.put(zygote)


def test_there_are_enough_points() -> None:
    assert sum(len(points(change)) for change in ENDS) >= FEWEST_POINTS
