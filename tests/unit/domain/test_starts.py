"""What the runs of a service's versions tell of its next start."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occ.domain.events import OperationPlanned
from occ.domain.operation import Operation, StepState
from occ.domain.request import Found, Request, StepPlan
from occ.domain.spec import Mount, Spec, Volume
from occ.domain.starts import (
    FLOOR_MS,
    Run,
    data_as_before,
    learned_ms,
    runs_of,
    slow_words,
    starts_of,
)
from occ.domain.taking import Taking
from occ.domain.values import Actor, Json

MS = st.integers(min_value=1, max_value=600_000)
TIMES = st.lists(MS, min_size=1, max_size=40)


def step(name: str, **result: Json) -> StepState:
    return StepState(plan=StepPlan(name=name), state="done", attempts=1, result=result)


def gate(version: int, **result: Json) -> StepState:
    plan = StepPlan(name="prove_health", inputs={"version": version})
    return StepState(plan=plan, state="done", attempts=1, result=result)


def good(version: int, ms: int) -> StepState:
    return gate(version, healthy=True, good_after_ms=ms)


STOP, START = step("stop_container"), step("start_container", said="web")
BACK = replace(STOP, state="reverted", undo_result={"good_after_ms": 700, "first_good_at": 5})


def operation(*steps: StepState, version: int = 2, found: int = 1) -> Operation:
    planned = OperationPlanned(
        kind="update",
        actor=Actor(operator="ann"),
        request=Request(),
        found=Found(version=found),
        steps=tuple(one.plan for one in steps),
        stages=2,
    )
    return Operation(
        number=7,
        service="web",
        planned=planned,
        at=1,
        steps=steps,
        version=version,
        driver=planned.actor,
    )


def run(version: int, ms: int = 0, *, proven: bool = True) -> Run:
    return Run(version=version, operation=7, proven=proven, good_after_ms=ms)


def test_an_update_had_its_version_run() -> None:
    assert [*runs_of(operation(STOP, START, good(2, 400)))] == [run(2, 400)]
    failed = gate(2, healthy=False)
    assert [*runs_of(operation(STOP, START, failed))] == [run(2, proven=False)]
    died = replace(gate(2), state="failed")
    assert [*runs_of(operation(STOP, START, died))] == [run(2, proven=False)]


def test_one_that_was_put_back_had_both_run() -> None:
    died = replace(gate(2), state="reverted")
    assert [*runs_of(operation(BACK, START, died))] == [run(1, 700), run(2, proven=False)]
    waiting = replace(START, state="waiting"), replace(gate(2), state="waiting", attempts=0)
    assert [*runs_of(operation(BACK, *waiting))] == [run(1, 700)]
    unwell = replace(BACK, undo_result={"first_good_at": 5})  # it runs as it was found
    assert [*runs_of(operation(unwell, *waiting))] == [run(1, proven=False)]
    stuck = replace(BACK, state="stuck", undo_result={})
    assert [*runs_of(operation(stuck, *waiting))] == [run(1, proven=False)]


def test_what_nobody_watched_from_its_start_is_no_measure() -> None:
    usual = operation(STOP, START, good(2, 400))
    unmeasured = [run(2)]
    assert [*runs_of(replace(usual, resumed=1))] == unmeasured
    assert [*runs_of(operation(STOP, START, replace(good(2, 400), attempts=2)))] == unmeasured
    assert [*runs_of(operation(STOP, replace(START, seen=True), good(2, 400)))] == unmeasured
    assert [*runs_of(operation(good(2, 400)))] == unmeasured  # it was adopted
    assert [*runs_of(operation(STOP, START, gate(2, healthy=True)))] == unmeasured  # an older occ


def test_work_aside_and_a_stop_have_nothing_run() -> None:
    stopped = operation(STOP)
    assert [*runs_of(stopped)] == []
    aside = replace(operation(START), planned=replace(stopped.planned, kind="snapshot"))
    assert [*runs_of(aside)] == []


def test_the_starts_of_a_version_count_where_no_other_ran_since_it_was_proven() -> None:
    bad = run(2, proven=False)
    assert starts_of([run(2, 400), run(1, 300)], 2) == [400]
    assert starts_of([run(2, 400), run(1, 300)], 1) is None
    assert starts_of([bad, run(1, 300)], 1) is None
    assert starts_of([run(1, proven=False), bad, run(1, 300)], 1) is None
    assert starts_of([run(1, 700), bad, run(1, 300)], 1) == [700, 300]
    assert starts_of([run(1, proven=False), run(1, 300)], 1) == [300]
    assert starts_of([run(1)], 1) == []
    assert starts_of([], 1) is None


def test_the_last_twenty_starts_count_and_no_more_are_read() -> None:
    many = iter([run(1, 100 + at) for at in range(30)])
    assert starts_of(many, 1) == list(range(100, 120))
    assert len([*many]) == 10


def test_a_learned_deadline_is_five_times_the_slowest_and_min_healthy_more() -> None:
    assert learned_ms([400, 5_000, 300], 10_000, 120_000) == 35_000
    assert learned_ms([400], 10_000, 120_000) == 25_000  # the floor
    assert learned_ms([60_000], 10_000, 120_000) == 120_000  # never above the default
    assert learned_ms([], 10_000, 120_000) == 0


@given(TIMES, st.integers(0, 60_000), st.integers(100, 600_000))
def test_a_learned_deadline_is_within_its_bounds(times: list[int], least: int, most: int) -> None:
    told = learned_ms(times, least, most)
    assert told <= most
    assert told == most or told >= max(FLOOR_MS, *times) + least


def test_a_slow_start_is_told_by_the_slowest_before_it() -> None:
    says = "took 12 s until it was good, and the slowest of the 3 starts before it 0.9 s"
    assert slow_words(12_034, [400, 900, 300]) == says
    assert slow_words(2_900, [400, 900, 300]) == ""  # 2 s more at least
    assert slow_words(2_901, [400, 900, 300]) != ""
    assert slow_words(10_000, [5_000, 900, 300]) == ""  # twice as slow at least
    assert slow_words(12_000, [400, 900]) == ""  # too few to tell
    assert slow_words(0, [400, 900, 300]) == ""


DATA = Spec(volumes=(Volume(name="data", path="/data"),))
TAKEN = Taking(volumes=("data",))
COMPARED: dict[str, Json] = {"number": 7, "changed": [], "volumes": {}}
RESTORED: dict[str, Json] = {**COMPARED, "changed": ["data"], "volumes": {"data": "data.occ-2"}}


def put_back(taking: Taking | None, compared: dict[str, Json]) -> Operation:
    told = operation(STOP, START, good(2, 400), step("compare_data", **compared))
    return replace(told, planned=replace(told.planned, request=Request(taking=taking)))


@pytest.mark.parametrize(
    ("operation", "spec", "as_before"),
    [
        (put_back(TAKEN, COMPARED), DATA, True),
        (
            put_back(TAKEN, RESTORED),
            DATA,
            True,
        ),
        (put_back(TAKEN, {**COMPARED, "changed": ["data"]}), DATA, False),
        (put_back(TAKEN, {"changed": []}), DATA, False),  # there was no snapshot to compare with
        (put_back(None, {}), DATA, False),
        (put_back(None, {}), Spec(), True),
        (put_back(Taking(volumes=("other",)), COMPARED), DATA, False),
        (
            put_back(TAKEN, COMPARED),
            replace(DATA, mounts=(Mount(source="/srv", path="/srv"),)),
            False,
        ),
        (put_back(TAKEN, COMPARED), replace(DATA, engine={"Binds": ["/srv:/srv"]}), False),
        (
            put_back(None, {}),
            Spec(
                volumes=(Volume(name="data", path="/data", read_only=True),),
                mounts=(Mount(source="/srv", path="/srv", read_only=True),),
            ),
            True,
        ),
        (operation(STOP, replace(START, state="waiting")), DATA, True),
        (operation(STOP, START, version=1), DATA, True),
    ],
)
def test_data_is_as_before_where_nothing_else_can_have_changed_it(
    operation: Operation, spec: Spec, as_before: bool
) -> None:
    assert data_as_before(operation, spec) is as_before
