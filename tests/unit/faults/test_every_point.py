"""The fault matrix on the engine in memory, with the ends that are stated for the real one.

`kill` is tried at every point of what changes no data and runs nothing beside the service. All else
is tried at an eighth of its points, and what runs a version beside it at a few, others in each run.
"""

import random
from pathlib import Path

import pytest

from tests.faults.cells import Plan
from tests.faults.kinds import ENDS, of_data, runs_beside, way
from tests.faults.matrix import differs
from tests.faults.memory import NAME, MemoryWorld
from tests.faults.plans import calls, plans, points

FAULTS = sorted({plan.fault for plan in plans()})
# Ctrl-C before anything was written is the command line's affair, and it is not here
OF_THE_CLI = {
    Plan(kind, "int", point, "resume")
    for kind in ENDS
    if way(kind) == "resume"
    for point in points(kind)[:2]
}


BESIDE = 8
"""The cells of each fault that are tried of what runs a version beside the service."""

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

# each of them has a row of its own that nothing else tells
TELLING = (
    # everything beside the service goes, and the service is thawed, at the end that is typed next
    Plan("rehearse", "kill", "engine:5:before", "abort"),
    Plan("rehearse", "kill", "engine:22:before", "resume"),
    Plan("drill", "kill", "engine:10:after", "next"),
    Plan("abort-rehearse", "full", "journal:1:before", "resume"),
    # a helper that nobody can make needs no removal, whatever the engine calls it
    Plan("rehearse", "refuse404", "engine:8:before", "resume"),
    Plan("abort-rehearse-bad", "refuse404", "engine:5:before", "resume"),
    # what had not come to its end when occ died
    Plan("rehearse", "late", "engine:14:before", "abort"),
    Plan("resume-drill", "late", "engine:9:before", "abort"),
    # an engine that ends under a trial tells nothing of the version
    Plan("update-rehearsed", "engine9", "engine:21:after", "next"),
    Plan("update-rehearsed", "engine9", "engine:4:after", "next"),
    # an engine that ends waits for what is paused, and the copy is limited
    Plan("update-rehearsed", "engine15", "engine:5:before", "next"),
    Plan("resume-rehearse", "engine15", "engine:4:before", "next"),
)


def amiss(world: MemoryWorld) -> list[str]:
    """What doctor finds after a crash and the way out; the machine's own findings are not meant."""
    found = world.app.doctor(NAME)
    return [one.code for one in found if not one.note and one.code != "disk_low"]


@pytest.mark.parametrize("plan", TELLING, ids=str)
def test_what_runs_beside_the_service_leaves_nothing(plan: Plan, tmp_path: Path) -> None:
    assert plan.point in points(plan.kind)
    assert differs(plan, MemoryWorld(tmp_path).tried(plan)) == ""


@pytest.mark.parametrize("plan", ONCE, ids=str)
def test_cells_that_once_ended_otherwise(plan: Plan, tmp_path: Path) -> None:
    assert differs(plan, MemoryWorld(tmp_path).tried(plan)) == ""


@pytest.mark.parametrize("fault", FAULTS)
def test_every_point_ends_as_stated(fault: str, tmp_path: Path) -> None:
    chosen = [plan for plan in plans() if plan.fault == fault and plan not in OF_THE_CLI]
    # every kill: of changes of data tests/unit/app/test_data_deaths.py has it, and of runs beside
    # the service tests/unit/app/test_rehearsal.py
    draw = random.SystemRandom()
    beside = [plan for plan in chosen if runs_beside(plan.kind)]
    every = [p for p in chosen if fault == "kill" and not of_data(p.kind) and p not in beside]
    others = [plan for plan in chosen if plan not in every and plan not in beside]
    chosen = every + others[draw.randrange(8) :: 8] + draw.sample(beside, min(BESIDE, len(beside)))
    wrong = []
    for number, plan in enumerate(chosen):
        folder = tmp_path / str(number)
        folder.mkdir()
        world = MemoryWorld(folder)
        seen = world.tried(plan)
        wrong.append(differs(plan, seen))
        if fault == "kill" and seen.outcome != "unfinished" and (found := amiss(world)):
            wrong.append(f"{plan}: doctor finds {found}")
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
