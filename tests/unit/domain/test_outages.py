"""The prediction of an outage: a range that holds the next one, and tells something."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occ.domain.events import OperationPlanned
from occ.domain.operation import Operation, StepState
from occ.domain.outages import FEWEST, LAST, Outage, outage_of, predicted
from occ.domain.request import Found, Request, StepPlan
from occ.domain.values import Actor, Json

ANN = Actor(operator="ann")
MS = st.integers(min_value=0, max_value=600_000)


def step(name: str, **result: Json) -> StepState:
    return StepState(plan=StepPlan(name=name), state="done", result=result)


STOPPED = step("stop_container", finished_at=10_000)
PROVEN = step("prove_health", healthy=True, first_good_at=12_900)
TAKEN = step("take_snapshot", took_ms=400)


def operation(*steps: StepState) -> Operation:
    planned = OperationPlanned(
        kind="update",
        actor=ANN,
        request=Request(),
        found=Found(),
        steps=tuple(one.plan for one in steps),
        stages=2,
    )
    return Operation(
        number=7, service="web", planned=planned, at=1, steps=steps, ending="done", driver=ANN
    )


def test_an_outage_is_told_without_its_snapshot() -> None:
    assert outage_of(operation(STOPPED, PROVEN)) == 2_900
    assert outage_of(operation(STOPPED, TAKEN, PROVEN)) == 2_500


def test_an_operation_that_was_not_like_the_next_one_tells_nothing() -> None:
    usual = operation(STOPPED, PROVEN)
    in_place = replace(usual, planned=replace(usual.planned, stages=1))
    assert outage_of(in_place) is None
    assert outage_of(replace(usual, ending="undone")) is None
    assert outage_of(replace(usual, ending=None)) is None
    assert outage_of(replace(usual, resumed=1)) is None
    assert outage_of(operation(PROVEN)) is None
    assert outage_of(operation(STOPPED, step("copy_volume"), PROVEN)) is None
    assert outage_of(operation(STOPPED, step("prove_health", healthy=False))) is None


def test_too_few_earlier_ones_predict_nothing() -> None:
    assert predicted([2_900] * (FEWEST - 1)) is None
    assert predicted([2_900] * FEWEST) == Outage(
        middle_ms=2_900, low_ms=2_320, high_ms=3_480, count=FEWEST
    )


def test_the_last_twenty_count() -> None:
    assert LAST == 20
    slower = predicted([900] * 20 + [90_000] * 30)
    assert slower == Outage(middle_ms=900, low_ms=720, high_ms=1_080, count=20)


def test_a_range_is_that_of_the_book() -> None:
    # logarithms 1, 2, 3, 4, 5 times 0.1 above 7: mean 7.3, s 0.158114, t 3.747, sqrt(1.2)
    seen = [1_212, 1_339, 1_480, 1_636, 1_808]
    assert predicted(seen) == Outage(middle_ms=1_480, low_ms=774, high_ms=2_832, count=5)


def test_a_quick_one_is_not_told_finer_than_it_is_asked() -> None:
    assert predicted([150] * 20) == Outage(middle_ms=150, low_ms=50, high_ms=250, count=20)
    assert predicted([60] * 20) == Outage(middle_ms=60, low_ms=0, high_ms=120, count=20)


@given(st.lists(MS, min_size=FEWEST, max_size=60))
def test_a_range_holds_its_middle_and_is_no_wider_than_twice_it(outages: list[int]) -> None:
    told = predicted(outages)
    assert told is not None
    assert 0 <= told.low_ms <= told.middle_ms <= told.high_ms
    assert told.high_ms - told.low_ms <= 2 * told.middle_ms + 2
    assert told.count == min(len(outages), LAST)


@given(st.lists(MS, min_size=FEWEST, max_size=LAST), st.randoms())
def test_order_decides_nothing(outages: list[int], draw: random.Random) -> None:
    mixed = list(outages)
    draw.shuffle(mixed)
    assert predicted(mixed) == predicted(outages)


@pytest.mark.parametrize("spread", [0.02, 0.1, 0.2])
def test_nine_of_ten_that_scatter_around_one_length_are_inside(spread: float) -> None:
    draw = random.Random(f"outages {spread}")
    inside = 0
    for _ in range(200):
        seen = [round(1_400 * draw.lognormvariate(0, spread)) for _ in range(30)]
        inside += sum(within(seen[:at], seen[at]) for at in range(10, 30))
    assert inside >= 0.96 * 200 * 20


def within(before: list[int], ms: int) -> bool:
    told = predicted(before[::-1])
    assert told is not None
    return told.low_ms <= ms <= told.high_ms
