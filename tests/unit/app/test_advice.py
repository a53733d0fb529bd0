"""Status and doctor advise the same command in every state."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.memory import NAME, MemoryWorld


def stopped(world: MemoryWorld) -> None:
    world.engine.stop(NAME, 10_000)


def missing(world: MemoryWorld) -> None:
    stopped(world)
    world.engine.remove(world.engine.names()[NAME], volumes=False)


def renamed(world: MemoryWorld) -> None:
    world.engine.rename(world.engine.names()[NAME], "other")


def other_policy(world: MemoryWorld) -> None:
    world.engine.set_policy(world.engine.names()[NAME], "no")


def interrupted(world: MemoryWorld) -> None:
    assert world.occ("restart", "engine:1:after") == -9


@pytest.mark.parametrize(
    ("befalls", "advised"),
    [
        (stopped, "occ start --service web"),
        (missing, "occ start --service web"),
        (renamed, "occ repair --service web"),
        (other_policy, "occ repair --service web"),
        (interrupted, "occ resume --service web, or occ abort --service web"),
    ],
)
def test_status_and_doctor_give_the_same_advice(
    tmp_path: Path, befalls: Callable[[MemoryWorld], None], advised: str
) -> None:
    world = MemoryWorld(tmp_path)
    world.prepare("update", "one")
    befalls(world)
    status = world.app.status(NAME)
    ways = status.unfinished.ways if status.unfinished else ""
    told = {line.rpartition(": ")[2] for line in (*status.drift, ways) if line}
    assert told == {advised}
    assert {finding.fix for finding in world.app.doctor(NAME) if not finding.note} == {advised}
    verb = advised.partition(",")[0].split()[1]
    assert world.occ(verb) == 0, world.said
    assert world.app.doctor(NAME) == ()
