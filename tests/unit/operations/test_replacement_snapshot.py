"""The snapshot in the plan of a replacement: where its steps stand, and when there are none."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from occ.domain.taking import MOST_BYTES, Taking
from occ.domain.values import Json
from occ.errors import RefusedError
from occ.operations.kinds.update import plan_update
from occ.operations.plan import Extension, Plan
from tests.unit.operations.test_plans import REQUEST, RUNNING, given
from tests.unit.operations.test_replace import BARE, extension

TAKING = Taking(
    folder="/snapshots/web",
    volumes=("web-data", "/srv"),
    sources=("ab" * 32, "/srv"),
    image="sha256:two",
    timeout_ms=60_000,
    bytes=1_000,
)
MEASURE = replace(TAKING, measure=("web-data",))


def names(made: Extension | None) -> list[str]:
    assert made is not None
    return [step.name for step in made.steps]


def test_it_is_reserved_before_the_stop_taken_after_it_and_described_at_the_end() -> None:
    made = extension(BARE, request=replace(REQUEST, taking=TAKING))
    assert made is not None
    there = names(made)
    bare = names(extension(BARE))
    ours = ("reserve_snapshot", "take_snapshot", "describe_snapshot")
    back = ["remove_former", "make_again", "restore_changed", "compare_data"]
    assert [name for name in there if name not in {*ours, *back}] == bare
    assert [step.name for step in made.steps if step.back == "start_container"] == back
    assert there[there.index("start_container") - 3 :][:3] == back[1:]
    stop = there.index("stop_container")
    assert there[stop + 1 : stop + 3] == ["take_snapshot", "recreate_users"]
    before = [name for name in there[:stop] if name not in {"set_policy", "remove_former"}]
    assert before[-2:] == ["create_container", "reserve_snapshot"]
    assert there[-1] == "describe_snapshot"
    assert there.index("describe_snapshot") >= made.commits_at > there.index("take_snapshot")
    taken = made.steps[stop + 1]
    assert taken.inputs == {
        "folder": "/snapshots/web",
        "volumes": ["web-data", "/srv"],
        "sources": ["ab" * 32, "/srv"],
        "image": "sha256:two",
        "version": RUNNING.version,
        "timeout_ms": 60_000,
        "container": RUNNING.container,
    }
    assert [step.disrupts for step in made.steps].count(True) == 1


def test_found_stopped_it_is_taken_without_a_stop() -> None:
    found = replace(RUNNING, state="exited", policy="no")
    there = names(extension(BARE, request=replace(REQUEST, taking=TAKING), found=found))
    assert "stop_container" not in there
    assert "take_snapshot" in there


@pytest.mark.parametrize(
    "taking",
    [
        None,
        replace(TAKING, why="Podman"),
        replace(TAKING, bytes=MOST_BYTES + 1),
    ],
)
def test_none_is_taken(taking: Taking | None) -> None:
    request = replace(REQUEST, taking=taking)
    assert names(extension(BARE, request=request)) == names(extension(BARE))


def test_only_a_size_that_nothing_tells_is_measured_while_the_old_one_serves() -> None:
    plan = plan_update(given(request=replace(REQUEST, taking=MEASURE)))
    assert isinstance(plan, Plan)
    step = plan.steps[-1]
    assert (step.name, step.inputs["volumes"], step.inputs["sources"]) == (
        "measure_data",
        ["web-data"],
        ["ab" * 32],
    )
    assert step.inputs["needed"] is False
    for chosen in (replace(MEASURE, choice="replace"), replace(MEASURE, required=True)):
        again = plan_update(given(request=replace(REQUEST, taking=chosen)))
        assert isinstance(again, Plan)
        assert again.steps[-1].inputs["needed"] is True
    known = plan_update(given(request=replace(REQUEST, taking=TAKING)))
    assert isinstance(known, Plan)
    assert "measure_data" not in {step.name for step in known.steps}


LARGE: Mapping[str, Json] = {"bytes": MOST_BYTES + 1, "took_ms": 1}


@pytest.mark.parametrize(
    ("result", "taking", "takes"),
    [
        ({"bytes": 1, "took_ms": 1}, MEASURE, True),
        (LARGE, MEASURE, False),
        (LARGE, replace(MEASURE, choice="replace"), True),
        ({"left": "it is gone"}, MEASURE, False),
    ],
)
def test_the_second_stage_is_planned_from_what_was_measured(
    result: Mapping[str, Json], taking: Taking, *, takes: bool
) -> None:
    request = replace(REQUEST, taking=taking)
    made = extension(BARE, request=request, measured=result)
    assert ("take_snapshot" in names(made)) is takes


def test_without_one_that_is_required_nothing_is_replaced() -> None:
    request = replace(REQUEST, taking=replace(MEASURE, required=True))
    with pytest.raises(RefusedError, match="web is not replaced without a snapshot") as told:
        extension(BARE, request=request, measured=LARGE)
    assert told.value.hint == "occ config set services.web.snapshot replace"
    assert "take_snapshot" in names(extension(BARE, request=request, measured={"bytes": 1}))
