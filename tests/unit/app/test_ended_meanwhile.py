"""A container that ended while nobody drove the update that had found it running."""

from pathlib import Path

import pytest

from tests.model.faults import Fault
from tests.model.world import KILLED, World


@pytest.mark.parametrize("gone", [False, True])
def test_an_update_that_has_become_one_to_the_same_image_does_not_call_it_running(
    tmp_path: Path, *, gone: bool
) -> None:
    tried = 0
    for at in range(1, 12):
        world = World(tmp_path / str(at))
        world.configure(env="a", policy="no", volume="", timeout="3s")
        world.publish("good", "1.0")
        assert world.typed("start") == 0, world.said
        world.publish("good", "2.0")
        assert world.typed("update", fault=Fault(at, "before")) == KILLED
        update = world.recorded()[-1]
        if update.number == 1 or update.version or update.fetched.image:  # not begun, or pulled
            continue
        tried += 1
        world.publish("good", "1.0")
        (there,) = world.ours()
        world.engine.stop(there.id, 1_000)
        if gone:
            world.engine.remove(there.id)
            assert world.typed("resume") == 6, world.said
            assert world.said.endswith("was stopped meanwhile by somebody else: occ start")
            continue
        assert world.typed("resume") == 0, world.said
        assert world.serving() is not None
        assert world.recorded()[-1].ending == "done"
    assert tried >= 2
