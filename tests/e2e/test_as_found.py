"""Put back means as it was found: in a crash loop, paused, or on a network that was made anew."""

import io
import tarfile

from tests.box import Box, serves
from tests.findings import findings
from tests.host import client, containers, inspect
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.waiting import until

HEALTH = 'path = "/health"\ninterval = "100ms"\nmin_healthy = "100ms"\ntimeout = "1500ms"\n'


def put(engine: PrivateEngine, container: str, name: str, text: str) -> None:
    """Write a file beside the service's data."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(text)
        tar.addfile(member, io.BytesIO(text.encode()))
    with client(engine) as there:
        there.put_archive(container, "/data", data.getvalue())


def until_looping(engine: PrivateEngine, container: str) -> None:
    """Wait until the engine has started it again."""

    def again() -> bool:
        return bool(inspect(engine, container)["RestartCount"])

    until(again, seconds=20, what="a restart")


def test_a_service_in_a_crash_loop_is_put_back_into_it_and_a_good_update_is_let_in(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    always = 'restart = "always"\n'
    box.configure(ref, port, health=HEALTH, more=always)
    box.well("start", "--yes")
    put(private_engine, box.service, "needs", "database")
    with client(private_engine) as engine:
        engine.kill(box.service)
        engine.start(box.service)
    until_looping(private_engine, box.service)
    assert "unhealthy" in {f["code"] for f in findings(box)}

    images.publish("good", "2.0", name=box.service)
    failed = box.well("update", "--yes", status=6)
    assert "it is as it was found: in a crash loop" in failed.err
    there = inspect(private_engine, box.service)
    assert there["HostConfig"]["RestartPolicy"]["Name"] == "always"
    assert list(containers(private_engine, box.service)) == [box.service]
    until_looping(private_engine, box.service)
    count = inspect(private_engine, box.service)["RestartCount"]
    until(
        lambda: inspect(private_engine, box.service)["RestartCount"] > count,
        seconds=60,
        what="a further restart by the engine",
    )
    assert box.well("resume").out.count("nothing is unfinished") == 1

    box.configure(ref, port, health=f"restarts_allowed = 2\n{HEALTH}", more=always)
    box.well("update", "--yes", status=6)
    last = box.well("history", "-o", "json").result()[0]["operation"]
    steps = box.well("show", str(last), "-o", "json").result()["steps"]
    assert max(step["repeats"] for step in steps) == 2

    put(private_engine, box.service, "database", "")
    until(lambda: serves(port) == "1.0", seconds=60, what="its database")
    with client(private_engine) as engine:
        engine.pause(box.service)
    images.publish("sick", "3.0", name=box.service)
    failed = box.well("update", "--yes", status=6)
    assert "it is as it was found: paused" in failed.err
    assert containers(private_engine, box.service) == {box.service: "paused"}

    images.publish("good", "4.0", name=box.service)
    told = box.well("update", "--yes")
    assert "it was found paused, and runs now" in told.err
    assert serves(port) == "4.0"


def test_out_of_its_crash_loop_a_service_is_updated_to_a_version_that_runs(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port, health=HEALTH, more='restart = "always"\n')
    box.well("start", "--yes")
    put(private_engine, box.service, "needs-1.0", "database")
    with client(private_engine) as engine:
        engine.kill(box.service)
        engine.start(box.service)
    until_looping(private_engine, box.service)
    images.publish("good", "2.0", name=box.service)
    box.well("update", "--yes")
    assert serves(port) == "2.0"
    assert containers(private_engine, box.service) == {box.service: "running"}
    there = inspect(private_engine, box.service)
    assert (there["RestartCount"], there["HostConfig"]["RestartPolicy"]["Name"]) == (0, "always")


def test_a_stopped_service_whose_network_was_made_anew_is_made_again(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    net = f"{box.service}-net"
    with client(private_engine) as engine:
        engine.create_network(net)
        try:
            ref = images.publish("slow", "1.0", name=box.service).ref
            patient = HEALTH.replace("1500ms", "20s")
            box.configure(ref, port, health=patient, more=f'networks = ["{net}"]\n')
            box.well("start", "--yes")
            engine.kill(box.service)
            stopped = "; it is stopped: occ start\n"
            assert box.well("apply", "--yes").out.endswith(stopped)
            assert box.well("update", "--yes").out.endswith(stopped)
            engine.remove_network(net)
            engine.create_network(net)
            assert "network_gone" in {f["code"] for f in findings(box)}
            box.well("repair", "--yes")
            assert serves(port) == "1.0"
            engine.kill(box.service)
            engine.remove_network(net)
            engine.create_network(net)
            box.well("start", "--yes")
            assert serves(port) == "1.0"
            assert findings(box) == []

            images.publish("good", "2.0", name=box.service)
            killed = box.start("update", "--yes")  # the old one takes 6 s to stop
            until(lambda: "driven by" in box.occ("status").out, seconds=30, what="an update")
            told, driven = box.occ("status").out, box.status()["unfinished"]
            assert not {"resume", "abort"} & {*told.replace(",", " ").split()}
            assert (driven["driven"], driven["ways"]) == (True, "")
            assert f"process {killed.pid} on " in told
            assert driven["driver_since"] == driven["since"] > 0
            killed.kill()
            killed.communicate()
            said = box.occ("status").out
            assert "nobody drives it" in said
            assert "occ resume" in said.replace(f" --service {box.service}", "")
            box.well("resume")
            assert serves(port) == "2.0"
        finally:
            for one in engine.containers(all=True, filters={"name": box.service}):
                engine.remove_container(one["Id"], force=True)
            engine.remove_network(net)
