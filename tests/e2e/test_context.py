"""Docker's contexts, as the docker command itself stores them."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.box import Box, serves
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images

pytestmark = pytest.mark.docker


def test_a_service_lives_on_the_engine_of_a_context(
    private_engine: PrivateEngine, images: Images, run_name: str, port: int, tmp_path: Path
) -> None:
    """Made by `docker context create` alone, which writes no config.json; then the current one."""
    box = Box(tmp_path, "", service=run_name)
    box.configure(images.publish("good", "1.0", name=run_name).ref, port)

    def docker(*words: str) -> None:
        environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        command = ["docker", "context", *words]
        subprocess.run(command, env=environ, check=True, capture_output=True)

    docker("create", "ours", "--docker", f"host={private_engine.url}")
    assert not (tmp_path / ".docker" / "config.json").exists()
    chosen = {"DOCKER_CONTEXT": "ours"}
    started = box.occ("start", "--yes", extra=chosen)
    assert started.status == 0, started.err
    assert serves(port) == "1.0"
    refused = box.occ("status", extra={"DOCKER_CONTEXT": "theirs"})
    assert (refused.status, "no Docker context theirs" in refused.err) == (5, True)
    docker("use", "ours")
    images.publish("good", "2.0", name=run_name)
    updated = box.occ("update", "--yes")
    assert updated.status == 0, updated.err
    assert private_engine.url in box.occ("status").out
    assert serves(port) == "2.0"
