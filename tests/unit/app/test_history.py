"""What the journal tells of operations, of which a newer occ may have written some."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from occ.app.app import App
from occ.app.view.history import HistoryFilter
from occ.domain.events import OperationDone
from occ.errors import JournalNewerError
from occ.journal import chain
from occ.journal.port import Head
from occ.journal.sqlite import schema
from occ.journal.sqlite.store import SqlJournal
from tests.unit.journal.samples import PLANNED, STAMP


@pytest.fixture
def app(tmp_path: Path) -> App:
    """Two operations; a newer occ went on with the second one."""
    path = tmp_path / "journal.db"
    journal = SqlJournal(path)
    journal.open_operation((PLANNED, OperationDone()), STAMP)
    journal.open_operation((PLANNED,), STAMP)
    journal.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        (last,) = connection.execute(schema.HEAD).fetchall()
        (row,) = chain.seal(Head(*last), 2, 1, [("step.paused", 1, '{"new":1}')], STAMP)
        connection.execute(schema.INSERT, row)
    (tmp_path / "config.toml").touch()
    config = {"OCC_CONFIG": str(tmp_path / "config.toml"), "HOME": str(tmp_path)}
    return App.open(config, journal=str(path))


def test_an_operation_that_a_newer_occ_wrote_is_listed_with_the_others(app: App) -> None:
    newest, oldest = app.history(HistoryFilter())
    assert (newest.operation, newest.outcome) == (2, "written by a newer occ")
    assert (newest.kind, newest.reason, newest.duration_ms) == ("update", "CVE-2026-1", None)
    assert (oldest.operation, oldest.outcome) == (1, "done")


def test_it_is_not_shown_as_if_it_were_understood(app: App) -> None:
    with pytest.raises(JournalNewerError, match=r"step\.paused"):
        app.show(2)
