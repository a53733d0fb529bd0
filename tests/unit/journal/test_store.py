"""The journal in a file: who may read it, what lies beside it, what becomes of it."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from occ.domain.step_events import StepStarted
from occ.errors import (
    JournalDamagedError,
    JournalError,
    JournalUnwritableError,
)
from occ.journal.sqlite.store import SqlJournal
from tests.unit.journal.samples import PLANNED, STAMP


def sql(path: Path, *statements: str) -> list[Any]:
    """Ask the file directly."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return [connection.execute(statement).fetchall() for statement in statements][-1]


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_only_the_owner_may_touch_what_it_makes(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "a" / "b" / "journal.db"
    before = os.umask(umask)
    try:
        journal = SqlJournal(path)
        journal.open_operation((PLANNED,), STAMP)
        journal.reserve()
        made = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
        journal.close()
    finally:
        os.umask(before)
    assert {"journal.db", "journal.db-wal", "journal.db.lock", "journal.db.reserve"} <= set(made)
    assert set(made.values()) == {0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.parent.parent.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    journal = SqlJournal(tmp_path / "journal.db")
    journal.open_operation((PLANNED,), STAMP)
    journal.close()
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_the_settings_of_sqlite_are_those_promised(journal: SqlJournal) -> None:
    journal.open_operation((PLANNED,), STAMP)
    opened = journal._access._opened
    assert opened is not None
    found = {
        name: opened.scalar(f"PRAGMA {name}")
        for name in ("journal_mode", "synchronous", "trusted_schema", "recursive_triggers")
    }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 3,
        "trusted_schema": 0,
        "recursive_triggers": 1,
    }
    assert opened.scalar("PRAGMA busy_timeout") == 10_000


def test_the_reserve_is_one_mebibyte_that_is_really_there(journal: SqlJournal, path: Path) -> None:
    journal.reserve()
    reserve = path.with_name("journal.db.reserve")
    assert reserve.stat().st_size == 1 << 20
    assert reserve.stat().st_blocks * 512 >= 1 << 20
    journal.release()
    assert not reserve.exists()


def test_reading_leaves_the_file_as_it_is(journal: SqlJournal, path: Path) -> None:
    journal.open_operation((PLANNED,), STAMP)
    journal.close()
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    reader = SqlJournal(path)
    assert len(list(reader.entries())) == 2
    reader.verify()
    reader.close()
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_a_reader_does_not_wait_for_a_writer(journal: SqlJournal, path: Path) -> None:
    journal.open_operation((PLANNED,), STAMP)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        reader = SqlJournal(path)
        assert reader.head().position == 2
        reader.close()
        writer.execute("ROLLBACK")


def test_an_open_reader_does_not_make_the_wal_grow(journal: SqlJournal, path: Path) -> None:
    number = journal.open_operation((PLANNED,), STAMP)
    reader = SqlJournal(path)
    walk = reader.entries()
    next(walk)
    for turn in range(1500):
        journal.append(number, turn + 1, (StepStarted(turn),), STAMP)
    assert path.with_name("journal.db-wal").stat().st_size < 8 << 20
    assert next(walk).operation == number
    reader.close()


def test_two_names_of_one_file_share_its_locks(tmp_path: Path) -> None:
    real, link = tmp_path / "real.db", tmp_path / "link.db"
    link.symlink_to(real)
    journal = SqlJournal(link)
    journal.open_operation((PLANNED,), STAMP)
    journal.close()
    assert journal.address == str(link)
    assert real.with_name("real.db.lock").exists()
    assert not tmp_path.joinpath("link.db.lock").exists()


def test_odd_characters_in_the_path(tmp_path: Path) -> None:
    name = os.fsdecode(b"100%25?mode=ro#\xff 'x'")
    journal = SqlJournal(tmp_path / name / "journal.db")
    journal.open_operation((PLANNED,), STAMP)
    assert journal.verify().position == 2
    journal.close()
    assert [folder.name for folder in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET body = '{}' WHERE position = 2",
        "DELETE FROM entries WHERE position = 2",
        "INSERT OR REPLACE INTO entries SELECT * FROM entries WHERE position = 2",
        (
            "REPLACE INTO entries SELECT 3, operation, seq, name, schema, at, service, operator, "
            "body, hash, 'x' FROM entries WHERE position = 2"
        ),
        (
            "INSERT INTO entries SELECT 5, 1, 1, name, schema, at, service, operator, body, hash, "
            "'x' FROM entries WHERE position = 2"
        ),
        (
            "INSERT INTO entries SELECT 3, 1, 1, name, schema, at, service, operator, body, 'x', "
            "'x' FROM entries WHERE position = 2"
        ),
        (
            "INSERT INTO entries SELECT 3, 1, 1.5, name, schema, at, service, operator, body, hash,"
            " 'x' FROM entries WHERE position = 2"
        ),
        (
            "INSERT INTO entries SELECT * FROM entries WHERE position = 2"
            " ON CONFLICT (position) DO UPDATE SET body = '{}'"
        ),
    ],
)
def test_the_guards_stand_even_where_the_pragmas_are_not_ours(
    journal: SqlJournal, path: Path, statement: str
) -> None:
    journal.open_operation((PLANNED,), STAMP)
    before = sql(path, "SELECT * FROM entries")
    with pytest.raises(sqlite3.IntegrityError):
        sql(path, statement)
    assert sql(path, "SELECT * FROM entries") == before


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.write_bytes(b""), "it is empty"),
        (lambda path: path.write_bytes(b"not a journal\n" * 100), "file is not a database"),
        (lambda path: path.mkdir(), "it is no file"),
        (os.mkfifo, "it is no file"),
        (lambda path: sql(path, "CREATE TABLE session (id)"), "a database of something else"),
        (lambda path: sql(path, "CREATE TABLE entries (id)"), "a database of something else"),
        (lambda path: path.with_name("journal.db-wal").write_bytes(b"x"), "it is gone, but "),
    ],
)
def test_what_is_no_journal_is_named_and_left_alone(
    path: Path, make: Callable[[Path], object], said: str
) -> None:
    path.parent.mkdir()
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    journal = SqlJournal(path)
    asked: list[Callable[[], object]] = [
        journal.head,
        journal.verify,
        lambda: list(journal.latest()),
        lambda: journal.id,
        lambda: SqlJournal(path).open_operation((PLANNED,), STAMP),
    ]
    for ask in asked:
        with pytest.raises(JournalDamagedError, match=said) as raised:
            ask()
        assert str(path) in raised.value.message
        assert raised.value.hint
    journal.close()
    assert (path.read_bytes() if path.is_file() else b"") == before


