"""The snapshot that every replacement takes, on a real engine: between the stop and the start."""

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.box import Box, get, post, serves
from tests.e2e.test_snapshots import begun, large
from tests.host import birth, client, containers
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.waiting import until

LAST = (
    'command = ["/bin/sh", "-c", '
    "\"trap 'echo last > /data/last; exit 3' TERM; /usr/local/bin/service & wait\"]\n"
)


@pytest.fixture
def ready(box: Box, images: Images, port: int) -> Box:
    """1.0 serves and holds a marker, 2.0 is published."""
    box.configure(images.publish("good", "1.0", name=box.service).ref, port)
    box.well("start", "--yes")
    post(port, "/marker", "precious")
    images.publish("good", "2.0", name=box.service)
    return box


@pytest.fixture
def small() -> Iterator[Path]:
    """A file system of eight megabytes."""
    place = Path(tempfile.mkdtemp())
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)], check=True)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)
    place.rmdir()


def more(box: Box, line: str, *, top: bool = False) -> None:
    """Have one more line in the service's table, or above it."""
    config, table = box.folder / "config.toml", f"[services.{box.service}]\n"
    text = config.read_text()
    config.write_text(f"{line}\n{text}" if top else text.replace(table, f"{table}{line}\n", 1))


def files(box: Box, top: Path | None = None) -> list[str]:
    """The files of snapshots, drafts among them."""
    return sorted(one.name for one in (top or box.folder / "snapshots").rglob("*.*"))


def last(box: Box) -> Any:
    """The last operation."""
    number = box.well("history", "-o", "json").result()[0]["operation"]
    return box.well("show", str(number), "-o", "json").result()


def as_it_was(box: Box, engine: PrivateEngine, port: int, kept: tuple[str, ...] = ()) -> None:
    """See that the old one serves, that nothing else is there, and the rest is put back."""
    assert serves(port) == "1.0"
    assert containers(engine, box.service) == {box.service: "running"}
    assert box.well("snapshot", "list", "-o", "json").result() == []
    assert tuple(files(box)) == kept
    assert last(box)["ending"] == "undone"


def test_an_update_takes_an_exact_one_that_has_the_last_write(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port, more=LAST)
    box.well("start", "--yes")
    post(port, "/marker", "precious")
    images.publish("good", "2.0", name=box.service)
    planned = box.well("update", "--plan", "-o", "json", status=10).result()
    assert planned["snapshot"].startswith("the snapshot adds less than 1 s to the outage (")
    assert planned["snapshot"].endswith(", a first guess)")
    done = box.well("update", "--yes", "-o", "json").result()
    assert serves(port) == "2.0"
    told, number = done["snapshot"], done["operation"]
    assert (told["number"], told["version"], told["exit_code"]) == (number, 1, 3)
    assert (told["fuzzy"], told["verified"]) == ([], True)
    assert 0 <= done["snapshot_ms"] <= done["downtime_ms"]
    assert done["warnings"] == []

    operation = last(box)
    steps = {one["plan"]["name"]: one for one in operation["steps"]}
    names = [one["plan"]["name"] for one in operation["steps"]]
    assert names.index("stop_container") + 1 == names.index("take_snapshot")
    assert names.index("reserve_snapshot") < names.index("stop_container")
    assert names[-3:] == ["describe_snapshot", "choose_prunable", "prune_data"]
    taken = steps["take_snapshot"]
    assert steps["stop_container"]["ended_at"] <= taken["started_at"]
    assert taken["ended_at"] <= steps["start_container"]["started_at"]
    assert containers(private_engine, box.service) == {box.service: "running"}
    status = box.status()
    assert (status["snapshot"], status["notes"]) == (number, [])

    (box.folder / "back").mkdir()
    (archive,) = (box.folder / "snapshots").rglob("*.tar.zst")
    unpack = f"zstd -dc {archive} | tar -C {box.folder}/back -xpf -"
    subprocess.run(["bash", "-o", "pipefail", "-c", unpack], check=True)
    assert (box.folder / "back" / "last").read_text() == "last\n"
    assert (box.folder / "back" / "marker").read_text() == "precious"


def test_found_stopped_it_is_taken_without_a_stop(ready: Box) -> None:
    ready.well("stop", "--yes")
    done = ready.well("update", "--yes", "-o", "json").result()
    assert done["snapshot"]["fuzzy"] == []
    assert isinstance(done["snapshot"]["exit_code"], int)
    assert done["snapshot_ms"] is None
    assert "stop_container" not in {one["plan"]["name"] for one in last(ready)["steps"]}


def test_found_paused_it_is_refused_with_the_way_out(
    ready: Box, private_engine: PrivateEngine, port: int
) -> None:
    before = birth(private_engine, ready.service)
    with client(private_engine) as one:
        one.pause(ready.service)
    refused = ready.well("update", "--yes", "-o", "json", status=4).result()
    assert f"docker unpause {ready.service}" in refused["hint"]
    assert f"occ config set services.{ready.service}.snapshot never" in refused["hint"]
    assert birth(private_engine, ready.service) == before
    with client(private_engine) as one:
        one.unpause(ready.service)
    ready.well("update", "--yes")
    assert serves(port) == "2.0"


