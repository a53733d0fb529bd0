"""Doctor where there is nothing to look at: a real process, no engine."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from occ.journal.sqlite.store import SqlJournal
from tests.box import Box
from tests.unit.journal.samples import PLANNED, STAMP


def findings(box: Box) -> list[dict[str, Any]]:
    done = box.well("doctor", "-o", "json", status=4)
    return [f for f in done.result() if f["code"] not in {"disk_low", "prune_timer", "sqlite"}]


def test_an_engine_that_is_not_there(tmp_path: Path) -> None:
    box = Box(tmp_path, f"unix://{tmp_path}/no.sock")
    box.configure("example.test/web:1", 3000)
    (finding,) = findings(box)
    assert finding["code"] == "engine_unreachable"
    assert "no.sock" in finding["says"]


def test_a_config_that_cannot_be_used(tmp_path: Path) -> None:
    box = Box(tmp_path, f"unix://{tmp_path}/no.sock")
    (tmp_path / "config.toml").write_text("[services.web]\nimge = 3\n")
    (finding,) = findings(box)
    assert (finding["code"], finding["service"]) == ("config", "")
    assert "services.web.imge" in finding["says"]


def test_a_journal_that_a_newer_occ_wrote(tmp_path: Path) -> None:
    box = Box(tmp_path, f"unix://{tmp_path}/no.sock")
    box.configure("example.test/web:1", 3000)
    with closing(SqlJournal(tmp_path / "journal.db")) as journal:
        journal.open_operation((PLANNED,), STAMP)
    with closing(sqlite3.connect(tmp_path / "journal.db")) as file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
        file.commit()
    assert [f["code"] for f in findings(box)] == ["journal_newer", "engine_unreachable"]
