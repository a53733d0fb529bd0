"""Files written anew: whole, as they were read, and by one of occ's at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from occ.errors import ConfigError
from occ.settings.rewrite import alone, exchange, rewrite

APPENDS = """
import sys
from pathlib import Path
from occ.settings.people import declare
for n in range(20):
    declare(Path(sys.argv[1]), sys.argv[2], f"u{n}", present=True)
"""
TWO = '[services.web]\nimage = "a"\n\n[services.db]\nimage = "b"\n'


def test_what_was_changed_meanwhile_is_left(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    rewrite(file, "theirs\n")
    with pytest.raises(ConfigError, match="was changed by somebody else meanwhile"):
        exchange(file, "mine before\n", "mine\n")
    assert file.read_text() == "theirs\n"
    exchange(file, "theirs\n", "mine\n")
    assert file.read_text() == "mine\n"


def test_one_that_is_not_there_is_as_if_empty(tmp_path: Path) -> None:
    file = tmp_path / "new" / "config.toml"
    exchange(file, "", "mine\n")
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("mine\n", 0o600)
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert [there.name for there in file.parent.iterdir()] == ["config.toml"]


def test_two_at_once_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(TWO)
    words = [sys.executable, "-c", APPENDS, str(file)]
    both = [subprocess.Popen([*words, service]) for service in ("web", "db")]
    assert [one.wait(60) for one in both] == [0, 0]
    assert file.read_text().count('"u19"') == 2
    assert file.read_text().count('"u0"') == 2


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="it cannot be written"), alone(tmp_path / "file" / "x"):
        pass
