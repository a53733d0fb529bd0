"""Retention on a real engine: anchors first, strangers spared, kill -9; and twenty nights."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from occ.engine.values import File
from tests.box import Box, post, serves
from tests.contract.memory_lab import built
from tests.faults.memory import IMAGE, NAME, VOLUME
from tests.host import client
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.registry import Published, Registry
from tests.unit.app.snapshot_world import World

pytestmark = pytest.mark.docker
ROOT = Path(__file__).parents[2]
DYING = """
import sys
from pathlib import Path
from tests.crash.launcher import launch

sys.exit(launch(sys.argv[1], sys.argv[3:], Path(sys.argv[2])))
"""


@pytest.fixture
def left(box: Box, images: Images, port: int) -> Box:
    """Version 2 with the data of its day; those of versions 3 and 1 are sets that were left.

    The data of version 3 is in the volume of the plain name. No rule but `keep_last` asks for it.
    """
    box.configure(images.publish("good", "1.0", name=box.service).ref, port)
    box.well("start", "--yes")
    post(port, "/marker", "precious")
    for number in ("2.0", "3.0"):
        images.publish("good", number, name=box.service)
        box.well("update", "--yes")
    for number in ("1", "2"):
        box.well("rollback", "--to", number, "--data", "then", "--yes")
    assert serves(port) == "2.0"
    return box


def volumes(engine: PrivateEngine, box: Box) -> list[str]:
    """The volumes of the service's data."""
    with client(engine) as one:
        found = one.volumes()["Volumes"] or []
    return sorted(v["Name"] for v in found if v["Name"].startswith(f"{box.service}-data"))


def anchors(engine: PrivateEngine, box: Box) -> list[str]:
    """The names of the containers that hold sets which were left."""
    with client(engine) as one:
        found = one.containers(all=True)
    names = [name.strip("/") for container in found for name in container["Names"]]
    return sorted(name for name in names if name.startswith(f"{box.service}.occ-data"))


def keep(config: Path, service: str, *lines: str) -> None:
    """Have these rules, and no others."""
    table, rules = f"[services.{service}]\n", ("keep_", "max_bytes", "min_free")
    old = [line for line in config.read_text().splitlines() if not line.startswith(rules)]
    text = "\n".join(old).replace(table, f"{table}{chr(10).join(lines)}\n", 1)
    config.write_text(f"{text}\n")


def whys(box: Box) -> dict[str, str]:
    """The answer of the rules: what, with `goes` or the reason why it stays."""
    told = box.occ("prune", "--plan", "-o", "json").result()
    goes = {f"{row['what']} {row['number']}": "goes" for row in told["goes"]}
    return goes | {f"{row['what']} {row['number']}": row["why"] for row in told["stays"]}


def test_a_kept_volume_goes_after_its_holder_and_a_stranger_keeps_it(
    left: Box, private_engine: PrivateEngine, port: int
) -> None:
    box, plain = left, f"{left.service}-data"
    before = volumes(private_engine, box)
    assert (len(before), before[0]) == (3, plain)
    assert anchors(private_engine, box) == [f"{box.service}.occ-data-{n}" for n in (1, 2)]
    keep(box.folder / "config.toml", box.service, "keep_last = 1")
    assert whys(box)["data set 1"] == "goes"

    with client(private_engine) as one:
        image = one.inspect_container(box.service)["Image"]
        host = one.create_host_config(binds=[f"{plain}:/theirs"])
        one.create_container(image, name=f"{box.service}-theirs", host_config=host)
    stays = f"the container {box.service}-theirs mounts one of its volumes"
    assert whys(box)["data set 1"] == stays
    box.well("prune", "--yes")
    assert volumes(private_engine, box) == before
    assert len(anchors(private_engine, box)) == 2

    with client(private_engine) as one:
        one.remove_container(f"{box.service}-theirs")
    assert box.well("prune", "--yes", "-o", "json").result()["removed"] == ["data set 1"]
    assert volumes(private_engine, box) == before[1:]
    assert anchors(private_engine, box) == [f"{box.service}.occ-data-2"]
    assert serves(port) == "2.0"


