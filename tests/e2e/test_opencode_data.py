"""Sessions of opencode and going back with the data: the real program, and a list that vanishes."""

import json
from pathlib import Path

import pytest

from tests.box import Box, get, post, serves
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.machine import free_port
from tests.testbed.opencode import publish_opencode

HEALTH = 'path = "/global/health"\nversion_field = "version"\nmin_healthy = "2s"\n'
DATA = "/home/opencoder/.local/share/opencode"


def listed(port: int) -> list[str]:
    """The sessions of a service that keeps a list."""
    status, body = get(port, "/list")
    assert status == 200
    return body.splitlines()


def test_sessions_that_vanish_under_a_new_major_version_are_back_with_the_data(
    box: Box, images: Images, port: int
) -> None:
    box.configure(images.publish("anew", "1.17", name=box.service).ref, port)
    box.well("start", "--yes")
    for session in ("one", "two"):
        assert post(port, "/list", session)[0] == 200
    images.publish("anew", "1.18", name=box.service)
    box.well("update", "--yes")
    assert post(port, "/list", "three")[0] == 200
    assert listed(port) == ["one", "two", "three"]

    images.publish("anew", "2.0", name=box.service)
    box.well("update", "--yes")
    assert (serves(port), listed(port)) == ("2.0", [])  # healthy, and without one of them
    assert box.status()["health"] == "healthy"
    assert post(port, "/list", "of two")[0] == 200

    box.well("rollback", "--data", "then", "--yes")
    assert (serves(port), listed(port)) == ("1.18", ["one", "two", "three"])
    box.well("rollback", "--to", "1", "--data", "then", "--yes")
    assert (serves(port), listed(port)) == ("1.17", ["one", "two"])
    box.well("rollback", "--to", "3", "--data", "then", "--yes")
    assert (serves(port), listed(port)) == ("2.0", ["of two"])


def sessions(port: int) -> set[str]:
    """The sessions that the real program lists."""
    return {each["id"] for each in json.loads(get(port, "/session")[1])}


def session(port: int) -> str:
    """A new session of the real program."""
    return str(json.loads(post(port, "/session", "{}")[1])["id"])


@pytest.mark.opencode
def test_sessions_after_an_update_are_absent_with_the_data_of_then_and_present_forward(
    private_engine: PrivateEngine, images: Images, run_name: str, tmp_path: Path
) -> None:
    box, port = Box(tmp_path, private_engine.url, service=run_name), free_port()
    ref = publish_opencode(images, "1.18.31", "latest", name=run_name).ref
    (tmp_path / "config.toml").write_text(
        f'[services.{run_name}]\nimage = "{ref}"\nports = ["127.0.0.1:{port}:3000"]\n'
        f'volumes = ["{run_name}-data:{DATA}"]\nstop_timeout = "2s"\n'
        f"[services.{run_name}.health]\n{HEALTH}"
    )

    def version() -> str:
        return str(json.loads(get(port, "/global/health")[1])["version"])

    box.well("start", "--yes")
    before = {session(port), session(port)}
    publish_opencode(images, "1.18.32", "latest", name=run_name)
    box.well("update", "--yes")
    assert (version(), sessions(port)) == ("1.18.32", before)
    after = {session(port)}

    box.well("rollback", "--to", "1", "--data", "then", "--yes")
    assert (version(), sessions(port)) == ("1.18.31", before)
    aside = {session(port)}

    box.well("rollback", "--to", "2", "--data", "then", "--yes")
    assert (version(), sessions(port)) == ("1.18.32", before | after)
    box.well("rollback", "--to", "1", "--data", "then", "--yes")
    assert (version(), sessions(port)) == ("1.18.31", before | aside)
