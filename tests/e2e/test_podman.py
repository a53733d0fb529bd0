"""The main job on Podman: `tox run -e podman`."""

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from tests.box import Box
from tests.testbed.images import Images
from tests.testbed.machine import free_port
from tests.testbed.podman import Podman
from tests.testbed.registry import Registry

if TYPE_CHECKING:
    from tests.testbed.engine import PrivateEngine

pytestmark = pytest.mark.podman


def test_the_demo_comes_to_its_end_as_told() -> None:
    """Start, update, a bad update put back, kill -9 in mid-update and resume, rollback."""
    with Podman() as podman:
        words = [sys.executable, "-m", "tests.demo"]
        environ = {**os.environ, "DOCKER_HOST": podman.url}
        done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_users_keep_their_ids_and_passwords(registry: Registry, tmp_path: Path) -> None:
    with Podman() as podman:
        images = Images(cast("PrivateEngine", podman), registry)
        box = Box(tmp_path, podman.url, service="poddy")
        image = images.publish("good", "1.0", name="poddy").ref
        box.configure(image, free_port(), more='users = ["ann"]\n')
        assert box.occ("start", "--yes").status == 0
        client = podman.client()

        def said(command: str) -> str:
            made = client.exec_create("poddy", ["sh", "-c", command])
            told: bytes = client.exec_start(made["Id"])
            return told.decode()

        said("echo ann:pw-of-ann | chpasswd")
        files = "grep ^ann: /etc/passwd /etc/shadow /etc/group /etc/gshadow; ls -lnd /home/ann"
        before = said(files).splitlines()
        images.publish("good", "2.0", name="poddy")
        done = box.occ("update", "--yes")
        assert done.status == 0, done.err
        assert said(files).splitlines()[:4] == before[:4]
        assert said(files).splitlines()[4].split()[:4] == before[4].split()[:4]
        # As docs/podman.md says: elsewhere the file stays that of the group shadow.
        assert said("stat -c '%a %u:%g' /etc/shadow").strip() == "640 0:0"
