"""Every main screen on a real terminal, narrow, usual and wide, read by a person first."""

import pytest

from tests.cli.conftest import Golden
from tests.cli.crowded import Crowded
from tests.screen import screen

COLUMNS = (40, 80, 200)
SCREENS = {
    "help": ("--help",),
    "help-update": ("update", "--help"),
    "status": ("status", "--service", "web"),
    "status-failed": ("status", "--service", "数据库-database"),
    "status-all": ("status",),
    "history": ("history",),
    "versions": ("versions", "--service", "web"),
    "show": ("show", "3"),
    "show-full": ("show", "3", "--full"),
    "plan": ("update", "--plan", "--service", "web"),
    "doctor": ("doctor",),
    "check": ("check", "--service", "web"),
    "config-show": ("config", "show", "--service", "web"),
    "config-diff": ("config", "diff", "--service", "web"),
    "snapshot-list": ("snapshot", "list", "--service", "web"),
    "snapshot-show": ("snapshot", "show", "2", "--service", "web"),
    "data-list": ("data", "list", "--service", "web"),
    "secret-list": ("secret", "list", "--service", "web"),
    "user-list": ("user", "list", "--service", "web"),
    "changes": ("changes", "--service", "web"),
    "journal-verify": ("journal", "verify"),
}


@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("name", SCREENS)
def test_a_screen(golden: Golden, name: str, columns: int) -> None:
    golden(f"../screens/{name}-{columns}", screen(SCREENS[name], columns, Crowded().open))
