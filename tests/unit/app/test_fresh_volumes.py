"""What the image brings into a volume comes into it, however often the first attempt failed."""

from dataclasses import replace
from pathlib import Path

import pytest

from occ.app.app import App
from occ.app.options import Options
from occ.engine.values import File
from tests.contract.memory_lab import built
from tests.faults.cells import PATIENT
from tests.model.faults import Fault
from tests.model.world import HEALTH, IMAGE, KILLED, NAME, PORT, World
from tests.people import YES

DATA = f"{NAME}-data"
SEEDED = replace(built("good", "1.0"), files=(File(path="/data/seed.db", data=b"seed"),))
WRONG = 'mounts = ["/no/such/folder:/srv"]\n'


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A service that was never installed, whose image brings data."""
    made = World(tmp_path)
    configure(made)
    made.engine.host.registry.publish(IMAGE, SEEDED)
    return made


def configure(world: World, more: str = "") -> None:
    world.box.configure(IMAGE, PORT, health=HEALTH.format(timeout=PATIENT), more=more)


def abandoned(world: World) -> None:
    with world.app() as (app, _):
        assert isinstance(app, App)
        app.end("abandon", NAME, YES)


def held(world: World) -> list[str]:
    """The files of the volume, without the one that shows who runs on it."""
    return sorted(world.engine.host.volumes[DATA].files.keys() - {"lock"})


def test_after_a_mount_that_was_wrong(world: World) -> None:
    configure(world, WRONG)
    assert world.typed("start") == 6
    assert held(world) == []
    configure(world)
    assert world.typed("start") == 0, world.said
    assert held(world) == ["seed.db"]


@pytest.mark.parametrize("way", ["abort", "abandon"])
def test_after_a_crash_at_any_call(tmp_path: Path, way: str) -> None:
    for at in range(1, 40):
        world = World(tmp_path / str(at))
        configure(world)
        world.engine.host.registry.publish(IMAGE, SEEDED)
        if world.typed("start", fault=Fault(at, "before")) != KILLED:
            break
        if world.recorded():
            abandoned(world) if way == "abandon" else world.typed(way)
        assert world.typed("start", Options(resume_first=True)) == 0, world.said
        assert held(world) == ["seed.db"], f"at call {at}"


def test_what_was_emptied_since_it_ran_stays_empty(world: World) -> None:
    configure(world, WRONG)
    assert world.typed("start") == 6
    configure(world)
    assert world.typed("start") == 0, world.said
    world.engine.host.volumes[DATA].files.clear()
    configure(world, 'env = { A = "2" }\n')
    assert world.typed("update") == 0, world.said
    assert held(world) == []


def test_what_people_put_there_meanwhile_stays_as_it_is(world: World) -> None:
    configure(world, WRONG)
    assert world.typed("start") == 6
    mine = File(path="mine.db", data=b"mine")
    world.engine.host.volumes[DATA].files["mine.db"] = mine
    configure(world)
    assert world.typed("start") == 0, world.said
    assert held(world) == ["mine.db"]


def test_what_was_made_again_for_a_way_back_has_run(world: World) -> None:
    assert world.typed("start") == 0, world.said
    for at in range(1, 20):
        assert world.typed("restart", fault=Fault(at, "before")) == KILLED
        if not any(there.running for there in world.ours()):
            break
        assert world.typed("abort") in {0, 3}, world.said
    for what in ("containers", "volumes"):
        world.engine.host.prune(what)
    assert world.typed("abort") == 0, world.said
    world.engine.host.volumes[DATA].files.clear()
    configure(world, 'env = { A = "2" }\n')
    assert world.typed("update") == 0, world.said
    assert held(world) == []


def test_a_volume_of_an_operation_that_the_journal_lost_is_not_filled(world: World) -> None:
    mark = {"occ.service": NAME, "occ.operation": "9", "occ.version": "9"}
    world.engine.create_volume(DATA, {"occ.journal": world.memory.id, **mark})
    configure(world)
    assert world.typed("start") in {0, 4}, world.said
    assert held(world) == []
