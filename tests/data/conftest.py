"""Options of the run on a large volume, and its report."""

from collections.abc import Iterator

import pytest

from tests.data.report import Report


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("data")
    group.addoption("--megabytes", type=int, default=5000, help="the large files of the volume")
    group.addoption("--small", type=int, default=100_000, help="its small files")
    group.addoption("--rounds", type=int, default=5, help="turns of each comparison")
    group.addoption("--unrecorded", action="store_true", help="leave docs/performance.md alone")


@pytest.fixture(scope="session")
def report(request: pytest.FixtureRequest) -> Iterator[Report]:
    """The figures of this run; written into the page when all of them were measured."""
    option = request.config.getoption
    made = Report(option("megabytes"), option("small"), option("rounds"))
    yield made
    if not request.session.testsfailed and not option("unrecorded"):
        made.write()
