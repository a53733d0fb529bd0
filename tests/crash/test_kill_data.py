"""kill -9 in changes of data: before and after every call, and in the middle of every stream.

As in test_kill.py, on a real engine; the ends are in data_ends.toml. A run of every day draws a
sample of the points. `--moments` takes one of all those between which nothing changes, `--both`
every point with resume and with abort; each of the two writes its counts into docs/reliability.md.
"""

import itertools
import random
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

import pytest

from tests.crash.cells import CrashZygote, Ground
from tests.crash.data_cells import DataCell, World, data_cell
from tests.crash.test_kill import moments
from tests.endurance import record
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.registry import Registry

pytestmark = pytest.mark.docker
ENDS: Final[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "data_ends.toml").read_text("utf-8")
)
WHENS: Final = {
    "journal": ("before", "after"),
    "engine": ("before", "into", "after"),
    "host": ("before", "after"),
}
IN_STREAM: Final = ("1", str(4 << 20))
"""Within a stream: once its first piece went by, and once so many bytes did."""
AT_ONCE: Final = 4
FEWEST_POINTS: Final = 60
SAMPLE: Final = 8
GOES_ON: Final = 3
"""Of so many cells one is asked whether the next change works."""
_WAYS: Final = ("resume", "abort")
_IMAGES: Final = ("diary 1.0", "diary 2.0", "diary 3.0", "blind 1.0", "blind 3.0", "ruins 2.0")
_names = itertools.count()


@dataclass(frozen=True)
class Kill:
    """One cell: a change, the point at which it is killed, and what is typed next."""

    change: str
    point: str
    then: str
    goes_on: bool


def in_stream(point: str) -> bool:
    """Whether a point is in the middle of a stream."""
    return point.rpartition(":")[2] in IN_STREAM


def changes(config: pytest.Config) -> list[str]:
    """The changes of this run."""
    named = [name for name in config.getoption("--changes").split(",") if name]
    return [change for change in ENDS if not named or change.partition("-")[0] in named]


def order(change: str) -> list[str]:
    """All points of a change's calls, in order."""
    counts, found = Counter[str](), list[str]()
    for call, following in itertools.pairwise([*ENDS[change]["calls"], ""]):
        if call == "stream":
            continue
        port = call.split()[0]
        counts[port] += 1
        whens = ("before", *IN_STREAM, "after") if following == "stream" else WHENS[port]
        found += [f"{port}:{counts[port]}:{when}" for when in whens]
    return found


def points(change: str) -> list[str]:
    """Those that are tried: all, or those at streams alone."""
    found = order(change)
    if not ENDS[change].get("streams"):
        return found
    streams = {point.rpartition(":")[0] for point in found if point.endswith(":1")}
    return [point for point in found if point.rpartition(":")[0] in streams]


