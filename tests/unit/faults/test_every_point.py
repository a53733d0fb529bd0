"""The fault matrix on the engine in memory, with the ends that are stated for the real one.

`kill` is tried at every point of what changes no data, all else at a fourth of them, others in each
run.
"""

import random
from pathlib import Path

import pytest

from tests.faults.cells import Plan
from tests.faults.kinds import ENDS, of_data, way
from tests.faults.matrix import differs
from tests.faults.memory import MemoryWorld
from tests.faults.plans import calls, plans, points

FAULTS = sorted({plan.fault for plan in plans()})
# Ctrl-C before anything was written is the command line's affair, and it is not here
OF_THE_CLI = {
    Plan(kind, "int", point, "resume")
    for kind in ENDS
    if way(kind) == "resume"
    for point in points(kind)[:2]
}


# each of them served a list that was not the one of before, or none, until it was mended
ONCE = (
    # the end that was asked for ended also the reading of the snapshot, on the way back
    Plan("put-back-data", "int", "engine:12:after", "resume"),
    # a helper that was not removed kept the manifest from being made
    Plan("put-back-data", "refuse500", "engine:14:before", "resume"),
    # the image that lends a helper was pruned
    Plan("put-back-data", "prune", "engine:11:after", "resume"),
    # the old one, started again and sick on the data, counted as somebody who writes there
    Plan("update-data", "full", "journal:13:before", "abort"),
)


@pytest.mark.parametrize("plan", ONCE, ids=str)
def test_cells_that_once_ended_otherwise(plan: Plan, tmp_path: Path) -> None:
    assert differs(plan, MemoryWorld(tmp_path).tried(plan)) == ""


@pytest.mark.parametrize("fault", FAULTS)
def test_every_point_ends_as_stated(fault: str, tmp_path: Path) -> None:
    chosen = [plan for plan in plans() if plan.fault == fault and plan not in OF_THE_CLI]
    # of changes of data tests/unit/app/test_data_deaths.py has every kill
    every = [plan for plan in chosen if fault == "kill" and not of_data(plan.kind)]
    others = [plan for plan in chosen if plan not in every]
    chosen = every + others[random.SystemRandom().randrange(4) :: 4]
    wrong = []
    for number, plan in enumerate(chosen):
        folder = tmp_path / str(number)
        folder.mkdir()
        wrong.append(differs(plan, MemoryWorld(folder).tried(plan)))
    assert len(wrong) >= 5
    assert not any(wrong), "\n".join(line for line in wrong if line)


@pytest.mark.parametrize("kind", ENDS)
def test_the_calls_are_those_that_the_ends_were_stated_for(kind: str, tmp_path: Path) -> None:
    world = MemoryWorld(tmp_path)
    world.prepare(kind, "one")
    (tmp_path / "calls").unlink()
    world.change(kind)
    made = (tmp_path / "calls").read_text()
    assert made.replace("open_operation", "j").replace("append", "j").splitlines() == calls(kind)
