"""A journal in a file, closed after the test, and the folder that it is in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from occ.journal.sqlite.store import SqlJournal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[SqlJournal]:
    made = SqlJournal(path)
    yield made
    made.close()
