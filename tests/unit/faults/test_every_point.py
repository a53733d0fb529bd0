"""Every cell of the fault matrix on the engine in memory, with the ends stated for the real one."""

from pathlib import Path

import pytest

from tests.faults.cells import Plan
from tests.faults.matrix import differs
from tests.faults.memory import MemoryWorld
from tests.faults.plans import ENDS, calls, plans, points

FAULTS = sorted({plan.fault for plan in plans()})
AS_THE_CLI = {  # there is no signal handler between begun and not begun here
    Plan("resume", "int", point, "resume") for point in points("resume")[:2]
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_point_ends_as_stated(fault: str, tmp_path: Path) -> None:
    tried, wrong = 0, []
    for plan in plans():
        if plan.fault != fault or plan in AS_THE_CLI:
            continue
        folder = tmp_path / str(tried)
        folder.mkdir()
        tried += 1
        wrong.append(differs(plan, MemoryWorld(folder).tried(plan)))
    assert tried >= 20
    assert not any(wrong), "\n".join(line for line in wrong if line)


@pytest.mark.parametrize("kind", ENDS)
def test_the_calls_are_those_that_the_ends_were_stated_for(kind: str, tmp_path: Path) -> None:
    world = MemoryWorld(tmp_path)
    world.prepare(kind, "one")
    (tmp_path / "calls").unlink()
    world.occ(
        {"resume": "resume", "abort": "abort"}.get(
            kind, "update" if kind not in {"start", "stop", "restart", "rollback"} else kind
        )
    )
    made = (tmp_path / "calls").read_text().splitlines()
    made = [call.replace("open_operation", "j").replace("append", "j") for call in made]
    assert made == calls(kind)
