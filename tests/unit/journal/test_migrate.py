"""Schemas: one truth, older ones brought forward in one piece, newer ones refused."""

import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from occ.errors import BusyError, JournalError, JournalNewerError
from occ.journal.sqlite import migrate, schema
from occ.journal.sqlite.migrate import Scripts
from occ.journal.sqlite.store import SqlJournal
from tests.unit.journal.samples import PLANNED, STAMP

NEXT = '''
"""A later release's migration, for tests."""
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Two tables, and perhaps something wrong between them."""
    op.create_table("first", sa.Column("id", sa.Integer, primary_key=True))
    WRONG
    op.create_table("second", sa.Column("id", sa.Integer, primary_key=True))
'''


def later(folder: Path, wrong: str = "") -> Scripts:
    """The migrations of a later release: one more than ours."""
    ours = migrate.scripts()
    shutil.copytree(ours.folder, folder)
    (folder / "versions" / "0002_later.py").write_text(NEXT.replace("WRONG", wrong))
    return Scripts(folder, (*ours.revisions, "0002"))


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {name for (name,) in connection.execute(schema.TABLES)}


def described(connection: sqlite3.Connection) -> dict[str, Any]:
    """Everything the schema says, whatever the spaces."""
    stored = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'alembic%' AND sql IS NOT NULL"
    )
    return {name: re.sub(r"\s+", " ", text) for name, text in stored}


def test_the_migrations_lead_to_the_table_that_the_statements_are_made_for(
    journal: SqlJournal, path: Path
) -> None:
    journal.open_operation((PLANNED,), STAMP)
    with closing(sqlite3.connect(path)) as migrated:
        found = described(migrated)
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        schema.metadata.create_all(connection)
        for guard in schema.GUARDS.values():
            connection.exec_driver_sql(guard)
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        wanted = described(raw)
    engine.dispose()
    assert found == wanted
    assert set(schema.GUARDS) < set(found)


def test_the_newest_revision_is_the_last_script() -> None:
    from alembic.config import Config  # noqa: PLC0415 - slow, and only here
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(migrate.scripts().folder))
    found = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(found)) == schema.REVISIONS


def test_no_statement_walks_the_whole_table(journal: SqlJournal, path: Path) -> None:
    journal.open_operation((PLANNED,), STAMP)
    statements = {
        schema.after(service=True, names=2): ("web", "a", 1, "b", 9),
        schema.after(service=False, names=2): (1, "a", "b", 9),
        schema.newest(service=True): (9, "a", "web", 9),
        schema.newest(service=False): (9, "a", 9),
        schema.OF_OPERATION: (1, 0, 9),
        schema.PLACE: (1, 1),
        schema.AT: (1,),
        schema.HEAD: (),
        schema.NEXT: (1,),
        schema.BEGINS: (1,),
        schema.LAST_OPERATION: (),
        schema.ADVANCED: (),
    }
    with closing(sqlite3.connect(path)) as connection:
        for statement, values in statements.items():
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
            for line in plan:
                limited = statement in {schema.HEAD, schema.NEXT} or "INDEX" in line
                assert limited or not line.startswith("SCAN entries"), (statement, plan)
            if statement == schema.ADVANCED:  # operation 0 has every notice there ever was
                assert "entries_by_name (name=?)" in " ".join(plan)


def test_an_older_journal_is_backed_up_and_brought_forward(
    journal: SqlJournal, path: Path, tmp_path: Path
) -> None:
    number = journal.open_operation((PLANNED,), STAMP)
    head = journal.head()
    journal.close()
    newer = SqlJournal(path, later(tmp_path / "later"))
    assert len(list(newer.entries())) == 2  # reading migrates nothing
    assert "first" not in tables(path)
    assert newer.append(number, 1, (PLANNED,), STAMP) == 2
    assert {"first", "second"} < tables(path)
    assert newer.verify().position == 3
    newer.close()
    backup = path.with_name("journal.db.0001.backup")
    assert backup.stat().st_mode & 0o777 == 0o600
    kept = SqlJournal(backup)
    assert kept.verify() == head
    kept.close()
    assert not list(path.parent.glob("*.part"))


