"""Five gigabytes of everything, taken by an update and put back by a rollback, in both ways."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import pytest

from tests.box import FAST, HEALTH, Box, serves
from tests.data.report import Report
from tests.data.volume import compared, fill, spoiled, taken_up
from tests.data.watched import peak, without_tar
from tests.host import client
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.machine import free_port

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(7200)]

MEMORY = 150_000_000
HOLES = 1 << 20
LIMITS = {"host": 1.6, "engine": 1.25}
BASELINES = {"host": ("tar", "`tar` and `zstd -3`"), "engine": ("archive", "the engine's call")}
# The marks of rsync, after the two that say which sort it is.
CONTENT, SIZE, TIME, MODE, OWNER, GROUP, ACL, ATTRIBUTES = 2, 3, 4, 5, 6, 7, 9, 10
PLACES = {"c": CONTENT, "p": MODE, "o": OWNER, "x": ATTRIBUTES, "t": TIME}


@pytest.fixture
def box(private_engine: PrivateEngine, run_name: str, tmp_path: Path) -> Iterator[Box]:
    """A service that takes a snapshot whatever the size; its files go again."""
    yield Box(tmp_path, private_engine.url, service=run_name, snapshot="replace")
    shutil.rmtree(tmp_path / "snapshots", ignore_errors=True)
    emptied(private_engine, run_name)


def emptied(engine: PrivateEngine, name: str) -> None:
    """Have nothing in the volumes of a name: the engine's own removal takes minutes when busy."""
    with client(engine) as one:
        there = one.volumes(filters={"name": name})["Volumes"] or []
    for each in there:
        subprocess.run(["find", each["Mountpoint"], "-mindepth", "1", "-delete"], check=True)


def place(engine: PrivateEngine, volume: str) -> Path:
    """The folder of a volume."""
    with client(engine) as one:
        return Path(one.inspect_volume(volume)["Mountpoint"])


def back_and_forth(
    box: Box, images: Images, engine: PrivateEngine, request: pytest.FixtureRequest, way: str
) -> tuple[Path, Path, Mapping[str, int]]:
    """The volume as it was, the one that a rollback made of its snapshot, and what each cost."""
    option, port = request.config.getoption, free_port()
    ref = images.publish("good", "1.0", name=box.service).ref
    slow = f"{HEALTH}{FAST}".replace("8s", "60s")
    box.configure(ref, port, health=slow)
    box.well("start", "--yes")
    plain = place(engine, f"{box.service}-data")
    fill(plain, megabytes=option("megabytes"), small=option("small"))
    os.sync()
    images.publish("good", "2.0", name=box.service)
    most = {"update": peak(box, "update", "--yes")}
    (taken,) = box.well("snapshot", "list", "-o", "json").result()
    assert [one["way"] for one in taken["volumes"]] == [way]
    assert (taken["fuzzy"], taken["verified"]) == ([], True)
    most["rollback"] = peak(box, "rollback", "--data", "then", "--yes")
    assert serves(port) == "1.0"
    most["verify"] = peak(box, "snapshot", "verify", str(taken["number"]))
    box.well("stop", "--yes")
    with client(engine) as one:
        mounts = one.inspect_container(box.service)["Mounts"]
    restored = next(each["Source"] for each in mounts if each["Destination"] == "/data")
    assert restored != str(plain)
    return plain, Path(restored), most


def weighed(report: Report, way: str, most: Mapping[str, int]) -> None:
    """Tell how much memory each command had, and see that it is not too much."""
    for command, had in most.items():
        report.tell(f"memory of `occ {command}`, the {way}'s way", mb(had), f"under {mb(MEMORY)}")
    assert max(most.values()) < MEMORY


def mb(count: float) -> str:
    return f"{count / 1e6:.0f} MB"


def test_the_hosts_way_brings_all_of_it_back(
    box: Box,
    images: Images,
    private_engine: PrivateEngine,
    request: pytest.FixtureRequest,
    report: Report,
) -> None:
    plain, restored, most = back_and_forth(box, images, private_engine, request, "host")
    assert compared(plain, restored) == []
    os.sync()  # what is not on the disk yet takes no room there
    more = taken_up(restored) - taken_up(plain)
    report.tell("room on the disk, restored less original", f"{more} bytes", "within 1 MiB")
    assert abs(more) <= HOLES
    faults = spoiled(restored)
    lines = [line.split(" ", 1) for line in compared(plain, restored)]
    assert {path: sorted({*marks[2:]} - {"."}) for marks, path in lines} == {
        path: [mark] for path, mark in faults.items()
    }
    assert all(marks[PLACES[faults[path]]] == faults[path] for marks, path in lines)
    report.tell("differences by rsync, the host's way", "none", "none; one for each fault put in")
    weighed(report, "host", most)


