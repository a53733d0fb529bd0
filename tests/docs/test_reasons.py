"""The page of reasons names a test for each that this part of occ brings about."""

import re
from pathlib import Path

from occ.domain.reasons import REASONS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "unattended.md").read_text("utf-8")
# Filled in by auto.
ELSEWHERE = {"dependency_failed", "not_scheduled", "outside_window", "auto_off"}


def test_every_reason_is_brought_about_by_a_test() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (?:hard|soft|auto) \|.*\| ([^|]+) \|$", PAGE, re.MULTILINE)
    assert [name for name, _ in rows] == [*REASONS]
    lacking = {name for name, test in rows if test == "none yet"}
    assert lacking <= ELSEWHERE
    assert len(rows) - len(lacking) >= 16