@pytest.mark.parametrize("point", ["journal:1:after", "engine:1:before", "engine:1:after"])
def test_kill_9_in_the_middle_and_resume(
    left: Box, private_engine: PrivateEngine, port: int, point: str
) -> None:
    box = left
    keep(box.folder / "config.toml", box.service, "keep_last = 1")
    chosen = [name for name, why in whys(box).items() if why == "goes"]
    assert "data set 1" in chosen
    before = volumes(private_engine, box)
    killed = subprocess.run(
        [sys.executable, "-c", DYING, point, str(box.folder / "calls"), "prune", "--yes"],
        cwd=ROOT,
        env={**os.environ, **box.environ},
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    keep(box.folder / "config.toml", box.service, "keep_last = 0")  # decides no more
    box.well("resume")
    assert volumes(private_engine, box) == before[1:]
    assert anchors(private_engine, box) == [f"{box.service}.occ-data-2"]
    there = {f"snapshot {row['number']}" for row in snapshots(box)}
    assert there.isdisjoint(chosen)
    files = {one.name.split(".")[0] for one in (box.folder / "snapshots").rglob("*.*")}
    assert {f"snapshot {number}" for number in files} == there
    assert serves(port) == "2.0"


def test_old_images_go_while_their_registry_has_them_and_come_back_by_digest(
    box: Box, images: Images, registry: Registry, private_engine: PrivateEngine, port: int
) -> None:
    """The image of version 1 is gone at its registry, and stays here for ever."""
    published = list[Published]()
    for number in range(1, 5):  # with ballast they are nobody else's
        published.append(images.publish("good", f"{number}.0", name=box.service, ballast=77))
        box.configure(published[0].ref, port)
        box.well("update", "--yes") if number > 1 else box.well("start", "--yes")
    registry.delete(published[0].repository, published[0].digest)
    keep(box.folder / "config.toml", box.service, "keep_images = 1")
    assert {what: why for what, why in whys(box).items() if what.startswith("image")} == {
        "image 1": "its registry has it no more",
        "image 2": "goes",
        "image 3": "what occ rollback means",
        "image 4": "the current version's",
    }
    before = {one.image_id for one in published}
    assert before <= there(private_engine)
    assert box.well("prune", "--yes", "-o", "json").result()["removed"] == ["image 2"]
    assert before - there(private_engine) == {published[1].image_id}
    rows = {row["number"]: row for row in box.well("versions", "-o", "json").result()}
    assert [rows[n]["pruned"] for n in (1, 2, 3)] == ["", "beyond keep_images 1", ""]
    assert [rows[n]["here"] for n in (1, 2, 3, 4)] == [True, False, True, True]

    told = box.occ("rollback", "--to", "2", "--plan").out
    assert (
        f"it is pulled again: {published[1].ref.rpartition(':')[0]}@{published[1].digest}" in told
    )
    box.well("rollback", "--to", "2", "--yes")
    assert serves(port) == "2.0"
    assert published[1].image_id in there(private_engine)


def there(engine: PrivateEngine) -> set[str]:
    """The ids of the images on the host."""
    with client(engine) as one:
        return {image["Id"] for image in one.images(all=True)}


def snapshots(box: Box) -> list[dict[str, int]]:
    """The snapshots there are."""
    found: list[dict[str, int]] = box.well("snapshot", "list", "-o", "json").result()
    return found


@pytest.fixture
def small() -> Iterator[Path]:
    """A file system of sixteen megabytes."""
    place = Path(tempfile.mkdtemp())
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)], check=True)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)
    place.rmdir()


def free(place: Path) -> int:
    """The bytes that are free there."""
    told = os.statvfs(place)
    return told.f_bavail * told.f_frsize


def test_twenty_nights_on_a_disk_that_fills_up(tmp_path: Path, small: Path) -> None:
    """On the engine in memory, with a real disk: each night's data is another and a bit larger."""
    world = World(tmp_path)
    world.prepare("update", "one")
    config, least = tmp_path / "config.toml", 4 << 20
    text = config.read_text().replace('"snapshots"', f'"{small}"', 1)
    config.write_text(text.replace('snapshot = "never"\n', "", 1))
    keep(config, NAME, "keep_last = 0", 'min_free = "4m"')
    data = world.engine.host.volumes[VOLUME].files
    taken, without, most = list[int](), list[str](), 0
    for number in range(1, 21):
        world.clock.sleep(86_400_000)
        size = 1_400_000 + number * 60_000  # at random, so that it is not compressed
        data["large"] = File(path="large", data=os.urandom(size))
        world.engine.host.registry.publish(IMAGE, built("good", f"{number + 1}.0"))
        before = len(world.known)
        assert world.occ("update") == 0, world.said
        newest = world.journal.last_operation()
        if newest in world.known:
            taken.append(newest)
            assert world.known[newest].verified
            assert not [note for note in world.notes if "no snapshot" in note]
        else:
            without += [note for note in world.notes if note.startswith("no snapshot was taken: ")]
            assert len(world.known) == before
        # each night: what min_free says is free, and the last good one is there and whole
        assert free(small) >= least
        last = max(world.known)
        assert last == taken[-1]
        world.app.check_snapshot(NAME, last)
        most = max(most, len(world.known))
    assert len(taken) + len(without) == 20  # none went silently
    assert without == []
    assert world.serves() == "21.0"
    gone = [row for row in world.app.snapshots(NAME, removed=True) if row.removed_at]
    assert {row.pruned for row in gone} == {"min_free is not kept"}
    assert len(gone) + len(world.known) == 20
    assert 2 <= len(world.known) < most <= 20
    assert sorted(world.known) == taken[-len(world.known) :]  # the oldest went
