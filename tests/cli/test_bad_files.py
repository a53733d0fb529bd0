"""A journal, a config, arguments that cannot be used: a real process, and nothing lost."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from occ.cli import COMMANDS
from occ.domain.events import OperationDone
from occ.journal.sqlite import schema
from occ.journal.sqlite.store import SqlJournal
from tests.box import Box, Done
from tests.unit.journal.samples import PLANNED, STAMP

ROOT = Path(__file__).parents[2]
READING = [("history",), ("show", "1"), ("versions",), ("journal", "verify")]
CHANGING = [("update", "--yes"), ("stop", "--yes"), ("resume",)]


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """A box with one operation in its journal, and no engine."""
    box = Box(tmp_path, f"unix://{tmp_path}/no.sock")
    box.configure("example.test/web:1", 3000)
    journal = SqlJournal(tmp_path / "journal.db")
    journal.open_operation((PLANNED, OperationDone()), STAMP)
    journal.close()
    return box


def refused(done: Done, status: int) -> str:
    """A refusal as it should be: a sentence, a next command that exists, no traceback."""
    assert done.status == status, done.err
    assert "Traceback" not in done.err
    assert "this is a bug" not in done.err
    assert done.err.count("error: ") == 1
    for verb in re.findall(r"(?:try|then): occ (?:--\S+ \S+ )*([a-z]+)", done.err):
        assert verb in COMMANDS, verb
    return done.err


@pytest.mark.parametrize("words", [*READING, *CHANGING], ids=" ".join)
@pytest.mark.parametrize("kind", ["noise", "empty of sense", "cut short", "another database"])
def test_a_journal_that_is_none_is_named_and_left_as_it_is(
    box: Box, kind: str, words: tuple[str, ...]
) -> None:
    path = box.folder / "journal.db"
    if kind == "noise":
        path.write_bytes(os.urandom(8192))
    elif kind == "empty of sense":
        path.write_text("this is no journal\n" * 500)
    elif kind == "cut short":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    else:
        path.unlink()
        with closing(sqlite3.connect(path)) as other:
            other.execute("CREATE TABLE somebody_else (x)")
            other.commit()
    before = path.read_bytes()
    said = refused(box.occ(*words), 9)
    assert str(path) in said
    assert path.read_bytes() == before


@pytest.mark.parametrize("words", [*READING, *CHANGING], ids=" ".join)
def test_a_journal_with_a_newer_schema_is_refused_by_all(box: Box, words: tuple[str, ...]) -> None:
    path = box.folder / "journal.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = path.read_bytes()
    assert "newer" in refused(box.occ(*words), 9)
    assert path.read_bytes() == before


def test_what_was_tampered_with_is_found_and_its_place_told(box: Box) -> None:
    path = box.folder / "journal.db"
    data = path.read_bytes()
    assert data.count(b"CVE-2026-1") == 1
    path.write_bytes(data.replace(b"CVE-2026-1", b"CVE-2026-2"))
    assert "entry 2" in refused(box.occ("journal", "verify"), 9)
    assert "entry 2" in refused(box.occ("show", "1"), 9)


def test_verify_without_an_engine_says_that_no_head_was_compared(box: Box) -> None:
    told = box.well("journal", "verify", "-o", "json").result()
    assert (told["entries"], told["noted"]) == (3, None)
    assert "no engine answers, so no head" in box.well("journal", "verify").out


def test_a_head_that_was_noted_shows_a_tail_that_was_cut_off(box: Box) -> None:
    noted = box.well("journal", "head").out.strip()
    assert box.well("journal", "head", "-o", "json").result()["position"] == 3
    for head in (noted, noted[:18], noted.upper()):
        assert "the given head is in it" in box.well("journal", "verify", "--head", head).out
    for text in ("3", "3:", "x:ab", "0:" + "0" * 64, noted[:10], f"{noted}0", "3:" + "g" * 64):
        said = refused(box.occ("journal", "verify", "--head", text), 2)
        assert "is no head of a journal" in said
        assert "occ journal head" in said
    refused(box.occ("journal", "verify", "--head", ""), 2)
    with closing(sqlite3.connect(box.folder / "journal.db")) as connection:
        cut = "DROP TRIGGER entries_never_go; DELETE FROM entries WHERE position > 2"
        connection.executescript(f"{cut}; {schema.GUARDS['entries_never_go']};")
    box.well("journal", "verify")  # the chain alone cannot tell
    said = refused(box.occ("journal", "verify", "--head", noted), 9)
    assert f"entry 3 of the journal {box.folder}/journal.db does not fit: {noted[:18]}" in said


def test_a_journal_that_is_not_there_has_no_head(box: Box) -> None:
    (box.folder / "journal.db").unlink()
    assert "there is no journal" in refused(box.occ("journal", "head"), 3)
    assert box.well("journal", "verify").status == 0
    refused(box.occ("journal", "verify", "--head", "3:" + "a" * 64), 9)


def test_a_folder_in_the_place_of_the_journal(box: Box) -> None:
    path = box.folder / "journal.db"
    path.unlink()
    path.mkdir()
    for words in (*READING, *CHANGING):
        assert str(path) in refused(box.occ(*words), 9)


def test_a_config_that_is_missing_or_unusable_is_named(box: Box) -> None:
    path = box.folder / "config.toml"
    for content, told in (
        (None, "no such file"),
        (b"[services.web\n", "not TOML"),
        (b"a = '\xff'\n", "not UTF-8"),
        (b"[services.web]\n", "image is missing"),
    ):
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)
        said = refused(box.occ("status"), 2)
        assert told in said
        assert str(path) in said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_config_that_may_not_be_read(box: Box) -> None:
    path = box.folder / "config.toml"
    path.chmod(0o600)
    script = (
        "from occ.cli import run\nfrom tests.another_user import another_user\n"
        "with another_user():\n    status = run(['status'])\nraise SystemExit(status)"
    )
    place = Path(tempfile.mkdtemp())  # everybody may look here, and not into pytest's own folder
    place.chmod(0o755)
    shutil.copy2(path, place)
    try:
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={**box.environ, "OCC_CONFIG": str(place / "config.toml")},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        shutil.rmtree(place)
    said = refused(Done(done.returncode, done.stdout, done.stderr), 2)
    assert "you may not read it" in said


@pytest.mark.parametrize(
    "words", [["update", "--yes", "--reason", "caf\udce9"], ["history", "--actor", "\udcff"]]
)
def test_arguments_that_are_not_utf_8_do_no_harm(box: Box, words: list[str]) -> None:
    assert "is not UTF-8" in refused(box.occ(*words), 2)
    assert len(box.well("history", "--all", "-o", "json").result()) == 1


def test_no_home_at_all(box: Box, tmp_path: Path) -> None:
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    done = subprocess.run(
        box.command("history"), env=bare, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    # The table of users tells where home is.
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)


@pytest.mark.parametrize("words", [["stop"], ["update"], ["rollback"], ["repair"]])
def test_nobody_to_ask_is_a_refusal_and_no_wait(box: Box, words: list[str]) -> None:
    command = " ".join([*box.command(*words), "<&-"])
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        env=box.environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode in {4, 5}  # no engine answers here: that may be found first
    assert "Traceback" not in done.stderr


def test_a_reader_that_leaves_early(box: Box) -> None:
    command = f"{' '.join(box.command('history', '--all'))} | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["/bin/bash", "-c", command], env=box.environ, capture_output=True, text=True, check=False
    )
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
    assert done.returncode in {0, 141}
