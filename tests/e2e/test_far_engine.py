"""An engine that is not of this machine, and services that no address leads to."""

import select
import socket
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.box import FAST, HEALTH, Box
from tests.host import birth, containers
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images, build_image

BUSYBOX = Path("/bin/busybox")


class Relay(socketserver.BaseRequestHandler):
    """One connection, handed on to the engine's socket."""

    target = ""

    def handle(self) -> None:
        with socket.socket(socket.AF_UNIX) as there:
            there.connect(self.target)
            ways = {self.request: there, there: self.request}
            while True:
                for one in select.select(list(ways), [], [])[0]:
                    piece = one.recv(1 << 16)
                    if not piece:
                        return
                    ways[one].sendall(piece)


@pytest.fixture
def far(private_engine: PrivateEngine, box: Box) -> Iterator[Box]:
    """The same box, whose engine is reached over the network at an address that is not loopback."""
    relay = type("ThisRelay", (Relay,), {"target": str(private_engine.socket)})
    host = private_engine.bridge.address.partition("/")[0]
    with socketserver.ThreadingTCPServer((host, 0), relay) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"tcp://{host}:{server.server_address[1]}"
        yield Box(box.folder, url, service=box.service, forked=True)
        server.shutdown()
        thread.join()


def test_a_far_service_is_asked_from_inside_its_container(
    far: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    far.configure(images.publish("good", "1.0", name=far.service).ref, port)
    far.well("start", "--yes")
    status = far.status()
    assert (status["health"], status["reported"]) == ("healthy", "1.0")
    assert "no probe" not in far.well("update", "--plan").out
    images.publish("sick", "2.0", name=far.service)
    failed = far.well("update", "--yes", status=6)
    assert "/health answered 503, not 200" in failed.err
    assert containers(private_engine, far.service) == {far.service: "running"}
    images.publish("good", "3.0", name=far.service)
    far.well("update", "--yes")
    assert far.status()["reported"] == "3.0"


def test_what_has_nothing_to_ask_with_is_refused_before_the_stop(
    far: Box, images: Images, private_engine: PrivateEngine, port: int, run_name: str
) -> None:
    far.configure(images.publish("good", "1.0", name=far.service).ref, port)
    far.well("start", "--yes")
    born = birth(private_engine, far.service)
    mute = f"{run_name}-mute:1"
    build_mute(private_engine, mute)
    far.configure(mute, port, more='pull = "never"\n')
    refused = far.well("update", "--yes", status=4)
    assert f"there is no way to ask /health of {far.service}.occ-next" in refused.err
    assert "or go without: --no-probe" in refused.err
    assert birth(private_engine, far.service) == born
    assert containers(private_engine, far.service) == {far.service: "running"}

    far.well("update", "--yes", "--no-probe")
    status = far.status()
    assert (status["version"], status["health"]) == (2, "unknown")
    assert status["why"].startswith("no probe: nothing can ask /health")
    assert far.well("status", "-q").out == ""
    for words in (["restart"], ["restart", "--plan"]):
        refused = far.well(*words, "--yes", status=4)
        assert "no probe: nothing can ask /health" in refused.err
        assert "  try: the same command with --no-probe goes without" in refused.err
    far.well("restart", "--yes", "--no-probe")
    far.well("stop", "--yes")
    far.well("start", "--yes", "--no-probe")
    other = images.publish("good", "2.0", name=far.service, tag="other").ref
    plan = far.well("update", "--plan", "--image", other, status=10)
    assert "no probe: nothing can ask /health" in plan.out


def build_mute(engine: PrivateEngine, tag: str) -> None:
    """An image that answers, and has no program that could ask."""
    dockerfile = (
        "FROM scratch\nCOPY busybox /bin/httpd\nCOPY health /www/health\n"
        'STOPSIGNAL SIGKILL\nCMD ["/bin/httpd", "-f", "-p", "3000", "-h", "/www"]\n'
    )
    files: dict[str, str | bytes | Path] = {
        "Dockerfile": dockerfile,
        "busybox": BUSYBOX,
        "health": "{}",
    }
    build_image(engine.client(), files, tag=tag)


@pytest.mark.parametrize("network", ["host", "none"])
def test_without_a_network_of_its_own_it_is_asked_all_the_same(
    box: Box, images: Images, port: int, network: str
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    (box.folder / "config.toml").write_text(
        f'[services.{box.service}]\nimage = "{ref}"\nnetworks = ["{network}"]\n'
        f'env = {{ PORT = "{port}" }}\nvolumes = ["{box.service}-data:/data"]\n'
        f"[services.{box.service}.health]\nport = {port}\n{HEALTH}{FAST}"
    )
    box.well("start", "--yes")
    status = box.status()
    assert (status["health"], status["reported"]) == ("healthy", "1.0")
