"""Signals in the middle of a real update: what ends, what is put back, what is finished."""

import os
import pty
import signal
import subprocess

import pytest

from tests.box import Box, get, post, serves, until_said
from tests.host import containers
from tests.testbed.engine import PrivateEngine
from tests.testbed.gate import Gate
from tests.testbed.images import Images
from tests.testbed.waiting import came_true, until

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
BALLAST = 4_000_000
PATIENT = 'path = "/health"\ninterval = "100ms"\nmin_healthy = "3s"\ntimeout = "10s"\n'


@pytest.fixture
def ready(box: Box, images: Images, port: int) -> Box:
    """Version 1.0 serves with a marker in its volume, and 2.0 is published."""
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port, health=PATIENT)
    box.well("start", "--yes")
    post(port, "/marker", "precious")
    images.publish("good", "2.0", name=box.service)
    return box


def ended(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    """Its exit status, and the rest of what it said."""
    _, rest = process.communicate(timeout=90)
    return process.returncode, rest.decode()


def as_it_was(box: Box, engine: PrivateEngine, port: int) -> None:
    """1.0 serves from its own container with its own policy, and nothing is left over."""
    assert serves(port) == "1.0"
    assert get(port, "/marker") == (200, "precious")
    assert containers(engine, box.service) == {box.service: "running"}
    status = box.status()
    assert (status["drift"], status["unfinished"]) == ([], None)
    assert (status["recorded"], status["policy"]) == (1, "unless-stopped")
    assert box.well("history", "-o", "json").result()[0]["outcome"] == "undone"


@pytest.mark.parametrize("number", SIGNALS)
def test_during_the_pull_it_ends_at_once(
    box: Box,
    images: Images,
    gate: Gate,
    private_engine: PrivateEngine,
    port: int,
    number: signal.Signals,
) -> None:
    images.publish("good", "1.0", name=box.service)
    box.configure(f"{gate.host}/{box.service}:latest", port)
    box.well("start", "--yes")
    post(port, "/marker", "precious")
    images.publish("good", "2.0", name=box.service, ballast=BALLAST)
    gate.slow(200_000)
    process = box.start("update", "--yes")
    until_said(process, "[2/7] Pull")
    assert not came_true(lambda: process.poll() is not None, seconds=0.5)
    process.send_signal(number)
    status, said = ended(process)
    assert status == 130
    assert "as you asked" in said
    as_it_was(box, private_engine, port)


@pytest.mark.parametrize("number", SIGNALS)
def test_between_the_stop_and_the_activation_the_old_one_is_put_back(
    ready: Box, private_engine: PrivateEngine, port: int, number: signal.Signals
) -> None:
    process = ready.start("update", "--yes")
    until_said(process, "[7/7] Prove it healthy")
    process.send_signal(number)
    status, said = ended(process)
    assert status == 130
    assert "ending in order" in said
    as_it_was(ready, private_engine, port)


def test_after_the_activation_it_is_finished(
    ready: Box, images: Images, gate: Gate, private_engine: PrivateEngine, port: int
) -> None:
    """A registry that is slow to say whether it has a tag `previous` holds the last step."""
    ready.configure(f"{gate.host}/{ready.service}:latest", port, health=PATIENT)
    assert images.host == gate.registry.host
    process = ready.start("update", "--yes")
    until_said(process, "[7/7] Prove it healthy")
    gate.slow(20)
    alone = {ready.service: "running"}
    until(
        lambda: containers(private_engine, ready.service) == alone and serves(port) == "2.0",
        seconds=60,
        what="the new one to have the name",
    )
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    status, said = ended(process)
    assert status == 0
    assert "finished if the new version serves" in said
    assert serves(port) == "2.0"
    assert containers(private_engine, ready.service) == alone
    now = ready.status()
    assert (now["recorded"], now["drift"], now["unfinished"]) == (2, [], None)
    assert ready.well("history", "-o", "json").result()[0]["outcome"] == "done"


@pytest.mark.parametrize(("way", "version"), [("resume", "2.0"), ("abort", "1.0")])
def test_a_second_ctrl_c_ends_at_once_and_both_ways_out_are_named(
    ready: Box, private_engine: PrivateEngine, port: int, way: str, version: str
) -> None:
    process = ready.start("update", "--yes")
    until_said(process, "[7/7] Prove it healthy")
    process.send_signal(signal.SIGINT)
    until_said(process, "ending in order")
    process.send_signal(signal.SIGINT)
    status, said = ended(process)
    assert status == 130
    assert "occ resume, or occ abort" in said
    unfinished = ready.status()["unfinished"]
    assert unfinished["kind"] == "update"
    if unfinished["state"] == "reverting":
        version = "1.0"  # the first Ctrl-C had its say already: a resume goes on back
    ready.well(way, *(["--yes"] if way == "abort" else []))
    assert serves(port) == version
    assert get(port, "/marker") == (200, "precious")
    assert containers(private_engine, ready.service) == {ready.service: "running"}


def test_an_output_that_closes_ends_nothing(
    ready: Box, private_engine: PrivateEngine, port: int
) -> None:
    process = ready.start("update", "--yes")
    until_said(process, "Stop the old version")
    for stream in (process.stdout, process.stderr):
        assert stream is not None
        stream.close()
    assert process.wait(timeout=90) == 0
    assert serves(port) == "2.0"
    assert get(port, "/marker") == (200, "precious")
    assert containers(private_engine, ready.service) == {ready.service: "running"}
    assert ready.well("history", "-o", "json").result()[0]["outcome"] == "done"


def test_a_terminal_that_closes_puts_the_old_one_back(
    ready: Box, private_engine: PrivateEngine, port: int
) -> None:
    words = ready.command("update", "--yes")
    child, terminal = pty.fork()
    if child == 0:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        os.chdir(ready.folder)
        os.execve(words[0], words, {**ready.environ, "TERM": "xterm"})
    seen = b""
    while b"[7/7]" not in seen:
        seen += os.read(terminal, 1024)
    os.close(terminal)
    _, ending = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(ending) == 130
    as_it_was(ready, private_engine, port)
