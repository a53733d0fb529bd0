"""`docker system prune -af --volumes` in the middle of an update takes containers and images."""

from pathlib import Path

import pytest

from occ.errors import EngineRefusedError
from occ.operations.accounts import SHADOW
from occ.operations.steps.users import accounts_of
from tests.contract.memory_lab import built
from tests.doubles.engine.wire import Loss
from tests.faults.memory import IMAGE, MemoryWorld

BOTH_STOPPED = "engine:6:after"


@pytest.fixture
def world(tmp_path: Path) -> MemoryWorld:
    made = MemoryWorld(tmp_path)
    made.prepare("update", "one")
    return made


def test_an_old_version_that_was_pruned_is_fetched_by_its_digest(world: MemoryWorld) -> None:
    assert world.occ("update", BOTH_STOPPED, "prune") == 6
    assert "is as it was found" in world.said
    assert world.serves() == "1.0"
    assert world.occ("update") == 0
    assert world.serves() == "2.0"


def test_it_is_stuck_while_the_registry_is_gone_and_not_longer(world: MemoryWorld) -> None:
    world.engine.host.registry.mood = "open"
    assert world.occ("update", BOTH_STOPPED, "kill") == -9
    for what in ("containers", "volumes", "all images"):
        world.engine.host.prune(what)
    world.engine.host.registry.mood = "down"
    assert world.occ("abort") == 7
    assert world.serves() == ""
    world.engine.host.registry.mood = "open"
    assert world.occ("resume") == 0
    assert world.serves() == "1.0"


LOST = (
    "the old container is made again, and its users have lost their passwords. "
    "locked until they have a password: occ user passwd ann --service web"
)


def with_users(world: MemoryWorld) -> None:
    """Have the config name ann, and a version that runs with her."""
    config = world.folder / "config.toml"
    config.write_text(config.read_text().replace("volumes = ", 'users = ["ann"]\nvolumes = ', 1))
    assert world.occ("update") == 0, world.said
    world.engine.host.registry.publish(IMAGE, built("good", "3.0"))


def ann(world: MemoryWorld) -> tuple[str, ...] | None:
    """Her line of /etc/shadow where the service runs."""
    return accounts_of(world.engine, world.engine.names()["web"]).get(SHADOW, "ann")


def test_users_of_an_old_version_made_again_are_there_locked_and_that_is_said(
    world: MemoryWorld,
) -> None:
    with_users(world)
    assert world.occ("update", BOTH_STOPPED) == -9
    world.engine.host.prune("containers")
    assert world.occ("abort") == 0, world.said
    assert world.serves() == "2.0"
    assert world.notes == (LOST,)
    line = ann(world)
    assert line is not None
    assert line[1] == "!"


def test_a_crash_on_that_way_back_loses_neither_the_users_nor_the_words(
    world: MemoryWorld,
) -> None:
    with_users(world)
    assert world.occ("update", BOTH_STOPPED) == -9
    world.engine.host.prune("containers")
    died = 0
    while world.occ("abort", f"engine:{died + 1}:after") == -9:
        died += 1
    assert died >= 4
    assert world.serves() == "2.0"
    assert LOST in world.notes
    assert ann(world)


@pytest.mark.parametrize("why", ["refused", "clash"])
def test_users_that_cannot_be_written_keep_no_service_down(world: MemoryWorld, why: str) -> None:
    with_users(world)
    assert world.occ("update", BOTH_STOPPED) == -9
    world.engine.host.prune("containers")
    if why == "refused":
        refused = EngineRefusedError(f"the file system is read-only {'x' * 24_000}")
        world.engine.wire.lose("write_files", Loss("never", error=refused))
    else:
        there = world.engine.host.images.find(built("good", "2.0").id)
        assert there is not None
        object.__setattr__(there, "files", ())
    assert world.occ("abort") == 0, world.said
    assert world.serves() == "2.0"
    assert world.notes[0].startswith(f"{LOST}. They could not be written: ")
