"""Full, read-only and forbidden places. Those that need root and Linux are real mounts."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from occ.domain.step_events import StepDone, StepStarted
from occ.errors import JournalError, JournalUnwritableError
from occ.journal.sqlite import migrate
from occ.journal.sqlite.store import SqlJournal
from tests.another_user import another_user
from tests.testbed import machine
from tests.unit.journal.samples import PLANNED, STAMP

needs_root = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="mounts file systems"
)


@pytest.fixture
def small() -> Iterator[Path]:
    """A file system of four megabytes, in a place that every user can reach."""
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)], check=True)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)
    place.rmdir()


def remount(place: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(place)], check=True)


def fill(place: Path) -> Path:
    """Leave not a byte."""
    file = place / "filler"
    with file.open("wb", buffering=0) as filler:
        try:
            while filler.write(bytes(4096)):
                pass
        except OSError:
            return file
    raise AssertionError


def until_refused(journal: SqlJournal, number: int, seq: int) -> tuple[int, JournalError]:
    """Append until there is no room; the WAL may have some left. The next seq, and the error."""
    for _ in range(5000):
        try:
            seq = journal.append(number, seq, (StepStarted(0), StepDone(0)), STAMP)
        except JournalUnwritableError as error:
            return seq, error
    raise AssertionError


@needs_root
def test_a_full_disk_takes_nothing_and_loses_nothing(small: Path) -> None:
    journal = SqlJournal(small / "journal.db")
    number = journal.open_operation((PLANNED,), STAMP)
    filler = fill(small)
    seq, told = until_refused(journal, number, 1)
    assert "no room" in told.message
    assert str(small / "journal.db") in told.message
    with pytest.raises(JournalUnwritableError, match="no room for 1 MiB"):
        journal.reserve()
    assert not (small / "journal.db.reserve").exists()
    assert [e.seq for e in journal.entries(operation=number)] == list(range(seq))
    filler.unlink()
    assert journal.append(number, seq, (StepStarted(0),), STAMP) == seq + 1
    assert journal.verify().position == seq + 2
    journal.close()


@needs_root
def test_a_disk_that_was_full_before_is_said_to_be(small: Path) -> None:
    journal = SqlJournal(small / "journal.db")
    number = journal.open_operation((PLANNED,), STAMP)
    journal.close()
    fill(small)
    journal = SqlJournal(small / "journal.db")
    with pytest.raises(JournalUnwritableError, match="there is no room left"):
        journal.append(number, 1, (StepStarted(0),), STAMP)
    journal.close()


@needs_root
def test_the_reserve_is_room_that_a_full_disk_still_has(small: Path) -> None:
    journal = SqlJournal(small / "journal.db")
    number = journal.open_operation((PLANNED,), STAMP)
    journal.reserve()
    fill(small)
    seq, _ = until_refused(journal, number, 1)
    journal.release()
    for _ in range(40):  # no way back has as many steps; each append is about 21 KB of the WAL
        seq = journal.append(number, seq, (StepStarted(0), StepDone(0)), STAMP)
    journal.verify()
    journal.close()


@needs_root
def test_a_journal_is_not_half_made_on_a_full_disk(small: Path) -> None:
    filler = fill(small)
    path = small / "data" / "journal.db"
    journal = SqlJournal(path)
    for _ in range(2):
        with pytest.raises(JournalUnwritableError):
            journal.open_operation((PLANNED,), STAMP)
        assert not path.exists()
    filler.unlink()
    assert journal.open_operation((PLANNED,), STAMP) == 1
    journal.close()


@needs_root
def test_a_journal_on_read_only_media_reads_and_takes_nothing(small: Path) -> None:
    path = small / "journal.db"
    journal = SqlJournal(path)
    number = journal.open_operation((PLANNED,), STAMP)
    journal.close()
    remount(small, "ro")
    assert len(list(journal.entries())) == 2
    assert [e.operation for e in journal.latest()] == [1]
    assert journal.verify().position == 2
    with pytest.raises(JournalUnwritableError, match=r"Read-only|read-only"):
        journal.append(number, 1, (StepStarted(0),), STAMP)
    with pytest.raises(JournalUnwritableError, match=r"Read-only|read-only"):
        journal.reserve()
    journal.release()
    journal.close()
    remount(small, "rw")
    assert journal.append(number, 1, (StepStarted(0),), STAMP) == 2
    journal.close()


@needs_root
@pytest.mark.skipif(
    not (Path("/dev/loop-control").exists() and Path("/sys/fs/ext4/features").exists()),
    reason="no loop devices, or no ext4",
)
def test_a_disk_that_becomes_read_only_under_a_writer(tmp_path: Path) -> None:
    """An ext4 that meets an error is turned read-only by the kernel, whatever is open on it."""
    disk, place = tmp_path / "ext4.img", tmp_path / "mounted"
    disk.write_bytes(bytes(16 << 20))
    place.mkdir()
    machine.prepare(machine.EXT4)
    machine.run(["mkfs.ext4", "-q", str(disk)])
    options = "loop,errors=remount-ro"
    subprocess.run(["mount", "-o", options, str(disk), str(place)], check=True)
    try:
        journal = SqlJournal(place / "journal.db")
        number = journal.open_operation((PLANNED,), STAMP)
        device = subprocess.check_output(["findmnt", "-no", "SOURCE", str(place)], text=True)
        (Path("/sys/fs/ext4") / Path(device.strip()).name / "trigger_fs_error").write_text("test")
        with pytest.raises(JournalUnwritableError, match=r"cannot be written"):
            journal.append(number, 1, (StepStarted(0),), STAMP)
        with pytest.raises(JournalUnwritableError):
            journal.reserve()
        journal.close()
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
    # A copy, because somebody else's mount namespace may still hold the disk that was mounted.
    mended = shutil.copy(disk, tmp_path / "mended.img")
    subprocess.run(["fsck.ext4", "-fy", str(mended)], check=False, capture_output=True)
    subprocess.run(["mount", "-o", options, str(mended), str(place)], check=True)
    try:
        assert journal.append(number, 1, (StepStarted(0),), STAMP) == 2
        assert journal.verify().position == 3
        journal.close()
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@needs_root
def test_read_only_media_whose_journal_changed_meanwhile(small: Path) -> None:
    path = small / "journal.db"
    journal = SqlJournal(path)
    number = journal.open_operation((PLANNED,), STAMP)
    journal.close()
    remount(small, "ro")
    assert journal.head().position == 2
    remount(small, "rw")
    other = SqlJournal(path)
    other.append(number, 1, (StepStarted(0),), STAMP)
    other.close()
    remount(small, "ro")
    with pytest.raises(JournalError, match="changed while it was read"):
        journal.head()
    journal.close()
    assert journal.head().position == 3
    journal.close()


@needs_root
def test_another_user_may_neither_read_nor_write_it(small: Path) -> None:
    path = small / "data" / "journal.db"
    owner = SqlJournal(path)
    owner.open_operation((PLANNED,), STAMP)
    owner.close()
    scripts = migrate.scripts()  # they come with occ
    with another_user():
        journal = SqlJournal(path, scripts)
        with pytest.raises(JournalError, match=r"cannot be read.*ermission"):
            list(journal.entries())
        with pytest.raises(JournalError, match=r"cannot be read.*ermission"):
            journal.open_operation((PLANNED,), STAMP)
        with pytest.raises(JournalUnwritableError):
            journal.reserve()
        journal.close()


@needs_root
def test_a_folder_that_may_not_be_written_is_read(small: Path) -> None:
    path = small / "journal.db"
    owner = SqlJournal(path)
    owner.open_operation((PLANNED,), STAMP)
    owner.close()
    for file in (small, path):
        file.chmod(0o755)
    before = sorted(file.name for file in small.iterdir())
    scripts = migrate.scripts()
    with another_user():
        journal = SqlJournal(path, scripts)
        assert len(list(journal.entries())) == 2
        journal.verify()
        with pytest.raises(JournalUnwritableError, match="ermission"):
            journal.append(1, 1, (StepStarted(0),), STAMP)
        journal.close()
    assert sorted(file.name for file in small.iterdir()) == before