def test_reading_loads_no_alembic_and_no_orm(journal: SqlJournal, path: Path) -> None:
    journal.open_operation((PLANNED,), STAMP)
    journal.close()
    script = (
        "import sys; from occ.journal.open import open_journal\n"
        f"journal = open_journal({str(path)!r}); print(len(list(journal.entries())))\n"
        "from tests.unit.journal.samples import STAMP, StepStarted\n"
        "journal.append(1, 1, (StepStarted(0),), STAMP)\n"
        "print([m for m in sys.modules if m in ('alembic', 'sqlalchemy.orm', 'docker')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout == "2\n[]\n"


def test_closing_twice_and_going_on_after_it(journal: SqlJournal) -> None:
    journal.close()
    number = journal.open_operation((PLANNED,), STAMP)
    journal.close()
    journal.close()
    assert journal.append(number, 1, (StepStarted(0),), STAMP) == 2


def test_a_file_that_may_not_be_read_is_said_so(tmp_path: Path) -> None:
    journal = SqlJournal(tmp_path / "file" / "journal.db")
    (tmp_path / "file").write_text("")
    assert list(journal.entries()) == []
    with pytest.raises(JournalUnwritableError, match=r"file.* cannot be written"):
        journal.open_operation((PLANNED,), STAMP)
    with pytest.raises(JournalError, match="no room"):
        journal.reserve()
