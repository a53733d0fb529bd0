"""A version is tried beside the service, on a real engine, and a client that asks all the time."""

from pathlib import Path

import pytest

from tests.box import Box, serves
from tests.clients import asking
from tests.e2e.test_put_back_data import begin
from tests.host import client
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images


def place(engine: PrivateEngine, box: Box) -> Path:
    """The folder of the service's data."""
    with client(engine) as one:
        mounts = one.inspect_container(box.service)["Mounts"]
    return Path(next(one["Source"] for one in mounts if one["Destination"] == "/data"))


def state(engine: PrivateEngine, box: Box) -> tuple[object, ...]:
    """Everything of this service on the host."""
    name = box.service
    with client(engine) as one:
        there = one.containers(all=True, filters={"name": name})
        volumes = one.volumes(filters={"name": name})["Volumes"] or []
        networks = one.networks(filters={"name": name})
    folder = place(engine, box)
    return (
        sorted((c["Id"], c["Names"][0], c["State"]) for c in there),
        sorted(v["Name"] for v in volumes),
        sorted(n["Name"] for n in networks),
        {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()},
    )


@pytest.mark.parametrize("kind", ["sick", "crash", "ruins"])
def test_a_version_that_cannot_serve_costs_no_answer(
    box: Box, images: Images, private_engine: PrivateEngine, port: int, kind: str
) -> None:
    begin(box, images, port, "diary")
    images.publish(kind, "2.0", name=box.service)
    before = state(private_engine, box)
    with asking(port) as asked:
        failed = box.well("update", "--yes", "--rehearse", status=6)
    assert asked.bad == []
    assert asked.slowest < 2
    assert len(asked.answers) > 50
    assert state(private_engine, box) == before
    assert "version 2 failed beside the service, which was not stopped" in failed.err
    shown = box.well("history", "-o", "json").result()[0]
    assert (shown["outcome"], shown["downtime_ms"]) == ("undone", None)
    again = box.well("update", "--yes", status=4)
    assert "failed here" in again.err
    assert serves(port) == "1.0"


def test_a_good_version_is_rehearsed_and_replaces(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    begin(box, images, port, "diary")
    images.publish("diary", "2.0", name=box.service)
    only = box.well("update", "--yes", "--rehearse-only", "-o", "json").result()
    assert only["rehearsal"]["verdict"] == "passed"
    assert only["rehearsal"]["reported"] == "2.0"
    assert only["rehearsal"]["changed"] >= 1
    assert serves(port) == "1.0"
    update = box.well("update", "--yes", "--rehearse", "-o", "json").result()
    assert (update["rehearsal"], update["rehearsed"]) == (None, only["operation"])
    assert serves(port) == "2.0"


def test_a_drill_runs_the_version_of_the_newest_snapshot(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    begin(box, images, port, "diary")
    taken = box.well("snapshot", "create", "--yes", "-o", "json").result()
    before = state(private_engine, box)
    drilled = box.well("snapshot", "drill", "-o", "json").result()
    assert drilled["drill"]["snapshot"] == taken["operation"]
    assert state(private_engine, box) == before
    status = box.well("status")
    assert "proven restorable" in status.out
