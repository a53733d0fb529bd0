"""An unfinished operation: where it is taken up, and what abort says where nothing leads back."""

from pathlib import Path

import pytest

from occ.domain.operation import fold
from occ.engine.memory.engine import MemoryEngine
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


def test_abort_after_the_activation_finishes_and_offers_rollback(tmp_path: Path) -> None:
    world = MemoryWorld(tmp_path)
    world.prepare("update", "one")
    points = (f"journal:{number}:after" for number in range(1, 40))
    for point in points:
        assert world.occ("update", point) == -9, "it ended before it was activated"
        if activated(world):
            break
        assert world.occ("abort") == 0
        assert world.serves() == "1.0"
    assert world.occ("abort") == 0
    assert world.notes == (
        "version 2 was current already; the change is done. To go back: occ rollback",
    )
    assert world.serves() == "2.0"


def activated(world: MemoryWorld) -> bool:
    """Whether the newest operation has passed the point of no return."""
    entries = world.journal.entries(operation=world.journal.last_operation())
    operation = fold(entries)
    return operation is not None and operation.activated
