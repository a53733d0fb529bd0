"""When it is not clear what the journal holds: replaced files, failing commits, a newer occ."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from occ.domain.events import OperationResumed
from occ.domain.step_events import StepDone, StepStarted
from occ.errors import JournalConflictError, JournalNewerError, JournalUnwritableError
from occ.journal import chain
from occ.journal.port import Head
from occ.journal.sqlite import schema
from occ.journal.sqlite.connect import Opened
from occ.journal.sqlite.store import SqlJournal
from tests.unit.journal.samples import ACTOR, PLANNED, STAMP


def test_a_journal_that_vanished_takes_no_appends(journal: SqlJournal, path: Path) -> None:
    number = journal.open_operation((PLANNED,), STAMP)
    kept = path.rename(path.with_name("kept.db"))
    for beside in ("-wal", "-shm"):
        path.with_name(f"journal.db{beside}").unlink()
    with pytest.raises(JournalUnwritableError, match="is gone"):
        journal.append(number, 1, (StepStarted(0),), STAMP)
    with pytest.raises(JournalUnwritableError, match="is gone"):
        list(journal.entries())  # an empty journal would be a lie
    assert not path.exists()
    assert kept.exists()


def test_another_journal_in_its_place_is_noticed(tmp_path: Path) -> None:
    one, other = SqlJournal(tmp_path / "one.db"), SqlJournal(tmp_path / "other.db")
    for journal in (one, other):
        number = journal.open_operation((PLANNED,), STAMP)
    other.close()
    one.append(number, 1, (StepStarted(0),), STAMP)
    one.close()
    (tmp_path / "other.db").replace(tmp_path / "one.db")
    with pytest.raises(JournalConflictError):
        one.append(number, 2, (StepDone(0),), STAMP)
    with pytest.raises(JournalConflictError):
        one.open_operation((PLANNED,), STAMP)


def test_a_plan_made_for_a_journal_that_another_process_made_is_refused(path: Path) -> None:
    slow, quick = SqlJournal(path), SqlJournal(path)
    assert slow.id != quick.id
    assert quick.open_operation((PLANNED,), STAMP) == 1
    with pytest.raises(JournalConflictError, match="meanwhile"):
        slow.open_operation((PLANNED,), STAMP)
    fresh = SqlJournal(path)
    assert fresh.id == quick.id
    assert fresh.open_operation((PLANNED,), STAMP) == 2
    for journal in (slow, quick, fresh):
        journal.close()


class Faulty:
    """A connection whose commit fails: before or after it was made."""

    def __init__(self, opened: Opened, *, made: bool) -> None:
        self._opened, self._made = opened, made

    def __getattr__(self, name: str) -> Any:
        return getattr(self._opened, name)

    def run(self, statement: str) -> None:
        if statement != "COMMIT":
            self._opened.run(statement)
            return
        if self._made:
            self._opened.run(statement)
        cause = sqlite3.OperationalError("disk I/O error")
        cause.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
        raise sa.exc.OperationalError(statement, None, cause)


@pytest.mark.parametrize("made", [True, False])
def test_after_an_error_in_the_commit_the_journal_is_read_again(
    journal: SqlJournal, *, made: bool
) -> None:
    number = journal.open_operation((PLANNED,), STAMP)
    opened = journal._access._opened
    assert opened is not None
    journal._access._opened = Faulty(opened, made=made)  # type: ignore[assignment]
    if made:
        assert journal.append(number, 1, (StepStarted(0),), STAMP) == 2
    else:
        with pytest.raises(JournalUnwritableError, match="the disk does not answer"):
            journal.append(number, 1, (StepStarted(0),), STAMP)
    assert len(list(journal.entries(operation=number))) == 1 + made
    assert journal.append(number, 1, (StepStarted(0),), STAMP) == 2
    assert journal.append(number, 2, (StepDone(0),), STAMP) == 3
    assert journal.verify().position == 4


def test_an_operation_whose_commit_seemed_to_fail_keeps_its_number(journal: SqlJournal) -> None:
    journal.open_operation((PLANNED,), STAMP)
    opened = journal._access._opened
    assert opened is not None
    journal._access._opened = Faulty(opened, made=True)  # type: ignore[assignment]
    assert journal.open_operation((PLANNED,), STAMP) == 2
    assert journal.last_operation() == 2


def newer(path: Path, name: str, number: int) -> None:
    """Append as a newer occ would: a name or a schema that we do not know."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        (last,) = connection.execute(schema.HEAD).fetchall()
        (row,) = chain.seal(Head(*last), 1, 1, [(name, number, '{"new":1}')], STAMP)
        connection.execute(schema.INSERT, row)


@pytest.mark.parametrize(("name", "number"), [("step.paused", 1), ("step.started", 2)])
def test_what_a_newer_occ_wrote_can_be_listed_but_neither_read_nor_extended(
    journal: SqlJournal, path: Path, name: str, number: int
) -> None:
    journal.open_operation((PLANNED,), STAMP)
    journal.close()
    newer(path, name, number)
    old = SqlJournal(path)
    assert [e.operation for e in old.latest()] == [1]
    assert old.verify().position == 3
    assert old.last_operation() == 1
    with pytest.raises(JournalNewerError, match=name.replace(".", r"\.")):
        list(old.entries(operation=1))
    with pytest.raises(JournalNewerError, match="a newer occ"):
        old.open_operation((PLANNED,), STAMP)
    with pytest.raises(JournalNewerError, match="a newer occ"):
        old.append(1, 2, (OperationResumed(ACTOR),), STAMP)
    assert old.head().position == 3
    old.close()
