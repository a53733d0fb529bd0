"""Where a journal may not be kept: told from a table of mounts."""

from pathlib import Path

import pytest

from occ.errors import JournalUnwritableError
from occ.journal.sqlite.lock import ServiceLock
from occ.journal.sqlite.place import network_type
from occ.journal.sqlite.store import SqlJournal
from tests.unit.journal.samples import PLANNED, STAMP

TABLE = r"""
sysfs /sys sysfs rw,nosuid 0 0
/dev/sda1 / ext4 rw,relatime 0 0
server:/home /home nfs4 rw,vers=4.2 0 0
server:/old /old nfs rw 0 0
//server/share /mnt/share cifs rw 0 0
//server/share /mnt/share\040of\040us smb3 rw 0 0
C:\134 /mnt/c 9p rw 0 0
ann@server: /home/ann/far fuse.sshfs rw 0 0
/dev/sdb1 /home/local xfs rw 0 0
portal /run/user/1000/doc fuse.portal rw 0 0
server:/data /data nfs rw 0 0
/dev/sdc1 /data btrfs rw 0 0
share /vm virtiofs rw 0 0
short
"""


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    table = tmp_path / "mounts"
    table.write_text(TABLE)
    return table


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/occ/journal.db", ""),
        ("/home/ann/journal.db", "nfs4"),
        ("/home", "nfs4"),
        ("/homes/ann/journal.db", ""),
        ("/old/a/b/c/not/there/yet.db", "nfs"),
        ("/mnt/share/journal.db", "cifs"),
        ("/mnt/share of us/journal.db", "smb3"),
        ("/mnt/shared/journal.db", ""),
        ("/mnt/c/Users/ann/journal.db", "9p"),
        ("/home/ann/far/journal.db", "fuse.sshfs"),
        ("/home/local/journal.db", ""),
        ("/run/user/1000/doc/journal.db", ""),
        ("/data/journal.db", ""),  # the last one mounted there
        ("/vm/journal.db", ""),
    ],
)
def test_a_path_is_where_its_longest_mount_says(mounts: Path, path: str, kind: str) -> None:
    assert network_type(Path(path), mounts) == kind


def test_without_a_table_nothing_is_known(tmp_path: Path) -> None:
    assert network_type(tmp_path, tmp_path / "none") == ""


def table_for(folder: Path, kind: str) -> Path:
    table = folder / "mounts"
    table.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/x {folder} {kind} rw 0 0\n")
    return table


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs"])
def test_a_journal_is_not_made_there_nor_written(tmp_path: Path, kind: str) -> None:
    mounts, path = table_for(tmp_path, kind), tmp_path / "data" / "journal.db"
    journal = SqlJournal(path, mounts=mounts)
    with pytest.raises(JournalUnwritableError, match=rf"network file system \({kind}\)") as told:
        journal.open_operation((PLANNED,), STAMP)
    assert str(path) in told.value.message
    assert "--journal" in told.value.hint
    assert not path.parent.exists()
    elsewhere = SqlJournal(path)
    number = elsewhere.open_operation((PLANNED,), STAMP)
    elsewhere.close()
    with pytest.raises(JournalUnwritableError, match="network file system"):
        journal.append(number, 1, (PLANNED,), STAMP)
    assert [e.seq for e in journal.entries(operation=number)] == [0]  # reading is allowed
    with pytest.raises(JournalUnwritableError, match="network file system"):
        journal.append(number, 1, (PLANNED,), STAMP)
    assert journal.verify().position == 2
    journal.close()


def test_a_lock_is_not_taken_there(tmp_path: Path) -> None:
    lock = ServiceLock(tmp_path / "state" / "journal.db", "web", table_for(tmp_path, "nfs4"))
    with pytest.raises(JournalUnwritableError, match=r"the lock .*nfs4") as told:
        lock.acquire()
    assert "--journal" in told.value.hint
    assert not (tmp_path / "state").exists()
