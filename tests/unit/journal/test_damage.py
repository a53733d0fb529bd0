"""Tampering is named, and what a broken disk leaves is never believed and never a traceback."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from occ.domain.step_events import StepDone, StepStarted
from occ.errors import JournalDamagedError, JournalError
from occ.journal import chain
from occ.journal.chain import Row
from occ.journal.port import Head
from occ.journal.sqlite import schema
from occ.journal.sqlite.store import SqlJournal
from tests.unit.journal.samples import PLANNED, STAMP

DROP = "".join(f"DROP TRIGGER {name};" for name in schema.GUARDS)
BACK = ";".join(schema.GUARDS.values()).replace("; END;", "; END;\n") + ";"


def change(path: Path, script: str) -> None:
    """Tamper as somebody with the file would: guards away, change, guards back as they were."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"{DROP}{script};{BACK}")


SWAP = """
    UPDATE entries SET position = -1 WHERE position = 50;
    UPDATE entries SET position = 50 WHERE position = 51;
    UPDATE entries SET position = 51 WHERE position = -1"""

CLOSE_UP = """
    DELETE FROM entries WHERE position = 50;
    UPDATE entries SET position = position - 1 WHERE position > 50"""
SLIP_IN = """
    INSERT INTO entries SELECT 0, 98, 0, name, schema, at, service, operator, body, previous, hash
    FROM entries WHERE position = 50"""

KINDS = {
    "the body": ("UPDATE entries SET body = body || ' ' WHERE position = 50", 50),
    "when": ("UPDATE entries SET at = at + 1 WHERE position = 50", 50),
    "who": ("UPDATE entries SET operator = 'eve' WHERE position = 50", 50),
    "which service": ("UPDATE entries SET service = 'other' WHERE position = 50", 50),
    "the name": ("UPDATE entries SET name = 'step.reverted' WHERE position = 50", 50),
    "the schema": ("UPDATE entries SET schema = 0 WHERE position = 50", 50),
    "the place": ("UPDATE entries SET operation = 99 WHERE position = 50", 50),
    "its hash": ("UPDATE entries SET hash = upper(hash) WHERE position = 50", 50),
    "its link": ("UPDATE entries SET previous = hash WHERE position = 50", 50),
    "two swapped": (SWAP, 50),
    "one gone": ("DELETE FROM entries WHERE position = 50", 50),
    "the first gone": ("DELETE FROM entries WHERE position = 1", 1),
    "one gone, the rest moved up": (CLOSE_UP, 50),
    "one slipped in": (SLIP_IN, 1),
    "all gone": ("DELETE FROM entries", 1),
}


@pytest.mark.parametrize("kind", KINDS)
def test_tampering_is_named_by_the_first_entry_that_does_not_fit(copy: Path, kind: str) -> None:
    script, first = KINDS[kind]
    change(copy, script)
    journal = SqlJournal(copy)
    with pytest.raises(JournalDamagedError, match=f"entry {first} of the journal {copy} ") as told:
        journal.verify()
    journal.close()
    assert told.value.exit_status == 9
    assert told.value.hint


def test_the_script_that_tampers_is_itself_not_noticed(copy: Path) -> None:
    change(copy, "SELECT 1")
    journal = SqlJournal(copy)
    assert journal.verify().position == 191
    journal.close()


