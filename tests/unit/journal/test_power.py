"""The power goes at any moment: what was reported is there, nothing is half there."""

import random
import shutil
from pathlib import Path

import pytest

from occ.errors import JournalError
from tests.testbed import machine
from tests.unit.journal.cuts import cut_everywhere
from tests.unit.journal.power import Call, Disk, traced

needs_strace = pytest.mark.skipif(
    machine.reason_to_skip() is not None and shutil.which("strace") is None, reason="needs strace"
)


@needs_strace
def test_the_power_goes_after_every_call(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    calls = traced(folder / "journal.db", (3, 2))
    counted = cut_everywhere(calls, folder / "journal.db", seed=1, draws=1)
    assert counted["different disks opened"] > 60
    assert counted["entries reported as done and found there"] > 100
    assert counted["disks with entries that were not reported yet"] > 0


@needs_strace
def test_a_writer_that_syncs_nothing_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    calls = traced(folder / "journal.db", (3,))
    careless = [call for call in calls if call.name != "sync" or call.path == str(folder)]
    with pytest.raises((AssertionError, JournalError)):
        cut_everywhere(careless, folder / "journal.db", seed=1, draws=1)


def test_what_was_not_synced_may_be_gone(tmp_path: Path) -> None:
    disk, chance = Disk("/d"), random.Random(1)
    for call in (
        Call("create", "/d/f"),
        Call("sync", "/d"),
        Call("pwrite", "/d/f", b"one"),
        Call("sync", "/d/f"),
        Call("pwrite", "/d/f", b"two", 3),
        Call("rename", "/d/f", b"/d/g"),
    ):
        assert disk.play(call)
    assert disk.cut(chance, "none") == {"f": b"one"}
    assert disk.cut(chance, "all") == {"g": b"onetwo"}
    some = [disk.cut(chance, "some") for _ in range(100)]
    whole = {(name, data) for files in some for name, data in files.items() if len(data) < 4096}
    assert whole == {(name, data) for name in "fg" for data in (b"one", b"onetwo")}
    noise = [data for files in some for data in files.values() if len(data) == 4096]
    assert noise
    assert not any(data.startswith(b"one") for data in noise)  # it takes its neighbours along
