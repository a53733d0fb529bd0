"""`docker system prune -af --volumes` in the middle of an update takes containers and images."""

from pathlib import Path

import pytest

from tests.faults.memory import MemoryWorld

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
