"""An unfinished operation is finished on the engine where it began, whoever takes it up."""

from pathlib import Path

import pytest

from occ.engine.memory import MemoryEngine
from tests.faults.cells import UNFINISHED
from tests.faults.memory import MemoryWorld


@pytest.mark.parametrize("verb", ["resume", "abort", "update", "stop", "rollback"])
def test_on_another_engine_nothing_is_taken_up(tmp_path: Path, verb: str) -> None:
    world = MemoryWorld(tmp_path)
    world.prepare("update", "one")
    assert world.occ("update", UNFINISHED) == -9
    written = world.journal.head()

    home, world.engine = world.engine, MemoryEngine(world.clock, number="ANOTHER")
    world.engine.host.registry = home.host.registry
    assert world.occ(verb) == 4
    assert "web lives on the engine unix:///memory/docker.sock (MEMO:RYEN:GINE, " in world.said
    assert "answers (ANOTHER, " in world.said
    assert world.journal.head() == written
    assert world.engine.names() == {}

    world.engine = home
    assert world.occ("resume") == 0
    assert world.serves() == "2.0"
