"""Images that say odd things: a health answer without end, ports as a range, no account files."""

import json
from collections.abc import Mapping
from typing import Any

from tests.box import Box, get
from tests.host import containers
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images, build_image, inspect_image

FAST = 'path = "/health"\nversion_field = "version"\ninterval = "100ms"\nmin_healthy = "300ms"\n'


def publish(images: Images, name: str, files: Mapping[str, str], exposed: Mapping[str, Any]) -> str:
    """Let `<registry>/<name>:latest` be the bare image with these files and this config."""
    client = images.engine.client()
    try:
        lines = [f"FROM {images.build('bare', '1.0')}"]
        lines += [f"COPY {file} /www/{file}" for file in files]
        made = build_image(client, {"Dockerfile": "\n".join(lines), **files})
        if exposed:  # a Dockerfile would write each port of a range
            there = client.create_container(made)["Id"]
            made = client.commit(there, conf={"ExposedPorts": dict(exposed)})["Id"]
            client.remove_container(there, v=True)
            assert inspect_image(client, made)["Config"]["ExposedPorts"].items() >= exposed.items()
        return images.push(made, name, "latest").ref
    finally:
        client.close()


def test_a_health_answer_nested_without_end_is_no_version_and_something_serves(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    ref = images.publish("bare", "1.0", name=box.service).ref
    box.configure(ref, port, health=FAST)
    box.well("start", "--yes")
    publish(images, box.service, {"health": "[" * 5_000}, {})
    box.well("update", "--yes")
    assert get(port, "/health") == (200, "[" * 5_000)
    assert containers(private_engine, box.service) == {box.service: "running"}
    assert box.status()["health"] == "healthy"
    assert "healthy" in box.well("status").out


def test_an_image_that_exposes_a_range_of_ports_is_updated_to_and_left_again(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    ref = images.publish("bare", "1.0", name=box.service).ref
    box.configure(ref, port, health=FAST)
    box.well("start", "--yes")
    ranged: dict[str, Any] = {"3000-3002/tcp": {}}
    told = json.dumps({"healthy": True, "version": "2.0"})
    publish(images, box.service, {"health": told}, ranged)
    box.well("update", "--yes")
    assert json.loads(get(port, "/health")[1])["version"] == "2.0"
    assert box.status()["drift"] == []
    box.well("rollback", "--yes")
    assert json.loads(get(port, "/health")[1])["version"] == "1.0"
    assert containers(private_engine, box.service) == {box.service: "running"}
