"""A journal in a file, closed after the test, and the folder that it is in."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from occ.domain.step_events import StepDone, StepStarted
from occ.journal.sqlite.store import SqlJournal
from tests.unit.journal.samples import PLANNED, STAMP


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[SqlJournal]:
    made = SqlJournal(path)
    yield made
    made.close()


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed journal of 200 entries over some twenty pages."""
    path = tmp_path_factory.mktemp("whole") / "journal.db"
    journal = SqlJournal(path)
    for _ in range(10):
        number = journal.open_operation((PLANNED,), STAMP)
        for index in range(9):
            events = (StepStarted(index), StepDone(index, {"found": "x" * index * 20}))
            journal.append(number, 1 + 2 * index, events, STAMP)
    journal.close()
    return path


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(whole, tmp_path / "journal.db"))
