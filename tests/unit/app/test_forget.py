"""Forget looks at the host before it asks, as every change does."""

from dataclasses import replace
from pathlib import Path

from occ.app.options import Options
from occ.app.results import Proposal
from tests.faults.memory import NAME, MemoryWorld
from tests.people import YES


def test_the_service_is_recorded_as_it_was_before_the_question(tmp_path: Path) -> None:
    world = MemoryWorld(tmp_path)
    world.prepare("update", "one")

    def stopped_meanwhile(_proposal: Proposal) -> bool:
        world.engine.stop(world.engine.containers({})[0].id, 1_000)
        return True

    operator = replace(YES, confirm=stopped_meanwhile)
    outcome = world.app.change("forget", NAME, Options(), operator)
    assert outcome.operation is not None
    assert outcome.operation.planned.found.state == "running"
    assert outcome.operation.planned.found.healthy
    assert not world.engine.containers({})[0].running
