"""Going back with the data where that cannot be: the service serves on, and nothing is left."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.box import Box, get, post, serves
from tests.findings import findings
from tests.host import birth, client, containers
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images

ROOM = 24 << 20
DATA = 10 << 20
FULL = re.compile(r"tar could not write .*(Wrote only|No space left on device)")


@pytest.fixture
def narrow(victim: PrivateEngine) -> Iterator[Path]:
    """The folder of an engine's volumes, on a file system of 24 MB of its own."""
    place = victim.folder / "data" / "volumes"
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(place)], check=True)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def roomless(
    victim: PrivateEngine, victim_images: Images, narrow: Path, run_name: str, tmp_path: Path
) -> Box:
    """The box of a service on that engine; the files of its snapshots lie elsewhere."""
    return Box(tmp_path, victim.url, service=run_name, forked=True, snapshot="")


def there(engine: PrivateEngine, name: str) -> list[str]:
    """The volumes of a service, and of what occ made for it."""
    with client(engine) as one:
        found = one.volumes(filters={"name": name})["Volumes"] or []
    return sorted(each["Name"] for each in found)


def begin(box: Box, images: Images, port: int, narrow: Path, kind: str = "good") -> None:
    """Have version 1 with data that does not shrink."""
    box.configure(images.publish(kind, "1.0", name=box.service).ref, port)
    box.well("start", "--yes")
    (narrow / f"{box.service}-data" / "_data" / "large").write_bytes(os.urandom(DATA))


def fill(narrow: Path, left: int) -> Path:
    """Have somebody else take the room, but for so many bytes."""
    free = os.statvfs(narrow)
    ballast = narrow / "ballast"
    ballast.write_bytes(bytes(free.f_bavail * free.f_frsize - left))
    return ballast


def test_a_disk_too_full_for_the_data_of_then_leaves_the_service_alone(
    roomless: Box, victim_images: Images, victim: PrivateEngine, narrow: Path, port: int
) -> None:
    box = roomless
    begin(box, victim_images, port, narrow)
    post(port, "/marker", "of 1")
    victim_images.publish("good", "2.0", name=box.service)
    box.well("update", "--yes")
    post(port, "/marker", "of 2")
    before, volumes = birth(victim, box.service), there(victim, box.service)
    ballast = fill(narrow, DATA // 2)

    failed = box.well("rollback", "--data", "then", "--yes", status=6)
    assert "it is as it was found" in failed.err
    assert FULL.search(failed.err)
    assert birth(victim, box.service) == before  # not for a moment was it down
    assert (serves(port), get(port, "/marker")[1]) == ("2.0", "of 2")
    assert there(victim, box.service) == volumes
    assert containers(victim, box.service) == {box.service: "running"}
    assert findings(box) == []

    ballast.unlink()
    box.well("rollback", "--data", "then", "--yes")
    assert (serves(port), get(port, "/marker")[1]) == ("1.0", "of 1")


def test_a_disk_too_full_to_put_the_data_back_is_waited_for_and_nothing_is_lost(
    roomless: Box, victim_images: Images, victim: PrivateEngine, narrow: Path, port: int
) -> None:
    box = roomless
    begin(box, victim_images, port, narrow, "blind")
    assert post(port, "/list", "one")[0] == 200
    victim_images.publish("ruins", "2.0", name=box.service)
    ballast = fill(narrow, DATA // 2)

    stuck = box.well("update", "--yes", status=7)
    assert FULL.search(stuck.err)
    assert "df -h" in stuck.err
    assert "occ resume" in stuck.err
    ballast.unlink()
    box.well("resume", status=6)
    assert (serves(port), get(port, "/list")[1]) == ("1.0", "one\n")
    assert len(there(victim, box.service)) == 2
    assert findings(box) == []


def test_a_snapshot_that_cannot_be_restored_is_found_before_anything_is_stopped(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    box.configure(images.publish("good", "1.0", name=box.service).ref, port)
    box.well("start", "--yes")
    post(port, "/marker", "of 1")
    images.publish("good", "2.0", name=box.service)
    box.well("update", "--yes")
    post(port, "/marker", "of 2")
    before = birth(private_engine, box.service)
    (file,) = (box.folder / "snapshots").rglob("*.tar.zst")
    whole = file.read_bytes()
    for damage in (whole[:-1], whole[:100] + bytes((whole[100] ^ 1,)) + whole[101:], b""):
        file.write_bytes(damage)
        failed = box.well("rollback", "--data", "then", "--yes", status=4)
        assert "is damaged: its hash is not the recorded one" in failed.err
        assert birth(private_engine, box.service) == before
        assert containers(private_engine, box.service) == {box.service: "running"}
        assert there(private_engine, box.service) == [f"{box.service}-data"]
    file.unlink()
    gone = box.well("rollback", "--data", "then", "--yes", status=6)
    assert "is not there" in gone.err
    assert (birth(private_engine, box.service), serves(port)) == (before, "2.0")
    assert there(private_engine, box.service) == [f"{box.service}-data"]
    file.write_bytes(whole)
    file.chmod(0o600)
    box.well("rollback", "--data", "then", "--yes")
    assert (serves(port), get(port, "/marker")[1]) == ("1.0", "of 1")