def test_an_entry_changed_together_with_its_hash_breaks_the_next(copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as connection:
        stored = Row(*connection.execute(schema.AT, (50,)).fetchone())
    forged = stored._replace(operator="eve")
    change(
        copy,
        f"UPDATE entries SET operator = 'eve', hash = '{chain.link(forged[:-1])}'"
        " WHERE position = 50",
    )
    journal = SqlJournal(copy)
    with pytest.raises(JournalDamagedError, match=r"entry 51 .* does not follow"):
        journal.verify()
    journal.close()


def test_a_tail_cut_off_shows_by_a_head_noted_elsewhere(copy: Path) -> None:
    journal = SqlJournal(copy)
    noted = Head.parse(str(journal.head()))
    journal.close()
    change(copy, "DELETE FROM entries WHERE position > 180")
    cut = SqlJournal(copy)
    assert cut.verify().position == 180  # the chain alone cannot tell
    with pytest.raises(JournalDamagedError, match=r"entry 181 .*191:.* was noted"):
        cut.verify([noted])
    cut.close()


@pytest.mark.parametrize(
    "script",
    [
        "DROP TRIGGER entries_never_change",
        """DROP TRIGGER entries_follow; CREATE TRIGGER entries_follow BEFORE INSERT ON entries
        WHEN 0 BEGIN SELECT 1; END""",
        """CREATE TRIGGER quiet BEFORE INSERT ON entries WHEN NEW.operator = 'eve'
        BEGIN SELECT RAISE(IGNORE); END""",
    ],
)
def test_a_guard_that_is_not_as_it_was_made_is_named(copy: Path, script: str) -> None:
    with closing(sqlite3.connect(copy)) as connection:
        connection.executescript(script)
    journal = SqlJournal(copy)
    with pytest.raises(JournalDamagedError, match="its guard"):
        journal.verify()
    journal.close()


def test_an_index_that_does_not_fit_its_table_is_named(copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as connection:
        connection.executescript("""
            PRAGMA writable_schema = ON;
            UPDATE sqlite_master SET sql = replace(sql, 'position', 'at')
            WHERE name = 'entries_by_name';
        """)
    journal = SqlJournal(copy)
    why = f"{copy} cannot be read as a journal: .* index entries_by_name"
    with pytest.raises(JournalDamagedError, match=why):
        journal.verify()
    journal.close()


def test_a_table_without_entries_has_no_head_and_is_damaged(copy: Path) -> None:
    change(copy, "DELETE FROM entries")
    journal = SqlJournal(copy)
    assert journal.head() == chain.START
    with pytest.raises(JournalDamagedError) as told:
        journal.verify()
    assert told.value.message == f"entry 1 of the journal {copy} does not fit: it is missing"
    journal.close()


def test_a_table_without_entries_has_no_identity(copy: Path) -> None:
    change(copy, "DELETE FROM entries")
    journal = SqlJournal(copy)
    with pytest.raises(JournalDamagedError) as told:
        _ = journal.id
    why = "it is not journal.created"
    assert told.value.message == f"entry 1 of the journal {copy} does not fit: {why}"
    journal.close()


def test_what_was_changed_is_not_believed_when_read_either(copy: Path) -> None:
    change(copy, KINDS["who"][0])
    journal = SqlJournal(copy)
    with pytest.raises(JournalDamagedError, match="entry 50 "):
        list(journal.entries())
    journal.close()


def said(question: Callable[[], object], path: Path) -> object:
    """The answer, or the error of ours; any other error fails the test that asks."""
    try:
        return question()
    except JournalError as error:
        told = error
    assert told.exit_status == 9
    assert str(path) in told.message
    assert told.hint
    return told


def asked(path: Path) -> tuple[object, bool]:
    """The entries, or why they cannot be read, and whether verify found the journal whole."""
    journal = SqlJournal(path)
    questions: list[Callable[[], object]] = [
        journal.head,
        lambda: journal.id,
        lambda: list(journal.latest()),
        lambda: list(journal.entries(service="web", names=("step.done",))),
        lambda: list(journal.entries(operation=3)),
        journal.last_operation,
    ]
    for question in questions:
        said(question, path)
    entries = said(lambda: list(journal.entries()), path)
    well = not isinstance(said(journal.verify, path), JournalError)
    said(lambda: journal.open_operation((PLANNED,), STAMP), path)
    journal.close()
    return entries, well


@pytest.mark.parametrize("part", range(0, 100, 5))
def test_a_truncated_journal_is_damaged(copy: Path, whole: Path, part: int) -> None:
    size = whole.stat().st_size
    with copy.open("r+b") as file:
        file.truncate(size * part // 100)
    entries, well = asked(copy)
    assert not well
    assert isinstance(entries, JournalDamagedError)


@pytest.mark.parametrize("seed", range(150))
def test_flipped_bits_are_found_or_change_nothing(copy: Path, whole: Path, seed: int) -> None:
    # The seed names the case; nothing here is a secret.
    chance = random.Random(seed)
    data = bytearray(copy.read_bytes())
    for _ in range(chance.choice((1, 1, 8))):
        limit = 4096 if seed % 3 == 0 else len(data)  # the header and the table's root, too
        data[chance.randrange(limit)] ^= 1 << chance.randrange(8)
    copy.write_bytes(data)
    entries, well = asked(copy)
    journal = SqlJournal(whole)
    if isinstance(entries, list):
        assert entries == list(journal.entries())[: len(entries)]
    if well:
        assert entries == list(journal.entries())
    journal.close()


@pytest.mark.parametrize("seed", range(30))
def test_a_page_of_noise_is_found_or_changes_nothing(copy: Path, whole: Path, seed: int) -> None:
    chance = random.Random(1000 + seed)
    data = bytearray(copy.read_bytes())
    page = chance.randrange(len(data) // 4096)
    data[page * 4096 : page * 4096 + 4096] = chance.randbytes(4096)
    copy.write_bytes(data)
    entries, well = asked(copy)
    journal = SqlJournal(whole)
    if well:
        assert entries == list(journal.entries())
    journal.close()


@pytest.mark.parametrize("seed", range(40))
def test_a_torn_end_of_the_wal_loses_no_entry_before_it(tmp_path: Path, seed: int) -> None:
    path, chance = tmp_path / "live.db", random.Random(seed)
    journal = SqlJournal(path)
    number = journal.open_operation((PLANNED,), STAMP)
    for index in range(10):
        journal.append(number, index + 1, (StepStarted(index),), STAMP)
    wal = path.with_name("live.db-wal")
    before = wal.stat().st_size
    journal.append(number, 11, (StepStarted(10), StepDone(10)), STAMP)
    crashed = tmp_path / "crashed.db"  # what the disk would hold after a power cut
    shutil.copy(path, crashed)
    written = bytearray(wal.read_bytes())
    journal.close()
    torn = chance.randrange(before, len(written))
    match seed % 3:
        case 0:
            del written[torn:]
        case 1:
            written[torn:] = bytes(len(written) - torn)
        case _:
            written[torn:] = chance.randbytes(len(written) - torn)
    crashed.with_name("crashed.db-wal").write_bytes(written)
    after = SqlJournal(crashed)
    stored = list(after.entries(operation=number))
    assert [e.seq for e in stored] in (list(range(11)), list(range(13)))  # whole commits only
    assert after.append(number, len(stored), (StepStarted(99),), STAMP) == len(stored) + 1
    assert after.verify().position == len(stored) + 2
    after.close()
