"""What belongs to others on the host is theirs, and one service has one driver."""

import signal
from contextlib import closing
from pathlib import Path

import pytest

from tests.box import Box, serves
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.machine import free_port


@pytest.fixture
def box(private_engine: PrivateEngine, run_name: str, tmp_path: Path) -> Box:
    return Box(tmp_path, private_engine.url, service=run_name)


def test_what_belongs_to_others_is_untouched_by_update_and_rollback(
    box: Box, images: Images, private_engine: PrivateEngine
) -> None:
    port = free_port()
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    with closing(private_engine.client()) as client:
        other = images.build("good", "9.9")
        stopped = client.create_container(other, name=f"{box.service}-other")["Id"]
        network = client.create_network(f"{box.service}-net")["Id"]
        volume = client.create_volume(f"{box.service}-vol")["Name"]
        dangling = images.build("good", "9.8")
        images.publish("good", "2.0", name=box.service)
        box.well("update", "--yes")
        box.well("rollback", "--yes")
        assert client.inspect_container(stopped)["State"]["Status"] == "created"
        assert client.inspect_network(network)["Id"] == network
        assert client.inspect_volume(volume)["Name"] == volume
        assert dangling in {image["Id"] for image in client.images(all=True)}
        client.remove_network(network)


def test_what_runs_is_the_image_that_was_pulled_by_its_id(
    box: Box, images: Images, private_engine: PrivateEngine
) -> None:
    published = images.publish("good", "1.0", name=box.service)
    box.configure(published.ref, free_port())
    box.well("start", "--yes")
    with closing(private_engine.client()) as client:
        config = client.inspect_container(box.service)["Config"]
    assert config["Image"] == published.image_id


def test_a_rebuilt_image_of_the_same_version_is_deployed(box: Box, images: Images) -> None:
    port = free_port()
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    box.well("check")
    images.publish("good", "1.0", name=box.service, ballast=1000)
    box.well("check", status=10)
    box.well("update", "--plan", status=10)
    box.well("update", "--yes")
    assert box.status()["version"] == 2
    box.well("check")
    box.well("update", "--plan")


def test_a_second_change_is_refused_while_one_runs(box: Box, images: Images) -> None:
    port = free_port()
    ref = images.publish("slow", "1.0", name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    running = box.start("stop", "--yes")
    assert running.stderr is not None
    running.stderr.readline()
    running.send_signal(signal.SIGSTOP)  # it drives for as long as this test needs, however slow
    elsewhere = box.folder / "another-home"
    elsewhere.mkdir()
    for home in box.folder, elsewhere:
        busy = box.occ("update", "--yes", extra={"HOME": str(home)})
        assert busy.status == 8, busy.err
        assert "operation 2 (stop)" in busy.err
        assert str(running.pid) in busy.err
    running.send_signal(signal.SIGCONT)
    assert running.wait(30) == 0
    running.communicate()
    box.well("start", "--yes")
    assert serves(port) == "1.0"


def test_a_default_shaped_image_is_updated_and_rolled_back(
    box: Box, images: Images, private_engine: PrivateEngine
) -> None:
    port = free_port()
    ref = images.publish("default", "1.0", name=box.service).ref
    health = 'path = "/global/health"\nversion_field = "version"\nmin_healthy = "1s"\n'
    text = f'[services.{box.service}]\nimage = "{ref}"\nports = ["127.0.0.1:{port}:3000"]\n'
    (box.folder / "config.toml").write_text(f"{text}[services.{box.service}.health]\n{health}")
    box.well("start", "--yes")
    with closing(private_engine.client()) as client:
        mounts = client.inspect_container(box.service)["Mounts"]
        assert len(mounts) == 7
        assert all(mount["Name"].startswith(f"{box.service}.") for mount in mounts)
        images.publish("default", "2.0", name=box.service)
        box.well("update", "--yes")
        assert box.status()["reported"] == "2.0"
        box.well("rollback", "--yes")
        status = box.status()
        assert (status["reported"], status["version"]) == ("1.0", 1)
        again = client.inspect_container(box.service)["Mounts"]
        assert {m["Name"] for m in again} == {m["Name"] for m in mounts}
