"""Real opencode, three versions of it: updates, a change of config alone, and back to the first."""

import json
from pathlib import Path

import pytest

from tests.box import Box, get, post
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.machine import free_port
from tests.testbed.opencode import publish_opencode

HEALTH = 'path = "/global/health"\nversion_field = "version"\nmin_healthy = "2s"\n'
DATA = "/home/opencoder/.local/share/opencode"


@pytest.mark.opencode
def test_a_session_lives_through_updates_and_a_rollback(
    private_engine: PrivateEngine, images: Images, run_name: str, tmp_path: Path
) -> None:
    box, port = Box(tmp_path, private_engine.url, service=run_name), free_port()

    def configure(more: str = "") -> None:
        text = (
            f'[services.{run_name}]\nimage = "{ref}"\nports = ["127.0.0.1:{port}:3000"]\n'
            f'volumes = ["{run_name}-data:{DATA}"]\nstop_timeout = "2s"\n{more}'
        )
        (tmp_path / "config.toml").write_text(f"{text}[services.{run_name}.health]\n{HEALTH}")

    def agrees(version: str) -> None:
        assert json.loads(get(port, "/global/health")[1])["version"] == version
        assert box.status()["reported"] == version
        assert session in {each["id"] for each in json.loads(get(port, "/session")[1])}

    ref = publish_opencode(images, "1.18.31", "latest", name=run_name).ref
    configure()
    box.well("start", "--yes")
    session = json.loads(post(port, "/session", "{}")[1])["id"]
    agrees("1.18.31")
    for version in ("1.18.32", "1.18.33"):
        publish_opencode(images, version, "latest", name=run_name)
        box.well("update", "--yes")
        agrees(version)
    configure('env = { GREETING = "hello" }\n')
    box.well("update", "--yes")
    assert box.status()["version"] == 4
    agrees("1.18.33")
    box.well("rollback", "--to", "1", "--yes")
    agrees("1.18.31")


@pytest.mark.opencode
def test_a_server_with_a_password_is_asked_with_it_and_hears_the_stop(
    private_engine: PrivateEngine, images: Images, run_name: str, tmp_path: Path
) -> None:
    box, port = Box(tmp_path, private_engine.url, service=run_name), free_port()
    ref = publish_opencode(images, "1.18.33", "latest", name=run_name).ref
    text = (
        f'[services.{run_name}]\nimage = "{ref}"\nports = ["127.0.0.1:{port}:3000"]\n'
        f'volumes = ["{run_name}-data:{DATA}"]\nsecrets = ["OPENCODE_SERVER_PASSWORD"]\n'
        f"engine.Init = true\n[services.{run_name}.health]\n{HEALTH}"
    )
    (tmp_path / "config.toml").write_text(text)
    (tmp_path / f"{run_name}.secrets").write_text("OPENCODE_SERVER_PASSWORD=correct-horse\n")
    (tmp_path / f"{run_name}.secrets").chmod(0o600)
    box.well("start", "--yes")
    assert get(port, "/global/health")[0] == 401
    assert (box.status()["health"], box.status()["reported"]) == ("healthy", "1.18.33")
    assert "exit code 143" in box.well("stop", "--yes").err
