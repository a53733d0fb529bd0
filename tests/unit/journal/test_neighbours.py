"""What the journal in a file has beside it: files, locks, and what doctor tells of the place."""

from pathlib import Path

import pytest

from occ.errors import BusyError, JournalUnwritableError
from occ.journal.sqlite.migrate import scripts
from occ.journal.sqlite.store import SqlJournal
from tests.unit.journal.samples import PLANNED, STAMP


def remote(folder: Path) -> SqlJournal:
    """A journal below a folder that the table of mounts calls a network file system."""
    table = folder / "mounts"
    table.write_text(f"server:/share {folder}/far nfs rw 0 0\n")
    (folder / "far").mkdir()
    return SqlJournal(folder / "far" / "journal.db", scripts(), table)


def test_its_files_are_named_its_own_first(tmp_path: Path) -> None:
    (tmp_path / "named.db").symlink_to(tmp_path / "journal.db")
    journal = SqlJournal(tmp_path / "named.db")
    journal.open_operation((PLANNED,), STAMP)
    with journal.lock("web"):
        names = [file.name for file in journal.files()]
    assert names[:2] == ["named.db", "journal.db"]
    ends = ("-wal", "-shm", "-journal", ".reserve", ".open", ".lock", ".web.lock")
    assert {f"journal.db{end}" for end in ends} <= set(names)
    journal.close()


def test_a_lock_is_for_one_service_and_one_way_of_working(tmp_path: Path) -> None:
    journal = SqlJournal(tmp_path / "journal.db")
    with journal.lock("web"), journal.lock("web", aside=True), journal.lock("db"):
        with pytest.raises(BusyError):
            journal.lock("web").acquire()
        with pytest.raises(BusyError):
            journal.lock("web", aside=True).acquire()


def test_on_a_network_file_system_nothing_is_locked_and_doctor_tells_it(tmp_path: Path) -> None:
    journal = remote(tmp_path)
    with pytest.raises(JournalUnwritableError, match="network file system"):
        journal.lock("web").acquire()
    codes = [finding.code for finding in journal.findings()]
    assert "journal_network" in codes


def test_a_journal_that_others_can_read_is_told(tmp_path: Path) -> None:
    journal = SqlJournal(tmp_path / "journal.db")
    journal.open_operation((PLANNED,), STAMP)
    assert "journal_readable" not in [finding.code for finding in journal.findings()]
    (tmp_path / "journal.db").chmod(0o644)
    assert "journal_readable" in [finding.code for finding in journal.findings()]
    journal.close()
