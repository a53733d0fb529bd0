"""The engine's bad days: not there, or gone in mid-update. Each on an engine made for that."""

import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.box import Box, get, post, serves, until_said
from tests.host import advised, containers
from tests.testbed.engine import PrivateEngine
from tests.testbed.gate import Gate
from tests.testbed.images import Images


@pytest.fixture
def doomed(victim: PrivateEngine, run_name: str, tmp_path: Path) -> Box:
    """A box whose engine may be killed."""
    return Box(tmp_path, victim.url, service=run_name)


def test_no_engine_is_exit_5_and_nothing_is_written(
    doomed: Box, victim_images: Images, victim: PrivateEngine, port: int
) -> None:
    doomed.configure(victim_images.publish("good", "1.0", name=doomed.service).ref, port)
    doomed.well("start", "--yes")
    written = doomed.well("journal", "verify", "-o", "json").result()["entries"]
    victim.kill()
    for words in (["start"], ["update"], ["rollback", "--to", "1"]):
        failed = doomed.well(*words, "--yes", status=5)
        assert f"no engine listens at {victim.url}" in failed.err
        assert "  try: sudo systemctl start docker" in failed.err
    for verb in ("status", "check", "logs"):
        began = time.monotonic()
        assert str(victim.url) in doomed.well(verb, status=5).err
        assert time.monotonic() - began < 15
    assert doomed.well("history", "-o", "json").result()[0]["kind"] == "start"
    assert doomed.well("versions", "-o", "json").result()[0]["here"] is None
    assert doomed.well("journal", "verify", "-o", "json").result()["entries"] == written

    victim.start()
    doomed.well("start", "--yes")
    assert serves(port) == "1.0"


def test_a_service_that_an_engine_left_down_is_said_to_be_and_since_when(
    doomed: Box, victim_images: Images, victim: PrivateEngine, port: int
) -> None:
    """A kill of the engine does not bring back what runs unless stopped."""
    doomed.configure(victim_images.publish("good", "1.0", name=doomed.service).ref, port)
    doomed.well("start", "--yes")
    post(port, "/marker", "precious")
    victim.kill()
    victim.start()
    came_up = datetime.now(tz=UTC).astimezone().strftime("%Y-%m-%d %H:")
    said = rf"the engine restarted at {came_up}\S+ and left it down: it ended at .* exit status 0"
    status = doomed.status()
    assert (status["state"], len(status["drift"])) == ("exited", 1)
    assert re.fullmatch(rf"{said}: occ start --service {doomed.service}", status["drift"][0])
    assert re.search(said, doomed.well("doctor", status=4).out)
    assert re.search(f"note: {said}", doomed.well("start", "--yes").err)
    assert get(port, "/marker") == (200, "precious")
    assert doomed.status()["drift"] == []


ENDS = {"resume": ("2.0", "done"), "abort": ("1.0", "undone")}


@pytest.mark.parametrize(
    ("moment", "way"),
    [
        ("Stop the old version", "resume"),
        ("Stop the old version", "abort"),
        ("Prove it healthy", "abort"),
    ],
)
def test_an_engine_killed_in_mid_update_leaves_both_ways_open(
    doomed: Box, victim_images: Images, victim: PrivateEngine, port: int, moment: str, way: str
) -> None:
    serving, outcome = ENDS[way]
    first = "slow" if moment.startswith("Stop") else "good"
    ref = victim_images.publish(first, "1.0", name=doomed.service).ref
    health = 'path = "/health"\ninterval = "100ms"\nmin_healthy = "2s"\ntimeout = "20s"\n'
    doomed.configure(ref, port, health=health)
    doomed.well("start", "--yes")
    post(port, "/marker", "precious")
    victim_images.publish("good", "2.0", name=doomed.service)
    said = _killed_at(doomed, victim, moment)
    assert f"the engine at {victim.url}" in said or f"no engine listens at {victim.url}" in said
    assert advised(said) <= {"resume", "abort"}
    victim.start()

    found = doomed.status()
    unfinished = found["unfinished"]
    (restarted,) = found["notes"]
    assert re.fullmatch(r"the engine restarted at \S+ \S+, after operation 2 began", restarted)
    assert (unfinished["kind"], unfinished["state"]) == ("update", "running")
    assert advised(doomed.well("update", "--plan", status=7).err) == {"resume", "abort"}
    ended = doomed.well(way, *(["--yes"] if way == "abort" else []))
    assert f"note: {restarted}" in ended.err
    assert serves(port) == serving
    assert get(port, "/marker") == (200, "precious")
    assert containers(victim, doomed.service) == {doomed.service: "running"}
    assert doomed.well("history", "-o", "json").result()[0]["outcome"] == outcome
    status = doomed.status()
    assert (status["drift"], status["unfinished"]) == ([], None)
    assert status["policy"] == "unless-stopped"


@pytest.mark.parametrize("way", ["resume", "abort"])
def test_an_engine_killed_while_it_pulls(
    doomed: Box, victim_images: Images, victim: PrivateEngine, gate: Gate, port: int, way: str
) -> None:
    victim_images.publish("good", "1.0", name=doomed.service)
    doomed.configure(f"{gate.host}/{doomed.service}:latest", port)
    doomed.well("start", "--yes")
    post(port, "/marker", "precious")
    # A layer of its own for each way: the store of the newest engine keeps one for a while.
    ballast = {"resume": 400_000, "abort": 400_001}[way]
    victim_images.publish("good", "2.0", name=doomed.service, ballast=ballast)
    gate.slow(100_000)
    _killed_at(doomed, victim, "Pull ")
    gate.open()
    victim.start()
    if way == "abort":  # the engine's own end took the service down, and it is not brought back
        aborted = doomed.well("abort", "--yes")
        assert f"{doomed.service} ran when it was found and does not now: occ start" in aborted.err
        doomed.well("start", "--yes")
    else:
        doomed.well("resume")
    assert serves(port) == ("2.0" if way == "resume" else "1.0")
    assert get(port, "/marker") == (200, "precious")
    assert containers(victim, doomed.service) == {doomed.service: "running"}


def _killed_at(box: Box, engine: PrivateEngine, moment: str) -> str:
    """Let an update come to a step, kill the engine in the middle of it; what occ said then."""
    with box.start("update", "--yes") as running, _limited(running):
        assert running.stderr is not None
        said = until_said(running, moment)
        time.sleep(0.7)
        assert running.poll() is None, said
        engine.kill()
        rest = running.stderr.read().decode()
        assert running.wait() == 7, rest
        return rest


@contextmanager
def _limited(running: subprocess.Popen[bytes]) -> Iterator[None]:
    """Have it ended, whatever happens, within a minute."""
    timer = threading.Timer(60, running.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        running.kill()
