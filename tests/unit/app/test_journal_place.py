"""Where the journal lies, as doctor tells it."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from occ.app.doctor import machine
from occ.journal.sqlite.findings import place_findings

needs_root = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="mounts file systems"
)


@pytest.fixture
def small() -> Iterator[Path]:
    """A file system of four megabytes with a journal on it."""
    place = Path(tempfile.mkdtemp())
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)], check=True)
    (place / "journal.db").touch(mode=0o600)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)
    place.rmdir()


@needs_root
def test_a_disk_that_is_mounted_read_only_is_told_once_with_its_mount(small: Path) -> None:
    path = small / "journal.db"
    assert list(place_findings(path)) == []
    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
    (finding,) = place_findings(path)
    assert finding.code == "journal_unwritable"
    assert finding.fix == f"sudo mount -o remount,rw {small}"
    subprocess.run(finding.fix.removeprefix("sudo ").split(), check=True)
    assert list(place_findings(path)) == []


@needs_root
def test_the_disk_that_is_low_is_the_one_that_the_journal_is_on(small: Path) -> None:
    (finding,) = machine.room((small / "journal.db",), None)
    assert finding.code == "disk_low"
    assert finding.says.endswith(f"on the disk of the journal ({small})")


@needs_root
def test_a_disk_without_inodes_is_as_full_as_one_without_room() -> None:
    place = Path(tempfile.mkdtemp())
    size = "size=1g,nr_inodes=10"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(place)], check=True)
    try:
        assert list(machine.low(place, 1, "the journal", "du")) == []
        for number in range(9):
            (place / str(number)).touch()
        (finding,) = machine.low(place, 1, "the journal", "du")
        assert "0 inodes are free" in finding.says
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
        place.rmdir()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_somebody_else_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    (finding,) = place_findings(tmp_path / "journal.db")
    assert finding.fix == f"sudo chown $USER {tmp_path}"
    (finding,) = place_findings(tmp_path / "not" / "there" / "journal.db")
    assert finding.fix == f"sudo install -d -m 700 -o $USER {tmp_path}/not/there"
    tmp_path.chmod(0o700)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_lock_of_somebody_else_is_named(tmp_path: Path) -> None:
    lock = tmp_path / "journal.db.web.lock"
    lock.touch(mode=0o400)
    (finding,) = place_findings(tmp_path / "journal.db")
    assert finding.fix == f"sudo chown $USER {lock}"


def test_what_a_link_of_the_journal_leads_to_counts(tmp_path: Path) -> None:
    link = tmp_path / "journal.db"
    link.symlink_to(tmp_path / "elsewhere" / "journal.db")
    assert list(place_findings(link)) == []


def test_a_journal_that_others_can_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.touch(mode=0o600)
    assert list(place_findings(path)) == []
    path.chmod(0o640)
    assert [finding.code for finding in place_findings(path)] == ["journal_readable"]


def test_a_journal_on_a_network_file_system_is_told(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"server:/export {tmp_path} nfs4 rw 0 0\n")
    (finding,) = place_findings(tmp_path / "journal.db", mounts)
    assert finding.code == "journal_network"
    assert "(nfs4)" in finding.says
