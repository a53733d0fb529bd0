"""An update of a service that is stopped, and an engine that starts containers by itself."""

from pathlib import Path

import pytest

from tests.model.faults import Fault
from tests.model.world import KILLED, NAME, World

BEFORE = f"{NAME} was found stopped and ran again since: it was stopped and removed"


def stopped(folder: Path, policy: str = "always") -> World:
    """A service that was stopped, and the image of its next version at the registry."""
    folder.mkdir(exist_ok=True)
    world = World(folder)
    world.configure(env="a", policy=policy, volume="", timeout="3s")
    world.publish("good", "1.0")
    assert world.typed("start") == 0, world.said
    assert world.typed("stop") == 0, world.said
    world.publish("good", "2.0")
    return world


@pytest.mark.parametrize("policy", ["always", "on-failure"])
def test_after_a_crash_at_any_call_at_most_one_has_a_policy(tmp_path: Path, policy: str) -> None:
    for at in range(1, 60):
        world = stopped(tmp_path / str(at), policy)
        died = world.typed("update", fault=Fault(at, "before")) == KILLED
        assert len([c for c in world.ours() if c.policy != "no"]) <= 1, f"at call {at}"
        if not died:
            break
    assert [(c.name, c.policy) for c in world.ours()] == [(NAME, policy)]


def test_put_back_it_has_the_policy_that_it_was_found_with(tmp_path: Path) -> None:
    for at in range(1, 60):
        world = stopped(tmp_path / str(at))
        if world.typed("update", fault=Fault(at, "before")) != KILLED:
            break
        if world.activated() == 2:
            continue
        assert world.typed("abort") == 0, world.said
        assert [(c.name, c.state, c.policy) for c in world.ours()] == [(NAME, "exited", "always")]


def test_one_that_is_gone_by_then_needs_no_policy(tmp_path: Path) -> None:
    for at in range(1, 60):
        world = stopped(tmp_path / str(at))
        if world.typed("update", fault=Fault(at, "before")) != KILLED:
            break
        if not world.recorded()[-1].planned.found.container:
            continue
        world.engine.host.prune("containers")
        assert world.typed("resume") == 0, f"at call {at}: {world.said}"


def test_one_that_somebody_started_meanwhile_is_not_removed_without_a_word(tmp_path: Path) -> None:
    told = set()
    for at in range(1, 60):
        world = stopped(tmp_path / str(at))
        if world.typed("update", fault=Fault(at, "before")) != KILLED:
            break
        old = next((c for c in world.ours() if c.name == NAME), None)
        if world.activated() != 2 or old is None or len(world.ours()) == 1:
            continue
        world.engine.start(old.id)
        assert world.typed("resume") == 0, world.said
        steps = world.recorded()[-1].steps
        told |= {str(step.result.get("warning")) for step in steps if step.result.get("warning")}
    assert told == {BEFORE}
