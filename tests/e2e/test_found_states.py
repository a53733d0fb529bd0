"""A few of the found states on the real engine; the whole is `tox run -e faults`."""

import random

import pytest

from tests.faults.found_stage import with_images
from tests.faults.found_sweep import cells, sweep
from tests.faults.matrix import matrix
from tests.testbed.engine import PrivateEngine
from tests.testbed.registry import Registry

CELLS, AT_ONCE = 6, 3


@pytest.mark.timeout(600)
def test_a_sample_of_found_states_ends_as_stated(
    private_engine: PrivateEngine, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    every = list(cells(seed))
    draw = random.Random(seed)
    chosen = draw.sample([c for c in every if c.way], CELLS // 2)
    chosen += draw.sample([c for c in every if not c.way], CELLS - len(chosen))
    with matrix(AT_ONCE, (private_engine, private_engine), registry) as made:
        wrong = sweep(with_images(made), chosen)
    with capsys.disabled():
        print(f"\n{len(chosen)} found states, seed {seed}")
    assert not wrong, "\n".join(wrong)
