"""A journal whose end was written anew, hashes and all: noted heads and reading tell."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from occ.errors import JournalDamagedError
from occ.journal import chain
from occ.journal.chain import Row
from occ.journal.sqlite.store import SqlJournal
from tests.unit.journal.test_damage import change


def written_anew(path: Path, first: int, **said: Any) -> None:
    """Change the entry at a position, and every hash from there on: the chain holds again."""
    with closing(sqlite3.connect(path)) as connection:
        rows = [Row(*row) for row in connection.execute("SELECT * FROM entries ORDER BY position")]
        previous, script = rows[first - 2].hash, []
        for row in rows[first - 1 :]:
            forged = row._replace(previous=previous, **(said if row.position == first else {}))
            previous = chain.link(forged[:-1])
            cells = (*forged[:-1], previous)
            script.append(f"INSERT INTO entries VALUES ({', '.join(map(_literal, cells))})")
    delete = f"DELETE FROM entries WHERE position >= {first}"
    change(path, ";".join((delete, *script)))


def _literal(cell: object) -> str:
    return str(cell) if isinstance(cell, int) else "'" + str(cell).replace("'", "''") + "'"


def test_a_tail_written_anew_shows_by_a_head_noted_elsewhere(copy: Path) -> None:
    journal = SqlJournal(copy)
    noted = journal.head()
    journal.close()
    written_anew(copy, 185, operator="eve")
    forged = SqlJournal(copy)
    assert forged.verify().position == 191  # the chain alone cannot tell
    with pytest.raises(JournalDamagedError, match=r"entry 191 .*was noted, so it was written anew"):
        forged.verify([noted])
    forged.close()


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("step.done", "{}"),
        ("step.done", '{"index":"one","result":{},"seen":false}'),
        ("step.done", "no JSON"),
        ("operation.planned", '{"kind":"dance"}'),
    ],
)
@pytest.mark.parametrize("position", [50, 191])
def test_an_entry_that_fits_its_hash_and_says_nothing_is_named(
    copy: Path, position: int, name: str, body: str
) -> None:
    written_anew(copy, position, name=name, body=body)
    journal = SqlJournal(copy)
    with pytest.raises(JournalDamagedError, match=f"entry {position} .* does not read as one"):
        journal.verify()
    journal.close()


def test_an_entry_of_a_newer_occ_is_no_damage_and_hides_none(copy: Path) -> None:
    written_anew(copy, 50, name="step.danced")
    journal = SqlJournal(copy)
    assert journal.verify().position == 191
    journal.close()
    change(copy, "UPDATE entries SET at = at + 1 WHERE position = 100")
    journal = SqlJournal(copy)
    with pytest.raises(JournalDamagedError, match="entry 100 "):
        journal.verify()
    journal.close()
