"""The gate on a real engine: it waits for what may still come, and tells what it was answered."""

from tests.box import FAST, HEALTH, Box, serves
from tests.testbed.images import Images


def test_a_healthcheck_that_fails_during_a_slow_start_is_waited_for(
    box: Box, images: Images, port: int
) -> None:
    ref = images.publish("healthcheck", "1.0", name=box.service).ref
    slow = 'env = { START_AFTER = "4" }\n'  # its HEALTHCHECK says unhealthy after two seconds
    patient = HEALTH + FAST.replace("8s", "30s")
    box.configure(ref, port, health=patient, more=slow)
    box.well("start", "--yes")
    assert serves(port) == "1.0"
    assert box.status()["health"] == "healthy"
