"""Options of the long runs: the seed, and whether the page is written."""

import os
import random
from collections.abc import Callable, Mapping

import pytest

from tests.e2e.conftest import box, port
from tests.endurance import record

__all__ = ["box", "port", "seed", "write"]

Write = Callable[[str, Mapping[str, object]], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("endurance")
    group.addoption("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    group.addoption("--no-record", action="store_true", help="leave docs/reliability.md alone")


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of this run: drawn, or the one of a run to be done again."""
    return int(request.config.getoption("--seed"))


@pytest.fixture
def write(request: pytest.FixtureRequest, seed: int) -> Write:
    """Puts counts into the page, with this run's command and seed."""

    def put(name: str, counts: Mapping[str, object]) -> None:
        if not request.config.getoption("--no-record"):
            env = os.environ.get("TOX_ENV_NAME")
            by = f"tox run -e {env}" if env else "pytest -m campaign tests/endurance"
            record.write(name, counts, by=by, seed=seed)

    return put
