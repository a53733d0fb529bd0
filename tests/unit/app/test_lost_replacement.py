"""A new container taken away after the activation: nothing leads back, and nothing waits."""

from pathlib import Path

import pytest

from tests.faults.memory import MemoryWorld
from tests.model.faults import Fault
from tests.model.world import KILLED, NAME, World

GONE = "the new container of web is gone: occ start makes it again"


def two_versions(folder: Path, *, stopped: bool) -> World:
    """A service on version 1, and the image of a second one at the registry."""
    world = World(folder)
    world.configure(env="a", policy="always", volume="", timeout="3s")
    world.publish("good", "1.0")
    assert world.typed("start") == 0, world.said
    if stopped:
        assert world.typed("stop") == 0, world.said
    world.publish("good", "2.0")
    return world


@pytest.mark.parametrize("verb", ["resume", "abort"])
@pytest.mark.parametrize("stopped", [True, False])
def test_it_is_said_and_the_operation_ends(tmp_path: Path, verb: str, *, stopped: bool) -> None:
    tried = 0
    for at in range(1, 60):
        world = two_versions(tmp_path / str(at), stopped=stopped)
        if world.typed("update", fault=Fault(at, "before")) != KILLED:
            break
        new = next((c for c in world.ours() if c.name == f"{NAME}.occ-next"), None)
        if world.activated() != 2 or new is None:
            continue
        tried += 1
        world.engine.stop(new.id, 1_000)
        world.engine.remove(new.id)
        assert world.typed(verb) == 0, world.said
        assert world.recorded()[-1].ending == "done"
        status = world.read(lambda app: app.status(NAME))
        assert (status.recorded, status.drift) == (
            2,
            ("version 2 has no container: occ start --service web",),
        )
        assert world.ours() == ()
        assert world.typed("start") == 0, world.said
        assert world.healthy()
    assert tried >= 4


def test_what_is_to_be_typed_is_told_with_it(tmp_path: Path) -> None:
    world = MemoryWorld(tmp_path)
    world.prepare("update", "one")
    assert world.occ("update", "engine:8:before") == -9
    for name, there in world.engine.names().items():
        if name != NAME:
            world.engine.stop(there, 1_000)
            world.engine.remove(there)
    assert world.occ("resume") == 0
    assert (world.notes, world.served) == ((GONE,), ())
