"""The calls of the engine that stand in a row while a service is down, counted on its socket."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from tests.box import Box, serves
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.tap import Call, Tap

MOST = 5
_ID = re.compile(r"[0-9a-f]{64}")

# occ, which writes down when it asks a service; no call of the engine's tells that
NOTING = """
import runpy, sys, time
from occ.engine import probe
file, asked = sys.argv.pop(1), probe.get
def get(*words):
    with open(file, "a") as notes:
        print(time.monotonic(), file=notes)
    return asked(*words)
probe.get = get
runpy.run_module("occ", run_name="__main__")
"""


def between(calls: list[Call], probes: list[float]) -> list[str]:
    """The calls after the end of the old container and before the new one's first probe."""
    stop = next(one for one in calls if one.words.endswith("/stop"))
    first = min(moment for moment in probes if moment > stop.answered_at)
    return [one.words for one in calls if stop.answered_at <= one.asked_at < first]


def test_between_the_end_of_the_old_one_and_the_first_probe_are_five_calls_at_most(
    box: Box, private_engine: PrivateEngine, images: Images, port: int, tmp_path: Path
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    images.publish("good", "2.0", name=box.service)
    notes = tmp_path / "probes"
    with Tap(private_engine.socket) as tap:
        tapped = replace(box, engine=tap.url)
        done = subprocess.run(
            [sys.executable, "-c", NOTING, str(notes), "update", "--yes"],
            cwd=box.folder,
            env=tapped.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert serves(port) == "2.0"
    probes = [float(line) for line in notes.read_text().splitlines()]
    told = [_ID.sub("ID", words) for words in between(tap.calls, probes)]
    assert len(told) <= MOST
    assert told == [
        "GET /containers/ID/json",  # how the old one ended, and when
        "POST /containers/ID/start",
        "GET /containers/ID/json",  # the start that is watched
        "GET /containers/ID/json",  # whether it is still that
        "GET /containers/ID/json",  # where it is asked
    ]
