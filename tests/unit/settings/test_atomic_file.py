"""Files written anew: whole, as they were read, and by one of occ's at a time."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from occ.errors import ConfigError
from occ.settings.toml.atomic_file import alone, rewrite
from occ.settings.toml.config_text import exchange
from tests.another_user import another_user

APPENDS = """
import sys
from pathlib import Path
from occ.settings.users_in_file import set_user
for n in range(20):
    set_user(Path(sys.argv[1]), sys.argv[2], f"u{n}", present=True)
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


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files for somebody else")
def test_what_root_writes_stays_whose_it_is(tmp_path: Path) -> None:
    theirs, new = tmp_path / "config.toml", tmp_path / "web.secrets"
    theirs.write_text("a\n")
    theirs.chmod(0o640)
    os.chown(theirs, 4321, 4322)
    os.chown(tmp_path, 4323, 4324)
    for file in (theirs, new, new):
        rewrite(file, "b\n")
    found = [(file.stat().st_uid, file.stat().st_gid) for file in (theirs, new)]
    assert found == [(4321, 4322), (4323, 4324)]
    assert (theirs.stat().st_mode & 0o777, new.stat().st_mode & 0o777) == (0o640, 0o600)


@pytest.mark.skipif(os.geteuid() != 0, reason="as above")
def test_what_cannot_be_given_back_keeps_its_group_at_least() -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "config.toml"
        file.write_text("a\n")
        file.chmod(0o664)
        os.chown(file, 4321, 4322)
        os.chown(folder, 4323, 4322)
        Path(folder).chmod(0o770)
        with another_user(4325, groups=[4322]):
            rewrite(file, "b\n")
        found = file.stat()
        assert (file.read_text(), found.st_uid, found.st_gid) == ("b\n", 4325, 4322)
        assert found.st_mode & 0o777 == 0o664


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="it cannot be written"), alone(tmp_path / "file" / "x"):
        pass