def test_a_full_disk_in_the_outage_puts_the_old_one_back(
    box: Box, images: Images, private_engine: PrivateEngine, port: int, small: Path
) -> None:
    large(box, images, port, "host")
    images.publish("good", "2.0", name=box.service)
    more(box, f'snapshot_dir = "{small}"', top=True)
    failed = box.well("update", "--yes", "-o", "json", status=6).result()
    assert "No space left on device" in failed["message"]
    assert "it is as it was found" in failed["message"]
    as_it_was(box, private_engine, port)
    assert files(box, small) == []


@pytest.mark.parametrize("way", ["host", "engine"])
def test_ctrl_c_and_deaths_in_the_stream(
    box: Box, images: Images, private_engine: PrivateEngine, port: int, way: str
) -> None:
    large(box, images, port, way)
    if way == "engine":  # measured once, so that the size is known
        box.well("snapshot", "create")
        box.well("snapshot", "remove", "2", "--yes")
    images.publish("good", "2.0", name=box.service)
    top = box.folder / "snapshots"
    for how, out in ((signal.SIGINT, ""), (signal.SIGKILL, "abort"), (signal.SIGKILL, "resume")):
        running = box.start("update", "--yes")
        until(partial(begun, top), seconds=60, what="a draft of some size", every=0.002)
        running.send_signal(how)
        asked = time.monotonic()
        if how == signal.SIGINT:
            until(lambda: not begun(top), seconds=10, what="the stream's end", every=0.01)
            assert time.monotonic() - asked < 3  # it ends within one second; the rest is loaded
        running.communicate(timeout=90)
        assert running.returncode == (130 if how == signal.SIGINT else -how)
        if how == signal.SIGKILL:
            assert [one for one in files(box) if one.endswith(".draft")]
            box.well(out, "--yes")
        if out != "resume":
            as_it_was(box, private_engine, port)
    assert serves(port) == "2.0"
    number = last(box)["number"]
    (volume,) = box.well("snapshot", "show", str(number), "-o", "json").result()["volumes"]
    assert volume["way"] == way
    assert volume["raw_bytes"] > 200 << 20
    assert volume["manifest"]
    assert files(box) == [f"{number}.{box.service}-data.{end}" for end in ("manifest", "tar.zst")]
    assert containers(private_engine, box.service) == {box.service: "running"}


def test_a_snapshot_that_takes_too_long_puts_the_old_one_back(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    large(box, images, port, "host")
    images.publish("good", "2.0", name=box.service)
    more(box, 'snapshot_timeout = "100ms"')
    failed = box.well("update", "--yes", "-o", "json", status=6).result()
    assert "the data could not be read within" in failed["message"]
    as_it_was(box, private_engine, port)


def test_data_that_is_large_is_left_out_by_yes_and_taken_when_chosen(
    ready: Box, private_engine: PrivateEngine, port: int
) -> None:
    with client(private_engine) as one:
        folder = Path(one.inspect_volume(f"{ready.service}-data")["Mountpoint"])
    with (folder / "large").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, 1100 << 20)
    more(ready, "snapshot_required = true")
    refused = ready.well("update", "--yes", "-o", "json", status=4).result()
    assert "is not replaced without a snapshot" in refused["message"]
    assert refused["hint"] == f"occ config set services.{ready.service}.snapshot replace"
    assert serves(port) == "1.0"
    config = ready.folder / "config.toml"
    config.write_text(config.read_text().replace("snapshot_required = true\n", ""))
    why = "no snapshot was taken: its data is too large to take it unasked (1.2 GB, about"
    done = ready.well("update", "--yes", "-o", "json").result()
    assert [line.startswith(why) for line in done["warnings"]] == [True]
    assert done["snapshot"] is None
    assert "snapshot was taken in operation" in ready.well("status").out
    assert files(ready) == []
    ready.well("config", "set", "snapshot", "replace")
    back = ready.well("rollback", "--yes", "-o", "json").result()
    assert back["snapshot"]["volumes"][0]["raw_bytes"] > 1 << 30
    assert "no snapshot" not in ready.well("status").out
    assert get(port, "/marker") == (200, "precious")


def test_a_volume_of_another_engines_host_is_measured_before_the_stop(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    large(box, images, port, "engine")
    images.publish("good", "2.0", name=box.service)
    box.well("update", "--yes")
    steps = {one["plan"]["name"]: one for one in last(box)["steps"]}
    assert steps["measure_data"]["result"]["bytes"] > 200 << 20
    assert steps["measure_data"]["ended_at"] <= steps["stop_container"]["started_at"]
    images.publish("good", "3.0", name=box.service)
    planned = json.loads(box.well("update", "--plan", "-o", "json", status=10).out)["result"]
    assert "a first guess" not in planned["snapshot"]
    assert not [title for title in planned["titles"] if title.startswith("Measure")]
    assert containers(private_engine, box.service) == {box.service: "running"}