def kills(config: pytest.Config) -> list[Kill]:
    """The cells of this run."""
    draw = random.Random(f"{config.getoption('--draw')} data")
    both = [
        (change, point, way)
        for change in changes(config)
        for point in points(change)
        for way in _WAYS
    ]
    if config.getoption("--both"):
        return [Kill(*one, goes_on=draw.randrange(GOES_ON) == 0) for one in both]
    drawn = [
        Kill(change, draw.choice(same), draw.choice(_WAYS), draw.randrange(GOES_ON) == 0)
        for change in changes(config)
        for same in moments(points(change))
    ]
    draw.shuffle(drawn)
    if config.getoption("--moments"):
        return drawn
    streams = [one for one in drawn if in_stream(one.point)][: SAMPLE // 3]
    each = {one.change: one for one in drawn}  # in the order in which they were drawn
    return list(dict.fromkeys([*streams, *each.values()]))[:SAMPLE]


def stated(kill: Kill) -> tuple[int, str, list[World]]:
    """The exit, the outcome, and the worlds in one of which it must end."""
    all_points, end = order(kill.change), ENDS[kill.change]
    at = all_points.index(kill.point)
    reached = [zone for zone in end["zone"] if all_points.index(zone["from"]) <= at]
    status, outcome, *names = reached[-1][kill.then]
    worlds = ENDS[end.get("like", kill.change)]["world"]
    return status, outcome, [_world(worlds[name]) for name in names]


def _world(told: dict[str, Any]) -> World:
    lists = {key: tuple(value) for key, value in told.items() if isinstance(value, list)}
    return World(**{**told, **lists})


@pytest.fixture(scope="module")
def ground(private_engine: PrivateEngine, registry: Registry, images: Images) -> Ground:
    """What all cells stand on."""
    published = {
        which: images.publish(*which.split(), name=f"data-{which.replace(' ', '-')}", forget=False)
        for which in _IMAGES
    }
    return Ground(private_engine, registry, published)


@pytest.fixture(scope="module")
def zygotes() -> Iterator[SimpleQueue[CrashZygote]]:
    """Processes that fork an occ each."""
    queue: SimpleQueue[CrashZygote] = SimpleQueue()
    made = [CrashZygote() for _ in range(AT_ONCE)]
    for zygote in made:
        queue.put(zygote)
    yield queue
    for zygote in made:
        zygote.close()


@pytest.mark.timeout(4 * 3600)
def test_wherever_it_is_killed_no_data_is_lost(
    ground: Ground,
    zygotes: SimpleQueue[CrashZygote],
    tmp_path: Path,
    pytestconfig: pytest.Config,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ended = list[tuple[Kill, str]]()

    def tried(kill: Kill) -> None:
        zygote = zygotes.get()
        name = f"d{next(_names)}x"
        change, _, way = kill.change.rpartition("-")
        try:
            with data_cell(ground, zygote, tmp_path / name, name, way) as one:
                differs = _differs(one, change, kill)
        except Exception as error:  # noqa: BLE001 - one cell that breaks is told with the others
            differs = repr(error)
        finally:
            zygotes.put(zygote)
        ended.append((kill, differs))
        with capsys.disabled():
            print(f"{'DIFFERS' if differs else 'as stated'}: {kill} {differs}", flush=True)

    with capsys.disabled():
        print(f"\n--draw {pytestconfig.getoption('--draw')}", flush=True)
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(tried, kills(pytestconfig)))
    finally:  # a run that is ended early has counted too
        whole = pytestconfig.getoption("--moments") or pytestconfig.getoption("--both")
        if whole and not pytestconfig.getoption("--changes"):
            _record(ended, pytestconfig)
    differ = [f"{kill}: {differs}" for kill, differs in ended if differs]
    assert not differ, "\n".join(differ)


def _differs(one: DataCell, change: str, kill: Kill) -> str:
    one.prepare(change)
    before = one.cell.last_operation()
    status = one.change(change, kill.point)
    if status != -9:
        return f"it was not killed, but ended with {status}: {one.said()}"
    status = one.typed(kill.then, "--yes")
    said, world = one.said(), one.world()
    found = (status, one.cell.outcome(before))
    exit_status, outcome, worlds = stated(kill)
    if found != (exit_status, outcome) or world not in worlds:
        wanted = "\n    or ".join(str(each) for each in worlds)
        return f"\n  found  {found} {world}\n  stated {(exit_status, outcome)} {wanted}\n{said}"
    return one.goes_on(change, world) if kill.goes_on else ""


def _record(ended: Sequence[tuple[Kill, str]], config: pytest.Config) -> None:
    tried = {change: points(change) for change in ENDS}
    done = [kill for kill, _ in ended]
    counts: dict[str, object] = {
        f"points of {change.replace('-', ', through the ')}": len(found)
        for change, found in tried.items()
    }
    middles = [one for found in tried.values() for one in found if in_stream(one)]
    counts |= {
        "points in all": sum(map(len, tried.values())),
        "of them in the middle of a stream": len(middles),
        "moments, between which nothing changes": sum(map(len, map(moments, tried.values()))),
        "kills": len(done),
        "in the middle of a stream": sum(in_stream(one.point) for one in done),
        "then resumed": sum(one.then == "resume" for one in done),
        "then aborted": sum(one.then == "abort" for one in done),
        "followed by another change": sum(one.goes_on for one in done),
        "ended otherwise than stated": sum(bool(differs) for _, differs in ended),
    }
    option = "--both" if config.getoption("--both") else "--moments"
    by = f"tox run -e crash -- {option}"
    record.write("kills-data", counts, by=by, seed=config.getoption("--draw"))


@pytest.mark.timeout(600)
def test_the_calls_are_those_that_the_ends_were_stated_for(
    ground: Ground,
    zygotes: SimpleQueue[CrashZygote],
    tmp_path: Path,
    pytestconfig: pytest.Config,
) -> None:
    def traced(name: str) -> list[str]:
        zygote, service = zygotes.get(), f"t{next(_names)}x"
        change, _, way = name.rpartition("-")
        try:
            with data_cell(ground, zygote, tmp_path / service, service, way) as one:
                one.prepare(change)
                one.change(change, "none")
                return one.cell.calls()
        finally:
            zygotes.put(zygote)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        tried = changes(pytestconfig)
        found = dict(zip(tried, pool.map(traced, tried), strict=True))
    assert found == {name: ENDS[name]["calls"] for name in tried}


def test_there_are_enough_points() -> None:
    assert sum(len(points(change)) for change in ENDS) >= FEWEST_POINTS
