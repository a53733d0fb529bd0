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


RECORDED = {
    "quick": (
        *(1_274, 1_422, 1_157, 1_277, 974, 749, 738, 1_108, 1_505, 1_474),
        *(2_014, 1_138, 1_347, 2_464, 1_314, 1_502, 1_281, 1_948, 1_462, 1_345),
        *(1_448, 1_405, 1_341, 1_452, 1_068, 758, 1_110, 1_047, 1_526, 1_234),
    ),
    "slow": (
        *(2_903, 2_997, 3_286, 2_773, 2_741, 3_038, 3_456, 3_108, 3_289, 3_565),
        *(3_137, 2_625, 3_326, 3_010, 2_820, 2_760, 2_722, 3_061, 3_213, 2_847),
        *(2_626, 2_824, 3_130, 2_828, 2_666, 2_318, 2_427, 3_019, 2_340, 2_639),
    ),
    "checked": (
        *(1_304, 1_222, 1_757, 1_221, 1_355, 1_137, 1_752, 2_350, 2_623, 2_594),
        *(2_281, 2_041, 1_811, 1_566, 1_076, 1_386, 1_133, 1_635, 1_336, 1_071),
        *(1_101, 1_108, 1_066, 1_541, 1_290, 1_543, 1_365, 1_145, 1_389, 1_166),
    ),
}
"""The outages of 30 updates of three services in a row, in ms, as `tests/e2e/test_outages.py` made
them on a busy machine: a quick one, one that listens after 1.1 s, one with a HEALTHCHECK."""


def test_nine_of_ten_recorded_outages_are_inside_after_ten_earlier_ones() -> None:
    inside = 0
    for outages in RECORDED.values():
        seen = list(outages)
        inside += sum(within(seen[:at], seen[at]) for at in range(10, 30))
    assert inside == 59
    assert inside >= 0.9 * 60


def within(before: list[int], ms: int) -> bool:
    told = predicted(before[::-1])
    assert told is not None
    return told.low_ms <= ms <= told.high_ms
