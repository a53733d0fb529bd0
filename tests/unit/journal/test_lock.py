"""The lock of a service: one driver, never left behind."""

import fcntl
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from occ.errors import BusyError, JournalUnwritableError
from occ.journal.sqlite.lock import FileLock, ServiceLock

HOLDER = """
import sys, time
from pathlib import Path
from occ.journal.sqlite.lock import ServiceLock
lock = ServiceLock(Path(sys.argv[1]) / "journal.db", "web").acquire()
print("mine", flush=True)
time.sleep(60)
"""


def holder(folder: Path) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "mine\n"
    return process


def test_a_second_driver_is_refused_at_once(tmp_path: Path) -> None:
    with ServiceLock(tmp_path / "journal.db", "web"):
        began = time.monotonic()
        with pytest.raises(BusyError, match="at work on web") as told:
            ServiceLock(tmp_path / "journal.db", "web").acquire()
        assert time.monotonic() - began < 0.5
        assert told.value.exit_status == 8
        with ServiceLock(tmp_path / "journal.db", "other"):
            pass
    with ServiceLock(tmp_path / "journal.db", "web"):
        pass


def test_it_lies_beside_the_journal_itself_however_that_was_named(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "journal.db")
    (tmp_path / "folder").symlink_to(tmp_path)
    with ServiceLock(tmp_path / "link.db", "web"):
        for name in ("journal.db", "folder/journal.db", "folder/link.db"):
            with pytest.raises(BusyError):
                ServiceLock(tmp_path / name, "web").acquire()
    ServiceLock(tmp_path / "another.db", "web").acquire().release()


def test_it_dies_with_its_holder(tmp_path: Path) -> None:
    process = holder(tmp_path)
    with pytest.raises(BusyError):
        ServiceLock(tmp_path / "journal.db", "web").acquire()
    process.kill()
    process.communicate(timeout=10)
    ServiceLock(tmp_path / "journal.db", "web").acquire().release()
    assert (tmp_path / "journal.db.web.lock").exists()  # its file is never removed


def test_a_child_program_does_not_inherit_it(tmp_path: Path) -> None:
    lock = ServiceLock(tmp_path / "journal.db", "web").acquire()
    with subprocess.Popen(["sleep", "60"], close_fds=False) as child:
        lock.release()
        ServiceLock(tmp_path / "journal.db", "web").acquire().release()
        child.kill()


def test_acquired_before_entering_it_is_released_on_leaving(tmp_path: Path) -> None:
    lock = ServiceLock(tmp_path / "journal.db", "web").acquire()
    with lock, pytest.raises(BusyError):
        ServiceLock(tmp_path / "journal.db", "web").acquire()
    ServiceLock(tmp_path / "journal.db", "web").acquire().release()


def test_its_file_and_folders_are_private(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "occ"
    before = os.umask(0)
    try:
        ServiceLock(folder / "journal.db", "web").acquire().release()
    finally:
        os.umask(before)
    assert (folder / "journal.db.web.lock").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == folder.parent.stat().st_mode & 0o777 == 0o700


def test_a_removed_file_is_not_two_locks(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    first, second = FileLock(path), FileLock(path)
    assert first.take()
    path.unlink()
    assert second.take()
    # The first one's file is gone from the folder: asking again, it finds the second one's.
    assert not first.take()
    assert not first.take()
    second.release()
    assert first.take()
    first.release()


def test_what_cannot_be_locked_is_said_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        JournalUnwritableError, match=r"file/journal\.db\.web\.lock cannot be taken"
    ):
        ServiceLock(tmp_path / "file" / "journal.db", "web").acquire()
    (tmp_path / "journal.db.web.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(JournalUnwritableError, match=r"journal\.db\.web\.lock cannot be taken"):
        ServiceLock(tmp_path / "journal.db", "web").acquire()
    assert not (tmp_path / "elsewhere").exists()


def test_shared_and_alone(tmp_path: Path) -> None:
    one, other = (FileLock(tmp_path / "x.lock") for _ in range(2))
    assert one.take(shared=True)
    assert other.take(shared=True)
    assert not one.take()
    assert one.take(shared=True)
    other.release()
    assert one.take()
    assert not other.take(shared=True)
    one.release()


def test_a_fork_that_lets_go_leaves_it_to_the_parent(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "x.lock")
    assert lock.take()
    process = multiprocessing.get_context("fork").Process(target=lock.release)
    process.start()
    process.join(10)
    with (tmp_path / "x.lock").open() as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    lock.release()


def test_whether_it_is_taken_can_be_asked_without_taking_it(tmp_path: Path) -> None:
    asked = ServiceLock(tmp_path / "journal.db", "web")
    assert asked.taken() is False
    assert not asked.path.exists()
    process = holder(tmp_path)
    assert asked.taken() is True
    process.kill()
    process.communicate(timeout=10)
    assert asked.taken() is False
    ServiceLock(tmp_path / "journal.db", "web").acquire().release()
    asked.path.unlink()
    asked.path.symlink_to(tmp_path / "elsewhere")
    assert asked.taken() is None


def test_whoever_asks_at_that_instant_keeps_nobody_from_taking_it(tmp_path: Path) -> None:
    lock = ServiceLock(tmp_path / "journal.db", "web")
    lock.acquire().release()
    with lock.path.open() as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        threading.Timer(0.005, asking.close).start()
        lock.acquire().release()
