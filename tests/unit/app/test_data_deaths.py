"""Deaths at every append and call, in memory, of changes that bring data of another day.

The real engine gets most of them in tests/crash/test_kill_data.py; here no point is left out.
"""

from itertools import count
from pathlib import Path

import pytest

from occ.app.ledgers import unfinished_of
from occ.app.options import Options
from occ.engine.values import File
from tests.doubles.engine.container import MemoryContainer
from tests.doubles.engine.life import Life
from tests.faults.memory import NAME, VOLUME
from tests.unit.app.snapshot_world import DEAD, helpers
from tests.unit.app.test_replacement_snapshots import Replaced, made

THEN, FORWARD = (Options(resume_first=True, to=to, data="then") for to in (1, 2))
BACK, RESTORED = f"{VOLUME}.occ-2-2", f"{VOLUME}.occ-2"
"""The volumes of a put-back in operation 2, and of a rollback."""
POINTS = ("journal:{}:after", "engine:{}:after")
"""Nothing changes between the end of a call and the beginning of the next."""
WAYS = ("abort", "resume")
HOLDER_1, HOLDER_2 = (f"{NAME}.occ-data-{number}" for number in (1, 2))


@pytest.fixture(autouse=True)
def writing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each service write its version over the data whenever it starts."""
    begin = Life._begin

    def beginning(self: Life, container: MemoryContainer) -> None:
        begin(self, container)
        for mount in container.mounts.values():
            version = container.image.behaviour.version.encode()
            volume = self.host.volumes[mount.source]
            volume.files["written"] = File(path="written", data=b"by " + version)

    monkeypatch.setattr(Life, "_begin", beginning)


def data(world: Replaced) -> dict[str, bytes]:
    """The file that each volume has of the version that last began on it."""
    volumes = world.engine.host.volumes.items()
    # a helper of an image with a VOLUME has an anonymous one beside those that it holds
    named = {name: volume.files for name, volume in volumes if name.startswith(VOLUME)}
    return {name: files["written"].data for name, files in named.items()}


def mounted(world: Replaced) -> str:
    """The volume of the container that has the service's name."""
    there = next(c for c in world.engine.host.containers.values() if c.name == NAME)
    (mount,) = there.mounts.values()
    return mount.source


def names(world: Replaced) -> list[str]:
    """All containers that are there."""
    return sorted(c.name for c in world.engine.host.containers.values())


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("points", POINTS)
def test_a_put_back_that_dies_serves_the_data_of_before(
    points: str, way: str, tmp_path: Path
) -> None:
    put_back = 0
    for n in count(1):
        world = made(tmp_path / f"{n}")
        world._configure("bad", "2s")
        if world.occ("update", points.format(n)) != DEAD:
            break
        at, begun = f"at {n}", world.journal.last_operation() == 2
        ended = begun and unfinished_of(world.journal, NAME) is None
        status = world.occ(way)
        assert status == (6 if way == "resume" and begun and not ended else 0), at
        assert unfinished_of(world.journal, NAME) is None, at
        assert world.serves() == "1.0", at
        if mounted(world) == BACK:
            put_back += 1
            assert data(world) == {VOLUME: data(world)[VOLUME], BACK: b"by 1.0"}, at
            assert names(world) == [NAME, HOLDER_1], at
            assert list(world.known) == [2], at
        else:
            assert data(world) == {VOLUME: b"by 1.0"}, at
            assert (names(world), world.known, world.files) == ([NAME], {}, []), at
        world.journal.verify()
        world._configure("two", "20s")
        assert world.occ("update") == 0, f"{at}: {world.said}"
        assert world.serves() == "2.0", at
    assert n > 20
    assert put_back > 10


@pytest.mark.parametrize("points", POINTS)
def test_a_rollback_with_data_that_dies_touches_nothing_of_now(points: str, tmp_path: Path) -> None:
    for n in count(1):
        world = made(tmp_path / f"{n}")
        assert world.occ("update") == 0, world.said
        if world.occ("rollback", points.format(n), options=THEN) != DEAD:
            break
        at, done = f"at {n}", out_of_it(world, WAYS[n % 2], 3)
        assert data(world)[VOLUME] == b"by 2.0", at
        if done:
            assert (world.serves(), mounted(world)) == ("1.0", RESTORED), at
            assert data(world)[RESTORED] == b"by 1.0", at
            assert names(world) == [NAME, HOLDER_1], at
        else:
            assert (world.serves(), mounted(world)) == ("2.0", VOLUME), at
            assert (list(data(world)), names(world)) == ([VOLUME], [NAME]), at
        world.journal.verify()
        other = FORWARD if done else THEN
        assert world.occ("rollback", options=other) == 0, f"{at}: {world.said}"
        assert world.serves() == ("2.0" if done else "1.0"), at
        assert data(world)[VOLUME] == b"by 2.0", at
    assert n > 15


@pytest.mark.parametrize("points", POINTS)
def test_going_forward_to_the_data_that_was_left_and_dying_on_the_way(
    points: str, tmp_path: Path
) -> None:
    for n in count(1):
        world = made(tmp_path / f"{n}")
        assert world.occ("update") == 0, world.said
        assert world.occ("rollback", options=THEN) == 0, world.said
        if world.occ("rollback", points.format(n), options=FORWARD) != DEAD:
            break
        at, done = f"at {n}", out_of_it(world, WAYS[n % 2], 4)
        assert data(world) == {VOLUME: b"by 2.0", RESTORED: b"by 1.0"}, at
        if done:
            assert (world.serves(), mounted(world)) == ("2.0", VOLUME), at
            assert names(world) == [NAME, HOLDER_2], at
        else:
            assert (world.serves(), mounted(world)) == ("1.0", RESTORED), at
            assert names(world) == [NAME, HOLDER_1], at
        world.journal.verify()
        other = THEN if done else FORWARD
        assert world.occ("rollback", options=other) == 0, f"{at}: {world.said}"
        assert world.serves() == ("1.0" if done else "2.0"), at
    assert n > 10


def out_of_it(world: Replaced, way: str, number: int) -> bool:
    """Type the way out; whether the operation that had died is done now."""
    begun = world.journal.last_operation() == number
    assert world.occ(way) == 0, world.said
    assert unfinished_of(world.journal, NAME) is None
    assert [name for name in helpers(world) if "occ-data" not in name] == []
    done = begun and world.last.ending == "done"
    assert done or way == "abort" or not begun
    return done
