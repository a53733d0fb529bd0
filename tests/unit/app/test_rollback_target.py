"""A way back whose image is not on the host and that its registry does not give."""

from pathlib import Path

import pytest

from occ.app.options import Options
from tests.contract.lab import Mood
from tests.model.world import World


@pytest.mark.parametrize(
    ("mood", "said"),
    [("unauthorized", "needs a login"), ("down", "could not be fetched")],
)
def test_a_registry_that_wants_a_login_or_is_down_is_named_before_anything_is_stopped(
    tmp_path: Path, mood: Mood, said: str
) -> None:
    world = World(tmp_path)
    world.configure(env="a", policy="unless-stopped", volume="", timeout="8s")
    for version in ("1.0", "2.0"):
        world.publish("good", version)
        assert world.typed("update") == 0, world.said
    registry = world.engine.host.registry
    registry.mood = mood
    assert world.typed("rollback", Options(to=1)) == 0, "the image that is kept needs no login"
    assert world.typed("rollback", Options(to=2)) == 0

    world.engine.host.prune("all images")
    before = world.looks()
    assert world.typed("rollback", Options(to=1)) == 4
    assert world.said.startswith("version 1 cannot be had: its image is not here, and its registry")
    assert said in world.said
    assert world.said.endswith("; available: 2")
    assert world.looks() == before
    registry.mood = "open"
    assert world.typed("rollback", Options(to=1)) == 0
