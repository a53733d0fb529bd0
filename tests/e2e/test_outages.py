"""The outage that a plan predicts, against the one that follows, of three services."""

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.box import FAST, HEALTH, Box
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.machine import free_port

EARLIER, LATER = 10, 20
ANCHORS = 0.9


class Service(NamedTuple):
    kind: str
    health: str
    more: str = ""


SERVICES = {
    "quick": Service("good", HEALTH + FAST),
    "slow": Service("good", HEALTH + 'min_healthy = "300ms"\n', 'env = { START_AFTER = "1.1" }\n'),
    "checked": Service("healthcheck", HEALTH + 'min_healthy = "300ms"\n'),
}


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_nine_of_ten_outages_are_in_the_range_that_was_predicted(
    private_engine: PrivateEngine, images: Images, run_name: str, tmp_path: Path
) -> None:
    inside, recorded = 0, dict[str, list[int]]()
    for name, service in SERVICES.items():
        folder = tmp_path / name
        folder.mkdir()
        box = Box(folder, private_engine.url, service=f"{run_name}{name}", forked=True, snapshot="")
        ref = images.publish(service.kind, "1.0", name=box.service).ref
        box.configure(ref, free_port(), health=service.health, more=service.more)
        box.well("start", "--yes")
        recorded[name] = []
        for turn in range(EARLIER + LATER):
            images.publish(service.kind, f"{(turn + 1) % 2 + 1}.0", name=box.service)
            told = box.well("update", "--plan", "-o", "json", status=10).result()["outage"]
            ended = box.well("update", "--yes", "-o", "json").result()
            down = ended["downtime_ms"] - (ended["snapshot_ms"] or 0)
            recorded[name].append(down)
            if turn >= EARLIER:
                assert told["count"] == min(turn, 20)
                assert told["high_ms"] - told["low_ms"] <= 2 * told["middle_ms"]
                inside += told["low_ms"] <= down <= told["high_ms"]
        box.well("stop", "--yes")
    print(f"{inside} of {LATER * len(SERVICES)}: {json.dumps(recorded)}")
    assert inside >= ANCHORS * LATER * len(SERVICES)
