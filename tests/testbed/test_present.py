"""An engine that was there before the tests: what it had, it has, and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images

ROOT = Path(__file__).parents[2]
PYTEST = (sys.executable, "-m", "pytest", "-q", "-m", "docker", "-p", "no:cacheprovider")


def what_it_has(engine: PrivateEngine) -> dict[str, set[str]]:
    """All that an engine keeps, by ids and names."""
    client = engine.client()
    return {
        "containers": {one["Id"] for one in client.containers(all=True)},
        "images": {one["Id"] for one in client.images()},
        "tags": {tag for one in client.images() for tag in one["RepoTags"] or ()},
        "volumes": {one["Name"] for one in client.volumes()["Volumes"] or ()},
        "networks": {one["Id"] for one in client.networks()},
    }


def test_a_guest_leaves_an_engine_as_it_found_it(victim: PrivateEngine) -> None:
    client, image = victim.client(), Images(victim).build("good", "guest")
    client.tag(image, "others/service", "1")
    client.create_volume("others-data")
    before = what_it_has(victim)
    done = subprocess.run(
        [*PYTEST, "tests/contract/test_engine_images.py", "-k", "tag or digest"],
        cwd=ROOT,
        env={**os.environ, "DOCKER_HOST": victim.url},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    assert what_it_has(victim) == before
    client.remove_volume("others-data")
