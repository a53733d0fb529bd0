"""Doctor where there is nothing to look at: a real process, no engine."""

from pathlib import Path
from typing import Any

from tests.box import Box


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
