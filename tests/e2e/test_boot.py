"""The boot unit, its lines run by hand: what systemd would run after a crash in mid-update."""

import os
import shlex
import signal
import subprocess
from pathlib import Path

import pytest

from tests.box import Box, get, post, serves, until_said
from tests.host import client, containers
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.machine import PATH

SLOW = (
    'path = "/health"\nversion_field = "version"\ninterval = "100ms"\nmin_healthy = "1s"\n'
    'timeout = "20s"\n'
)


def run_by_hand(unit: str, folder: Path) -> list[int]:
    """What a unit's lines end with, in order, with its own environment and no login's."""
    environ = {"PATH": PATH, **{k: os.environ[k] for k in ("PYTHONPATH",) if k in os.environ}}
    ended = []
    for line in unit.splitlines():
        key, _, value = line.partition("=")
        words = [word.replace("%%", "%").replace("$$", "$") for word in shlex.split(value)]
        if key == "Environment":
            name, _, text = words[0].partition("=")
            environ[name] = text
        elif key.startswith("Exec"):
            words[0] = words[0].removeprefix("-")
            done = subprocess.run(
                words, cwd=folder, env=environ, stdin=subprocess.DEVNULL, timeout=60, check=False
            )
            ended.append(done.returncode)
    return ended


@pytest.mark.parametrize(
    ("kind", "ended", "version"), [("good", [0, 0], "2.0"), ("sick", [6, 0], "1.0")]
)
def test_after_a_kill_in_mid_update_the_boot_unit_leaves_it_serving(
    box: Box,
    images: Images,
    private_engine: PrivateEngine,
    port: int,
    kind: str,
    ended: list[int],
    version: str,
) -> None:
    """An update that is put back ends its line badly, and the next line runs all the same."""
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port, health=SLOW)
    unit = box.well("install", "--system", "--dry-run").out
    box.well("start", "--yes")
    post(port, "/marker", "precious")
    images.publish(kind, "2.0", name=box.service)
    if kind == "sick":
        box.configure(ref, port, health=SLOW.replace("20s", "3s"))
    process = box.start("update", "--yes")
    until_said(process, "[7/7]")
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    assert box.status()["unfinished"]["kind"] == "update"
    for name, state in containers(private_engine, box.service).items():
        if state == "running":  # as after a crash of the machine: nothing runs
            with client(private_engine) as one:
                one.kill(name)

    assert run_by_hand(unit, box.folder) == ended
    assert serves(port) == version
    assert get(port, "/marker") == (200, "precious")
    assert containers(private_engine, box.service) == {box.service: "running"}
    now = box.status()
    assert (now["recorded"], now["drift"], now["unfinished"]) == (int(version[0]), [], None)
    assert [row["kind"] for row in box.well("history", "-o", "json").result()] == [
        "update",
        "start",
    ]
