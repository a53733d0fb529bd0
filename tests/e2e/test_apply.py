"""The config changes, the image stays: what `occ apply` does and does not do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.box import Box, get, post, serves
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.machine import free_port


@pytest.fixture
def box(private_engine: PrivateEngine, run_name: str, tmp_path: Path) -> Iterator[Box]:
    box = Box(tmp_path, private_engine.url, service=run_name, forked=True)
    yield box
    client = private_engine.client()
    for container in client.containers(all=True, filters={"name": run_name}):
        client.remove_container(container["Id"], force=True, v=True)
    client.close()


def test_apply_changes_the_spec_and_never_the_image(box: Box, images: Images) -> None:
    port = free_port()
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    assert "occ start" in box.well("apply", "--yes", status=3).err
    box.well("start", "--yes")
    post(port, "/marker", "precious")
    box.well("apply", "--yes", "--exit-unchanged", status=77)

    images.publish("good", "2.0", name=box.service)
    box.configure(ref, port, more='env = { GREETING = "hello" }\n')
    planned = box.well("apply", "--plan", status=10)
    assert "the config changes: env" in planned.out
    assert '  | +GREETING = "hello"' in planned.out
    assert '\n+GREETING = "hello"' in box.well("config", "diff", status=10).out
    applied = box.well("apply", "--yes")
    assert '  | +GREETING = "hello"' in applied.err.partition("[1/7]")[0]
    assert "1 -> 2" in applied.out
    box.well("config", "diff")
    assert serves(port) == "1.0"
    assert get(port, "/marker") == (200, "precious")
    box.well("apply", "--plan")
    box.well("update", "--plan", status=10)

    box.well("rollback", "--yes")
    box.well("apply", "--plan", status=10)
    kinds = [row["kind"] for row in box.well("history", "-o", "json").result()]
    assert kinds == ["rollback", "apply", "start"]


def test_an_image_that_the_config_names_anew_must_be_there(box: Box, images: Images) -> None:
    port = free_port()
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    box.configure(f"{ref}.9", port)
    refused = box.well("apply", "--yes", status=6)
    assert "is not on the host" in refused.err
    assert serves(port) == "1.0"
