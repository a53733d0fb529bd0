"""What belongs to others on the host is theirs, and one service has one driver."""

import signal
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.box import Box, serves, until_said
from tests.findings import findings
from tests.host import inside
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.machine import free_port


@pytest.fixture
def box(private_engine: PrivateEngine, run_name: str, tmp_path: Path) -> Box:
    return Box(tmp_path, private_engine.url, service=run_name, forked=True)


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
    until_said(running, "Stop the service")
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


def sleeper(box: Box, images: Images, what: str, **shares: Any) -> None:
    """Somebody's container that sleeps, and uses parts of the service's."""
    project = {"project": "shop", "service": what, "project.working_dir": "/srv/shop"}
    marks = {f"com.docker.compose.{key}": value for key, value in project.items()}
    with closing(images.engine.client()) as client:
        config = client.create_host_config(**shares)
        made = client.create_container(
            images.build("good", "1.0"),
            ["sleep", "1000"],
            name=f"{box.service}-{what}",
            host_config=config,
            labels=marks if what == "net" else {},
        )
        client.start(made)


def test_who_is_cut_off_by_a_change_is_named_before_and_after_with_what_to_do(
    box: Box, images: Images, private_engine: PrivateEngine
) -> None:
    port, web = free_port(), box.service
    ref = images.publish("good", "1.0", name=web).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    sleeper(box, images, "net", network_mode=f"container:{web}")
    sleeper(box, images, "pid", pid_mode=f"container:{web}")
    sleeper(box, images, "vols", volumes_from=[web])
    assert findings(box) == []
    net = f"container {web}-net"

    afterwards = "the stop, and must be restarted afterwards: docker restart"
    planned = box.well("restart", "--plan", "-o", "json", status=10).result()["warnings"]
    assert sorted(planned) == [
        f"{net} uses its network: it is cut off by {afterwards} {web}-net",
        f"container {web}-pid uses its process ids: its processes end with {afterwards} {web}-pid",
        f"container {web}-vols uses its volumes ({web}-data) and goes on with them",
    ]
    images.publish("crash", "2.0", name=web)
    failed = box.well("update", "--yes", status=6).err
    again = "docker compose -p shop --project-directory /srv/shop up -d --no-deps --force-recreate"
    assert f"must be made again afterwards: {again} net" in failed
    said = failed.rpartition("error: ")[2]
    assert "as it was found" not in said
    assert f"{net} is cut off: it uses the network of {web}, which was started again since" in said
    assert f"docker restart {web}-pid" in said
    assert "eth0" not in inside(private_engine, f"{web}-net", "cat /proc/net/dev")
    with closing(private_engine.client()) as client:
        for what in ("net", "pid"):
            client.restart(f"{web}-{what}", timeout=0)
    assert "eth0" in inside(private_engine, f"{web}-net", "cat /proc/net/dev")
    assert findings(box) == []

    images.publish("good", "2.0", name=web)
    done = box.well("update", "--yes", "-o", "json")
    warnings = done.result()["warnings"]
    how = f"docker inspect {web}-pid "
    how += f"(shows how it was made: make it so again, with --pid container:{web})"
    gone = f"of a container of {web} that is gone"
    assert sorted(warnings) == [
        f"{net} is cut off: it uses the network {gone}: {again} net",
        f"container {web}-pid is cut off: it uses the process ids {gone}: {how}",
    ]
    assert {one["code"] for one in findings(box)} == {"neighbour_cut_off"}
    assert f"try: {again} net" in box.well("doctor", status=4).out
    with closing(private_engine.client()) as client:
        for what in ("net", "pid"):
            client.remove_container(f"{web}-{what}", force=True)
    sleeper(box, images, "net", network_mode=f"container:{web}")
    assert findings(box) == []
    box.well("stop", "--yes")
    (cut,) = findings(box)
    assert cut["fix"] == f"occ start --service {web} && docker restart {web}-net"
