"""The file of tracebacks beside the journal: its owner's alone, bounded, and never an error."""

import os
import stat
from pathlib import Path

import pytest

from occ.journal.open import open_journal
from occ.journal.port import Journal


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return open_journal(str(tmp_path / "journal.db"))


def test_it_is_its_owners_and_one_of_the_journals_files(journal: Journal, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        kept = Path(journal.keep_bug("first\n"))
    finally:
        os.umask(old)
    assert kept == tmp_path / "journal.db.bugs"
    assert kept in journal.files()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    kept.chmod(0o644)
    journal.keep_bug("second\n")
    assert kept.read_text() == "first\nsecond\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_the_last_64_kib_are_kept(journal: Journal) -> None:
    for number in range(5):
        kept = Path(journal.keep_bug(f"{number}" * 30_000))
    text = kept.read_text()
    assert len(text) == 65_536
    assert text.endswith("3" * 30_000 + "4" * 30_000)


@pytest.mark.parametrize("there", ["link", "folder", "fifo", "nowhere"])
def test_where_it_cannot_be_kept_no_file_is_named(
    journal: Journal, tmp_path: Path, there: str
) -> None:
    place = tmp_path / "journal.db.bugs"
    if there == "link":
        (tmp_path / "other").write_text("theirs")
        place.symlink_to(tmp_path / "other")
    elif there == "folder":
        place.mkdir()
    elif there == "fifo":
        os.mkfifo(place)
    else:
        journal = open_journal(str(tmp_path / "missing" / "journal.db"))
    assert journal.keep_bug("x\ud800\n") == ""
    if there == "link":
        assert (tmp_path / "other").read_text() == "theirs"
