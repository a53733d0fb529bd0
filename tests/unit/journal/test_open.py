"""What people may give to `--journal`."""

import os
from pathlib import Path

import pytest

from occ.errors import UsageMistakeError
from occ.journal.open import open_journal


@pytest.mark.parametrize("form", ["{}", "sqlite:///{}", "sqlite+pysqlite:///{}"])
def test_a_path_and_an_sqlite_url_name_the_same(tmp_path: Path, form: str) -> None:
    path = tmp_path / "journal.db"
    assert open_journal(form.format(path)).address == str(path)
    assert list(tmp_path.iterdir()) == []


def test_a_relative_path_starts_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/ada")
    here = os.fspath(tmp_path)
    assert open_journal("j.db").address == f"{here}/j.db"
    assert open_journal("sqlite:///j.db").address == f"{here}/j.db"
    assert open_journal("~/j.db").address == "/home/ada/j.db"


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("postgresql://ada:hunter2@db.example/occ", "postgresql://db.example/occ"),
        ("postgresql+psycopg://db/occ?password=hunter2", r"postgresql\+psycopg://db/occ"),
        ("mysql://ada:hunter2@/occ", "mysql:///occ"),
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("sqlite:///file:x?mode=ro&uri=true&password=hunter2", "needs a file"),
        ("nonsense://ada:hunter2@[", "nonsense://"),
        ("", "no path"),
        ("a\0b", "no path"),
    ],
)
def test_what_cannot_keep_a_journal_is_named_without_its_password(address: str, named: str) -> None:
    with pytest.raises(UsageMistakeError, match=named) as told:
        open_journal(address)
    assert "hunter2" not in f"{told.value.message} {told.value.hint}"
    assert told.value.exit_status == 2
    assert told.value.hint
