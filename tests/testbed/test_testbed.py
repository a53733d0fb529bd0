"""The test bed itself: what other tests rely on when they blame occ and not the bed."""

import http.client
import json
import subprocess
import sys
import time
from pathlib import Path

import docker
import docker.errors
import pytest

from tests.testbed.engine import PrivateEngine
from tests.testbed.gate import Gate
from tests.testbed.images import Images, inspect_image, pull
from tests.testbed.machine import free_port, run
from tests.testbed.network import claim, remove
from tests.testbed.processes import identity, of_folder
from tests.testbed.registry import Registry
from tests.testbed.waiting import came_true, until


class Service:
    """A container of a service image, with its port published on the loopback address."""

    def __init__(self, client: docker.APIClient, image: str, name: str, volume: str) -> None:
        self.port = free_port()
        self.client = client
        host = client.create_host_config(
            port_bindings={3000: ("127.0.0.1", self.port)}, binds=[f"{volume}:/data"]
        )
        made = client.create_container(image, name=name, ports=[3000], host_config=host)
        self.id: str = made["Id"]
        client.start(self.id)

    def get(self, path: str, *, body: str | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET" if body is None else "POST", path, body)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def becomes(self, status: int, path: str = "/health") -> bool:
        def is_so() -> bool:
            try:
                return self.get(path)[0] == status
            except (OSError, http.client.HTTPException):
                return False

        return came_true(is_so, seconds=5)


def test_an_engine_answers_again_after_kill_restart_freeze_and_a_power_cut(
    victim: PrivateEngine,
) -> None:
    before = victim.client().info()["ID"]
    victim.kill()
    assert of_folder(victim.folder) == []
    victim.start()
    victim.restart()
    victim.freeze()
    with pytest.raises(docker.errors.DockerException, match="timed out"):
        victim.client(timeout=1)
    victim.thaw()
    victim.power_cut()
    victim.start()
    assert victim.client().info()["ID"] == before


def test_an_engine_that_starts_again_leaves_the_bridge_of_another_alone(
    victim: PrivateEngine,
) -> None:
    docker0 = Path("/sys/class/net/docker0")
    there = docker0.exists()
    if not there:
        run(["ip", "link", "add", docker0.name, "type", "bridge"])
    try:
        victim.client().create_network("some")
        victim.restart()
        assert docker0.exists()
        victim.client().remove_network("some")
    finally:
        if not there:
            remove(docker0.name)


def test_two_engines_are_strangers(private_engine: PrivateEngine, victim: PrivateEngine) -> None:
    assert private_engine.client().info()["ID"] != victim.client().info()["ID"]
    assert private_engine.bridge.name != victim.bridge.name


@pytest.mark.docker
def test_a_bridge_keeps_its_hardware_address_whatever_joins_it() -> None:
    bridge, end = claim(), "occtb-low"
    try:
        low = ["ip", "link", "add", end, "address", "02:00:00:00:00:01"]
        run([*low, "type", "veth", "peer", "name", f"{end}-peer"])
        run(["ip", "link", "set", end, "master", bridge.name])
        address = Path("/sys/class/net", bridge.name, "address").read_text("utf-8").strip()
        assert address == bridge.hardware
    finally:
        remove(end)
        remove(bridge.name)


def test_a_killed_engine_leaves_its_containers_and_a_stopped_one_nothing(images: Images) -> None:
    published = images.publish("good", "1.0.0")
    with PrivateEngine() as engine:
        folder, bridge = engine.folder, engine.bridge.name
        pull(engine.client(), published.ref)
        network = engine.client().create_network("n", ipam=None)["Id"][:12]
        service = Service(engine.client(), published.ref, "left", "left")
        assert service.becomes(200)
        container = engine.client().inspect_container(service.id)["State"]["Pid"]
        engine.kill()
        assert identity(container) is not None
    assert identity(container) is None
    assert of_folder(folder) == []
    assert not folder.exists()
    assert str(folder) not in Path("/proc/mounts").read_text("utf-8")
    links = {one.name for one in Path("/sys/class/net").iterdir()}
    assert not links & {bridge, f"br-{network}"}


ABANDONING = """
import os, sys
from tests.testbed.engine import PrivateEngine
engine = PrivateEngine()
engine.start()
print(engine.folder, engine.bridge.name, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.mark.docker
def test_what_a_killed_run_left_is_cleared_by_the_next() -> None:
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", ABANDONING], cwd=root, capture_output=True, text=True, check=False
    )
    folder, bridge = run.stdout.split()
    assert of_folder(Path(folder)) != []
    with PrivateEngine() as engine:
        assert engine.client().ping()
        assert of_folder(Path(folder)) == []
        assert not Path(folder).exists()
        assert not Path("/sys/class/net", bridge).exists() or engine.bridge.name == bridge


def test_a_pull_that_is_cut_in_the_middle_fails_and_the_next_one_works(
    private_engine: PrivateEngine, images: Images, gate: Gate, run_name: str
) -> None:
    published = images.publish("good", "7.0.0", name=run_name, ballast=3_000_000)
    ref = published.ref.replace(images.host, gate.host)
    client = private_engine.client()
    gate.cut_after(1_000_000)
    with pytest.raises(RuntimeError, match=r"EOF|reset"):
        pull(client, ref)
    with pytest.raises(docker.errors.ImageNotFound):
        inspect_image(client, published.image_id)
    gate.open()
    pull(client, ref)
    assert inspect_image(client, ref)["Id"] == published.image_id
    assert gate.requests["GET"] > 3
    images.forget(published.image_id)


def test_a_registry_has_bad_days(
    private_engine: PrivateEngine, images: Images, gate: Gate, run_name: str
) -> None:
    ref = images.publish("good", "1.0.0", name=run_name).ref.replace(images.host, gate.host)
    client = private_engine.client()
    gate.unauthorized()
    with pytest.raises(docker.errors.APIError, match="no basic auth credentials"):
        pull(client, ref)
    gate.too_many(30)
    with pytest.raises(docker.errors.APIError, match=r"(?i)too ?many ?requests"):
        pull(client, ref)
    gate.down()
    with pytest.raises(docker.errors.APIError, match="connection refused"):
        pull(client, ref)
    gate.open()
    pull(client, ref)


def test_a_registry_moves_tags_deletes_and_keeps_its_images_when_stopped(
    registry: Registry, images: Images, run_name: str
) -> None:
    one = images.publish("good", "1.0.0", name=run_name)
    two = images.publish("good", "2.0.0", name=run_name)
    assert one.ref == two.ref
    assert registry.digest(run_name, "latest") == two.digest != one.digest
    registry.stop()
    with pytest.raises(ConnectionRefusedError):
        registry.digest(run_name, "latest")
    registry.start()
    registry.delete(run_name, two.digest)
    with pytest.raises(LookupError):
        registry.digest(run_name, "latest")
    assert registry.has(run_name, one.digest)


def test_one_image_comes_back_the_same_after_it_was_forgotten(images: Images) -> None:
    published = images.publish("good", "1.0.0")
    again = images.build("good", "1.0.0")
    assert again == published.image_id == images.publish("good", "1.0.0", name="other").image_id


def test_two_services_never_run_on_one_volume(
    private_engine: PrivateEngine, images: Images, run_name: str
) -> None:
    client, image = private_engine.client(), images.build("good", "1.0.0")
    first = Service(client, image, f"{run_name}-1", run_name)
    assert first.becomes(200)
    second = Service(client, image, f"{run_name}-2", run_name)
    assert client.wait(second.id)["StatusCode"] == 3
    assert b"another service runs on /data" in client.logs(second.id)
    client.stop(first.id)
    client.start(second.id)
    assert second.becomes(200)


def test_data_stay_in_the_volume_and_migrate_one_way(
    private_engine: PrivateEngine, images: Images, run_name: str
) -> None:
    client = private_engine.client()
    old = Service(client, images.build("good", "1.9.0"), f"{run_name}-1", run_name)
    assert old.becomes(200)
    assert old.get("/marker", body="here")[0] == 200
    client.stop(old.id)
    new = Service(client, images.build("migrates", "1.10.0"), f"{run_name}-2", run_name)
    assert new.becomes(200)
    assert new.get("/marker") == (200, "here")
    assert json.loads(new.get("/health")[1]) == {"healthy": True, "version": "1.10.0"}
    client.stop(new.id)
    client.start(old.id)
    assert old.becomes(503)


@pytest.mark.parametrize(
    ("kind", "health", "exit_code", "seconds"),
    [
        ("good", 200, 0, (0, 1.5)),
        ("sick", 503, 0, (0, 1.5)),
        ("bare", 200, 137, (0, 1.5)),
        ("clash", 200, 0, (0, 1.5)),
        ("slow", 200, 0, (5.9, 8)),
        ("deaf", 200, 137, (8, 10)),
    ],
)
def test_kinds_answer_and_stop_each_in_its_way(
    private_engine: PrivateEngine,
    images: Images,
    run_name: str,
    kind: str,
    health: int,
    exit_code: int,
    seconds: tuple[float, float],
) -> None:
    client = private_engine.client()
    service = Service(client, images.build(kind, "1.0.0"), run_name, run_name)
    assert service.becomes(health)
    start = time.monotonic()
    client.stop(service.id, timeout=8)
    assert seconds[0] <= time.monotonic() - start <= seconds[1]
    assert client.inspect_container(service.id)["State"]["ExitCode"] == exit_code


def test_kinds_that_do_not_last(
    private_engine: PrivateEngine, images: Images, run_name: str
) -> None:
    client = private_engine.client()
    brief = Service(client, images.build("brief", "1.0.0"), f"{run_name}-1", f"{run_name}-1")
    assert brief.becomes(200)
    crash = Service(client, images.build("crash", "1.0.0"), f"{run_name}-2", f"{run_name}-2")
    assert client.wait(crash.id)["StatusCode"] == 1
    assert b"giving up" in client.logs(crash.id, stdout=False)
    assert client.wait(brief.id)["StatusCode"] == 1


def test_the_fast_healthcheck_and_the_shape_of_the_default_image(
    private_engine: PrivateEngine, images: Images, run_name: str
) -> None:
    client = private_engine.client()
    checked = Service(client, images.build("healthcheck", "1.0.0"), f"{run_name}-1", run_name)
    until(
        lambda: client.inspect_container(checked.id)["State"]["Health"]["Status"] == "healthy",
        seconds=10,
        what="a healthy container",
    )
    image = inspect_image(client, images.build("default", "1.0.0"))["Config"]
    assert len(image["Volumes"]) == 7
    assert image["Labels"]["org.opencontainers.image.version"] == "24.04"
    assert "Interval" not in image["Healthcheck"]
    name = f"{run_name}-2"
    default = Service(client, images.build("default", "1.0.0"), name, name)
    assert default.becomes(200, "/global/health")
    assert b"user 1000" in client.logs(default.id)