def test_the_engines_way_brings_back_all_but_what_is_stated(
    box: Box,
    images: Images,
    private_engine: PrivateEngine,
    request: pytest.FixtureRequest,
    report: Report,
    tmp_path: Path,
) -> None:
    there = Box(
        tmp_path,
        private_engine.url,
        service=box.service,
        snapshot="replace",
        extra=without_tar(tmp_path),
    )
    plain, restored, most = back_and_forth(there, images, private_engine, request, "engine")
    marked = {line.split(" ", 1)[1]: line.split(" ", 1)[0] for line in compared(plain, restored)}
    # t: no times below the second; a, x: no ACLs, no extended attributes; nothing else differs
    assert {mark for marks in marked.values() for mark in marks[2:]} <= {".", "t", "a", "x"}
    assert {path for path, marks in marked.items() if marks[ACL] == "a"} == {"marked", "empty/"}
    attributed = {path for path, marks in marked.items() if marks[ATTRIBUTES] == "x"}
    assert attributed == {"marked", *with_attributes(request.config.getoption("small"))}
    whole = restored / "sparse"
    assert whole.stat().st_blocks * 512 >= whole.stat().st_size  # its holes are filled
    report.tell("differences by rsync, the engine's way", "as stated", "times, ACLs, attributes")
    weighed(report, "engine", most)


def with_attributes(small: int) -> Iterator[str]:
    """The small files that have an extended attribute, by each of their names."""
    for number in range(0, small, 50):
        yield f"many/{number // 1000:04}/session-{number:06}.json"
        if number % 100 == 0:
            yield f"many/{number // 1000:04}/link-{number:06}"


@contextmanager
def helper(engine: PrivateEngine, images: Images, volume: str) -> Iterator[str]:
    """A container that is never started, with the volume where occ has it."""
    image = images.build("good", "1.0")
    with client(engine) as one:
        config = one.create_host_config(binds={volume: {"bind": "/occ-snapshot", "mode": "ro"}})
        made: str = one.create_container(image, host_config=config)["Id"]
        try:
            yield made
        finally:
            one.remove_container(made)


def turn(engine: PrivateEngine, what: str, folder: str, target: Path) -> tuple[float, float]:
    """The seconds of one turn, and its CPU seconds."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.data.turn", what, folder, str(target)],
        env={**os.environ, "DOCKER_HOST": engine.url},
        capture_output=True,
        check=True,
        text=True,
    )
    target.unlink(missing_ok=True)
    seconds, cpu = done.stdout.split()
    print(f"  {what}: {float(seconds):.1f} s, {float(cpu):.1f} s of CPU", flush=True)
    return float(seconds), float(cpu)


def test_an_outage_is_hardly_longer_than_by_the_plain_tools(
    private_engine: PrivateEngine,
    images: Images,
    request: pytest.FixtureRequest,
    report: Report,
    run_name: str,
    tmp_path: Path,
) -> None:
    option, volume = request.config.getoption, f"{run_name}-data"
    with client(private_engine) as one:
        one.create_volume(volume)
    folder = place(private_engine, volume)
    fill(folder, megabytes=option("megabytes"), small=option("small"))
    os.sync()
    ratios = {}
    with helper(private_engine, images, volume) as made:
        for way, (baseline, called) in BASELINES.items():
            source = str(folder) if way == "host" else made
            pairs = [
                [
                    turn(private_engine, what, source, tmp_path / f"{what}.tar.zst")
                    for what in (baseline, way)
                ]
                for _ in range(option("rounds"))
            ]
            plain, ours = (median(pair[side][0] for pair in pairs) for side in (0, 1))
            cpu = [median(pair[side][1] for pair in pairs) for side in (0, 1)]
            ratios[way] = ours / plain
            report.tell(
                f"reading in the outage, the {way}'s way",
                f"{ours:.1f} s ({cpu[1]:.1f} s CPU); {called}: {plain:.1f} s ({cpu[0]:.1f} s CPU); "
                f"{ratios[way]:.2f} x",
                f"at most {LIMITS[way]} x",
            )
    emptied(private_engine, run_name)
    assert [way for way in ratios if ratios[way] > LIMITS[way]] == []
