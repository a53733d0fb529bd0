"""A sample of the fault matrix and of the random campaign, another one in each run.

The whole is `tox run -e faults`.
"""

import random
from collections.abc import Iterator

import pytest

from tests.faults.campaign import Tally, campaign
from tests.faults.kinds import runs_beside
from tests.faults.matrix import Matrix, matrix
from tests.faults.plans import plans
from tests.testbed.engine import PrivateEngine
from tests.testbed.registry import Registry

ALONE = ("kill", "int", "timeout", "gone", "registry", "refuse409", "refuse404", "refuse500")
MORE, BESIDE, KILLS, AT_ONCE = 3, 2, 40, 4


@pytest.fixture(scope="module")
def seed() -> int:
    return random.SystemRandom().randrange(10**6)


@pytest.fixture(scope="module")
def made(private_engine: PrivateEngine, registry: Registry) -> Iterator[Matrix]:
    with matrix(AT_ONCE, (private_engine, private_engine), registry) as one:
        yield one


@pytest.mark.timeout(600)
def test_a_sample_of_the_fault_matrix_ends_as_stated(
    made: Matrix, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    draw = random.Random(seed)
    cells = [plan for plan in plans() if plan.fault in ALONE]
    chosen = [draw.choice([plan for plan in cells if plan.fault == fault]) for fault in ALONE]
    chosen += draw.sample(cells, MORE)
    chosen += draw.sample([plan for plan in cells if runs_beside(plan.kind)], BESIDE)
    results = made.run(chosen)
    with capsys.disabled():
        print(f"\n{len(chosen)} cells, seed {seed}")
    assert len(results) == len(chosen)
    assert not [result.differs for result in results if result.differs]


@pytest.mark.timeout(600)
def test_random_kills_cost_nothing(
    made: Matrix, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    tally = campaign(made, seed, Tally(KILLS), lambda _: None)
    with capsys.disabled():
        print(f"\n{tally.kills} kills in {tally.rounds} operations, seed {seed}")
    assert tally.kills >= KILLS
    assert tally.good, "\n".join(tally.said)
