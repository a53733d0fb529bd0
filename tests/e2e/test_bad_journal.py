"""The journal's disk is full, or its file is gone, in the middle of a real update."""

import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.box import Box, get, post, serves, until_said
from tests.host import advised, containers
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images

PATIENT = 'path = "/health"\ninterval = "100ms"\nmin_healthy = "3s"\ntimeout = "10s"\n'


@pytest.fixture
def small() -> Iterator[Path]:
    """A file system of eight megabytes."""
    place = Path(tempfile.mkdtemp())
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)], check=True)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)
    place.rmdir()


@pytest.fixture
def ready(
    private_engine: PrivateEngine, images: Images, run_name: str, small: Path, port: int
) -> Box:
    """1.0 serves, 2.0 is published, and the journal lies on the small disk."""
    box = Box(small, private_engine.url, service=run_name)
    ref = images.publish("good", "1.0", name=run_name).ref
    box.configure(ref, port, health=PATIENT)
    box.well("start", "--yes")
    post(port, "/marker", "precious")
    images.publish("good", "2.0", name=run_name)
    return box


class Filler:
    """Whoever takes every byte of a disk that becomes free, until told to go."""

    def __init__(self, place: Path) -> None:
        self._file = place / "filler"
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._fill, daemon=True)

    def take(self) -> None:
        """Begin, and return when there is no room left."""
        self._grab()
        self._thread.start()

    def give_back(self) -> None:
        """End, and leave the room to others."""
        self._gone.set()
        self._thread.join()
        self._file.unlink()

    def _fill(self) -> None:
        while not self._gone.wait(0.01):
            self._grab()

    def _grab(self) -> None:
        with self._file.open("ab", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:  # full
                return


def test_a_disk_that_is_full_before_the_update_costs_nothing(
    ready: Box, private_engine: PrivateEngine, port: int, small: Path
) -> None:
    filler = Filler(small)
    filler.take()
    failed = ready.well("update", "--yes", status=9)
    assert "cannot be written" in failed.err
    assert "make room" in failed.err
    assert "Traceback" not in failed.err
    assert serves(port) == "1.0"
    assert containers(private_engine, ready.service) == {ready.service: "running"}
    filler.give_back()
    ready.well("journal", "verify")
    ready.well("update", "--yes")
    assert serves(port) == "2.0"
    assert get(port, "/marker") == (200, "precious")


@pytest.mark.parametrize("moment", ["[3/7] Create", "[7/7] Prove it healthy"])
def test_a_disk_that_fills_in_mid_update_leaves_what_the_journal_says_serving(
    ready: Box, private_engine: PrivateEngine, port: int, small: Path, moment: str
) -> None:
    """What still fits into the journal's own pages is written; what does not, did not happen."""
    filler = Filler(small)
    process = ready.start("update", "--yes")
    until_said(process, moment)
    filler.take()
    _, rest = process.communicate(timeout=120)
    said = rest.decode()
    assert process.returncode in {7, 9}, said
    assert "make room" in said
    assert "Traceback" not in said
    filler.give_back()
    now = ready.status()
    current = f"{now['recorded']}.0"
    assert serves(port) == current
    assert get(port, "/marker") == (200, "precious")
    assert moment.startswith("[7/7]") or current == "1.0"

    ready.well("journal", "verify")
    if now["unfinished"]:
        # The last entry that still fitted may have been the turn back, or the activation: from
        # both there is one way only.
        one_way = now["unfinished"]["state"] == "reverting" or now["recorded"] == 2
        refused = ready.well("update", "--plan", status=7)
        assert advised(refused.err) == ({"resume"} if one_way else {"resume", "abort"})
        ready.well(*(["resume"] if one_way else ["abort", "--yes"]))
    assert serves(port) == current
    assert containers(private_engine, ready.service) == {ready.service: "running"}
    assert ready.status()["drift"] == []
    ready.well("update", "--yes")
    assert serves(port) == "2.0"
    assert get(port, "/marker") == (200, "precious")


def test_a_journal_taken_away_in_mid_update_leaves_the_old_one_serving(
    ready: Box, private_engine: PrivateEngine, port: int, small: Path, tmp_path: Path
) -> None:
    process = ready.start("update", "--yes")
    until_said(process, "[7/7] Prove it healthy")
    kept = [shutil.move(file, tmp_path) for file in small.glob("journal.db*")]
    _, rest = process.communicate(timeout=120)
    assert process.returncode == 9, rest
    assert "Traceback" not in rest.decode()
    assert serves(port) == "1.0"
    for file in kept:
        shutil.copy2(file, small)
    ready.well("resume")
    assert ready.status()["drift"] == []
    assert containers(private_engine, ready.service) == {ready.service: "running"}
    assert get(port, "/marker") == (200, "precious")
