"""A service whose image is built on its host instead of pulled."""

import json
from pathlib import Path

from tests.box import Box, serves
from tests.host import client
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images


def _write(folder: Path, base: str, *more: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "Dockerfile").write_text("\n".join((f"FROM {base}", *more, "")))


def test_an_update_builds_and_a_build_that_fails_stops_nothing(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    with client(private_engine) as engine:
        for version in ("1.0", "2.0"):
            engine.tag(images.build("good", version), f"{box.service}-base", version)
    context = box.folder / "image"
    _write(context, f"{box.service}-base:1.0", "ARG COLOUR=grey", "LABEL colour=$COLOUR")
    box.configure("", port, more='build = { context = "image", args = { COLOUR = "blue" } }\n')
    config = box.folder / "config.toml"
    config.write_text(config.read_text().replace('image = ""\n', ""))

    assert f"Build occ.local/build/{box.service}:latest from {context}" in (
        box.well("start", "--plan", status=10).out
    )
    box.well("start", "--yes")
    assert serves(port) == "1.0"
    with client(private_engine) as engine:
        (built,) = engine.images(f"occ.local/build/{box.service}")
    assert built["Labels"]["colour"] == "blue"
    assert box.status()["image"] == built["Id"]
    assert "there is no registry to ask" in box.well("check").out

    assert "unchanged" in box.well("update", "--yes").out
    _write(context, f"{box.service}-base:2.0")
    box.well("update", "--yes")
    assert serves(port) == "2.0"

    _write(context, f"{box.service}-base:1.0", "RUN echo the-reason >&2 && exit 3")
    failed = box.well("update", "--yes", status=6)
    assert serves(port) == "2.0"
    assert "the-reason" in failed.err
    shown = json.loads(box.well("show", "4", "-o", "json").out)["result"]
    (step,) = (s for s in shown["steps"] if s["plan"]["name"] == "build_image")
    assert step["failure"]["code"] == "build_failed"
    assert any("the-reason" in line for line in step["failure"]["log_tail"])

    box.well("rollback", "--to", "1", "--yes")
    assert serves(port) == "1.0"
