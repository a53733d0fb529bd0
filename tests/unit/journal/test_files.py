"""Files of ours: whose they are, and that they are nobody else's."""

import os
import stat
from pathlib import Path

import pytest

from occ.journal.sqlite.files import open_private

SOMEBODY = 12_345


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files for somebody else")
def test_what_root_makes_in_somebodys_folder_is_theirs(tmp_path: Path) -> None:
    os.chown(tmp_path, SOMEBODY, SOMEBODY)
    lock = tmp_path / "journal.db.web.lock"
    os.close(open_private(lock, os.O_RDWR))
    found = lock.stat()
    assert (found.st_uid, found.st_gid) == (SOMEBODY, SOMEBODY)
    assert stat.S_IMODE(found.st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="as above")
def test_what_was_there_stays_whose_it_was(tmp_path: Path) -> None:
    """It may be another name of a file that is none of ours."""
    lock = tmp_path / "lock"
    lock.touch()
    os.chown(tmp_path, SOMEBODY, SOMEBODY)
    os.close(open_private(lock, os.O_RDWR))
    assert lock.stat().st_uid == 0


def test_a_link_is_not_followed_and_what_must_be_new_is_refused_where_it_is_not(
    tmp_path: Path,
) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="link"):
        open_private(tmp_path / "link", os.O_RDWR)
    assert not (tmp_path / "elsewhere").exists()
    (tmp_path / "there").touch()
    with pytest.raises(FileExistsError):
        open_private(tmp_path / "there", os.O_WRONLY | os.O_EXCL)