def test_a_newer_schema_is_refused_by_readers_and_writers(path: Path, tmp_path: Path) -> None:
    newer = SqlJournal(path, later(tmp_path / "later"))
    newer.open_operation((PLANNED,), STAMP)
    newer.close()
    before = path.read_bytes()
    for ask in ("head", "verify", "last_operation"):
        journal = SqlJournal(path)
        with pytest.raises(JournalNewerError, match="has schema 0002; this occ knows up to 0001"):
            getattr(journal, ask)()
    with pytest.raises(JournalNewerError):
        SqlJournal(path).open_operation((PLANNED,), STAMP)
    assert path.read_bytes() == before


@pytest.mark.parametrize("wrong", ["raise RuntimeError('half way')", "op.execute('NONSENSE')"])
def test_a_migration_that_fails_half_way_leaves_nothing(
    journal: SqlJournal, path: Path, tmp_path: Path, wrong: str
) -> None:
    journal.open_operation((PLANNED,), STAMP)
    journal.close()
    newer = SqlJournal(path, later(tmp_path / "later", wrong))
    with pytest.raises(JournalError):
        newer.open_operation((PLANNED,), STAMP)
    newer.close()
    assert tables(path) == {"entries", "alembic_version"}
    assert journal.verify().position == 2
    assert journal.open_operation((PLANNED,), STAMP) == 2


def test_a_migration_that_is_killed_half_way_leaves_nothing(
    journal: SqlJournal, path: Path, tmp_path: Path
) -> None:
    journal.open_operation((PLANNED,), STAMP)
    journal.close()
    wrong = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    scripts = later(tmp_path / "later", wrong)
    program = (
        "from pathlib import Path\nfrom occ.journal.sqlite.migrate import Scripts\n"
        "from occ.journal.sqlite.store import SqlJournal\n"
        "from tests.unit.journal.samples import PLANNED, STAMP\n"
        f"scripts = Scripts(Path({str(scripts.folder)!r}), {scripts.revisions!r})\n"
        f"SqlJournal(Path({str(path)!r}), scripts).open_operation((PLANNED,), STAMP)\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, check=False)
    assert done.returncode == -9
    assert tables(path) == {"entries", "alembic_version"}
    assert journal.open_operation((PLANNED,), STAMP) == 2
    assert journal.verify().position == 3


def test_a_journal_whose_making_was_killed_is_made_again(path: Path) -> None:
    path.parent.mkdir()
    path.with_name("journal.db.new").write_bytes(b"half")
    path.with_name("journal.db.new-journal").write_bytes(b"half")
    journal = SqlJournal(path)
    assert list(journal.entries()) == []
    assert journal.open_operation((PLANNED,), STAMP) == 1
    journal.close()
    assert not list(path.parent.glob("*.new*"))


def test_nobody_migrates_under_a_writer(journal: SqlJournal, path: Path, tmp_path: Path) -> None:
    number = journal.open_operation((PLANNED,), STAMP)
    newer = SqlJournal(path, later(tmp_path / "later"))
    with pytest.raises(BusyError, match="another occ is at work with the older"):
        newer.open_operation((PLANNED,), STAMP)
    assert journal.append(number, 1, (PLANNED,), STAMP) == 2
    journal.close()
    assert newer.open_operation((PLANNED,), STAMP) == 2
    newer.close()


def test_two_migrations_at_once_are_one(journal: SqlJournal, path: Path, tmp_path: Path) -> None:
    journal.open_operation((PLANNED,), STAMP)
    journal.close()
    scripts = later(tmp_path / "later")
    numbers, gate = [], threading.Barrier(2)

    def migrating() -> None:
        newer = SqlJournal(path, scripts)
        gate.wait()
        numbers.append(newer.open_operation((PLANNED,), STAMP))
        newer.close()

    threads = [threading.Thread(target=migrating) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == [2, 3]
    assert len(list(path.parent.glob("*.backup"))) == 1


def test_a_percent_sign_in_the_place_of_the_scripts(path: Path, tmp_path: Path) -> None:
    scripts = later(tmp_path / "100%(x)s")
    journal = SqlJournal(path, scripts)
    assert journal.open_operation((PLANNED,), STAMP) == 1
    journal.close()
