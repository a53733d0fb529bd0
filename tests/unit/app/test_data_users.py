"""Containers of others that have the volumes of now, when data of another day takes their place."""

from pathlib import Path

import pytest

from occ.app.options import Options
from occ.errors import RefusedError
from tests.faults.memory import NAME, VOLUME
from tests.people import YES
from tests.unit.app.test_replacement_snapshots import Replaced, made

THEN = Options(data="then", plan=True)


@pytest.fixture
def world(tmp_path: Path) -> Replaced:
    """Version 2 runs, version 1 has data of its own, and another container mounts today's."""
    world = made(tmp_path)
    assert world.occ("update") == 0, world.said
    host = world.engine.host
    one = host.foreign("theirs", next(iter(host.containers.values())).image.id)
    host._mount(one, {"Type": "volume", "Source": VOLUME, "Target": "/x", "ReadOnly": False})
    return world


def test_one_that_is_stopped_now_is_named_in_the_plan(world: Replaced) -> None:
    proposal = world.app.change("rollback", NAME, THEN, YES).proposal
    assert proposal is not None
    assert (
        f"container theirs mounts {VOLUME} too; it is stopped now, and has the data that is left "
        "when it starts"
    ) in proposal.warnings


@pytest.mark.parametrize(
    ("policy", "hint"),
    [
        ("unless-stopped", "docker stop theirs, or --data keep"),
        (
            "always",
            (
                "docker stop theirs (until the engine starts again: its restart policy is always), "
                "or --data keep"
            ),
        ),
    ],
)
def test_one_that_runs_is_refused_with_how_long_a_stop_suffices(
    world: Replaced, policy: str, hint: str
) -> None:
    theirs = world.engine.host.there("theirs")
    theirs.state, theirs.policy = "running", policy
    with pytest.raises(RefusedError, match="is mounted by theirs, which runs") as refused:
        world.app.change("rollback", NAME, THEN, YES)
    assert refused.value.hint == hint
