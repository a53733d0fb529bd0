"""The outage that a plan tells, from the journal of a service that was replaced before."""

from pathlib import Path

import pytest

from occ.app.app import App
from occ.app.options import Options
from occ.app.results import Proposal
from occ.app.view.history import HistoryFilter
from occ.domain.events import Kind
from occ.domain.outages import FEWEST, LAST, Outage
from tests.contract.memory_lab import built
from tests.faults.memory import IMAGE, MemoryWorld
from tests.unit.app.test_planning import proposed


@pytest.fixture
def world(tmp_path: Path) -> MemoryWorld:
    """1.0 runs, 2.0 is at the registry."""
    made = MemoryWorld(tmp_path)
    made.prepare("update", "one")
    return made


def update(world: MemoryWorld, version: int, kind: str = "good") -> int:
    world.engine.host.registry.publish(IMAGE, built(kind, f"{version}.0"))
    return world.occ("update")


def plan(world: MemoryWorld, verb: Kind = "update", to: int = 0) -> Proposal:
    return proposed(world, verb, Options(plan=True, to=to))


def outage(world: MemoryWorld) -> Outage | None:
    """The outage of a rollback, which is always to be had."""
    return plan(world, "rollback").outage


def downs(world: MemoryWorld) -> list[int]:
    rows = App(world.desk()).history(HistoryFilter(limit=0))
    return [row.downtime_ms for row in rows if row.downtime_ms is not None]


def test_from_the_fifth_replacement_on_a_plan_tells_the_outage(world: MemoryWorld) -> None:
    for done in range(FEWEST):
        assert done == 0 or outage(world) is None, f"after {done}"
        assert update(world, done + 2) == 0, world.said
    told = outage(world)
    assert told is not None
    assert told.count == len(downs(world)) == FEWEST
    assert told.low_ms < min(downs(world)) <= told.middle_ms <= max(downs(world)) < told.high_ms
    assert plan(world, "apply").outage is None  # nothing to do
    assert plan(world, "stop").outage is None  # down until its next start
    assert plan(world, "restart").outage is None  # nothing is replaced


def test_only_the_last_twenty_that_were_done_count(world: MemoryWorld) -> None:
    for turn in range(LAST + 2):
        assert update(world, turn + 2) == 0, world.said
    told = outage(world)
    assert told is not None
    assert told.count == LAST
    assert update(world, 90, "sick") == 6
    assert outage(world) == told
    assert world.occ("restart") == 0
    assert outage(world) == told
