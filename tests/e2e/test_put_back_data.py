"""A version that moves the data into its form and never becomes healthy, on a real engine."""

from pathlib import Path

import pytest

from tests.box import Box, get, post, serves
from tests.findings import findings
from tests.host import client, containers, inside
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images

ENTRIES = ["one", "two", "three"]


def listed(port: int) -> list[str]:
    """The list as the service tells it."""
    status, body = get(port, "/list")
    assert status == 200
    return body.splitlines()


def begin(box: Box, images: Images, port: int, kind: str, more: str = "") -> None:
    """Have a service of this kind with three entries."""
    ref = images.publish(kind, "1.0", name=box.service).ref
    box.configure(ref, port, more=f'restart = "unless-stopped"\n{more}')
    box.well("start", "--yes")
    for entry in ENTRIES:
        assert post(port, "/list", entry)[0] == 200


def volume(box: Box, engine: PrivateEngine) -> str:
    """The volume that the service mounts at /data."""
    with client(engine) as one:
        mounts = one.inspect_container(box.service)["Mounts"]
    return str(next(one["Name"] for one in mounts if one["Destination"] == "/data"))


def raw(engine: PrivateEngine, name: str) -> bytes:
    """The bytes of the list in a volume."""
    with client(engine) as one:
        return (Path(one.inspect_volume(name)["Mountpoint"]) / "list").read_bytes()


@pytest.mark.parametrize("kind", ["diary", "blind"])
def test_the_data_of_before_is_served_after_a_version_that_ruined_it(
    box: Box, images: Images, private_engine: PrivateEngine, port: int, kind: str
) -> None:
    begin(box, images, port, kind)
    inside(private_engine, box.service, "ln -s list /data/link; echo .")
    plain = volume(box, private_engine)
    before = raw(private_engine, plain)
    images.publish("ruins", "2.0", name=box.service)

    failed = box.well("update", "--yes", status=6)
    assert listed(port) == ENTRIES
    assert serves(port) == "1.0"
    again = volume(box, private_engine)
    assert again.startswith(f"{plain}.occ-2-")
    assert raw(private_engine, again) == before
    assert raw(private_engine, plain) == before.replace(b"form 1.0", b"form 2.0")
    assert "version 2 had changed the data: version 1 runs on that of before" in failed.err
    there = containers(private_engine, box.service)
    assert sorted(there) == [box.service, f"{box.service}.occ-data-1"]
    assert there[box.service] == "running"
    with client(private_engine) as one:
        policy = one.inspect_container(box.service)["HostConfig"]["RestartPolicy"]["Name"]
    assert policy == "unless-stopped"
    assert box.status()["drift"] == []
    assert findings(box) == []

    assert post(port, "/list", "four")[0] == 200
    images.publish(kind, "3.0", name=box.service)
    box.well("update", "--yes")
    assert (serves(port), listed(port)) == ("3.0", [*ENTRIES, "four"])
    assert volume(box, private_engine) == again


def test_data_that_a_failed_version_left_alone_stays_where_it_is(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    begin(box, images, port, "diary")
    plain = volume(box, private_engine)
    images.publish("crash", "2.0", name=box.service)
    failed = box.well("update", "--yes", status=6)
    assert "it is as it was found" in failed.err
    assert volume(box, private_engine) == plain
    assert listed(port) == ENTRIES
    assert sorted(containers(private_engine, box.service)) == [box.service]
    assert box.well("snapshot", "list", "-o", "json").result() == []


def test_the_data_is_kept_where_that_is_configured_and_the_way_back_is_told(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    begin(box, images, port, "blind", 'put_back = "keep"\n')
    plain = volume(box, private_engine)
    images.publish("ruins", "2.0", name=box.service)
    failed = box.well("update", "--yes", status=6)
    assert listed(port) == []
    assert volume(box, private_engine) == plain
    (taken,) = box.well("snapshot", "list", "-o", "json").result()
    way = f"occ rollback --to 1 --data {taken['number']}"
    assert way in failed.err
    box.well(*way.split()[1:], "--yes")
    assert listed(port) == ENTRIES


def test_a_service_that_was_found_stopped_has_its_data_back_too(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    begin(box, images, port, "blind")
    plain = volume(box, private_engine)
    before = raw(private_engine, plain)
    box.well("stop", "--yes")
    images.publish("ruins", "2.0", name=box.service)
    box.well("update", "--yes")  # a stopped one is replaced stopped: its gate is its first start's
    box.well("start", "--yes", status=6)
    assert raw(private_engine, plain) != before
    box.well("rollback", "--to", "1", "--data", "then", "--yes")
    assert raw(private_engine, volume(box, private_engine)) == before
