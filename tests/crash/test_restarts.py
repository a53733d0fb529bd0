"""A sample of the engine's restarts, another one in each run.

The whole is `python -m tests.faults.restarts`, the third command of `tox run -e faults`.
"""

import random
import signal
from collections.abc import Iterator

import pytest

from tests.faults.matrix import Matrix, matrix
from tests.faults.restarts import POLICIES, SIGNALS, cases, restarted
from tests.testbed.engine import PrivateEngine
from tests.testbed.registry import Registry

AT_ONCE = 4


@pytest.fixture(scope="module")
def made(victim: PrivateEngine, registry: Registry) -> Iterator[Matrix]:
    with matrix(AT_ONCE, (victim, victim), registry) as one:
        yield one


@pytest.mark.timeout(600)
@pytest.mark.parametrize("sig", SIGNALS, ids=[sig.name for sig in SIGNALS])
def test_never_two_of_a_service_run_and_it_comes_up_again(
    made: Matrix, sig: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    draw, every = random.Random(seed), cases(seed)
    chosen = [draw.choice([case for case in every if case.policy == which]) for which in POLICIES]
    with capsys.disabled():
        print(f"\n{sig.name}, seed {seed}: {'; '.join(map(str, chosen))}")
    wrong = restarted(made, sig, chosen)
    assert not wrong, "\n".join(wrong)
