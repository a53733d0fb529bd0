"""A port that others can reach is opened by somebody who was asked."""

from tests.box import Box, serves
from tests.testbed.images import Images


def test_it_is_asked_about_recorded_and_always_shown(box: Box, images: Images, port: int) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    config = box.folder / "config.toml"
    loopback = config.read_text()
    config.write_text(loopback.replace(f"127.0.0.1:{port}", f"0.0.0.0:{port}"))
    opened = f"0.0.0.0:{port}:3000"

    refused = box.well("start", status=4)
    assert "there is nobody to ask" in refused.err
    assert f"afterwards: {opened}" in box.well("start", "--plan", status=10).out
    assert serves(port) == ""
    box.well("start", "--yes")
    assert serves(port) == "1.0"
    assert f"{opened} (exposed)" in box.well("status").out
    assert f"{opened}: " in box.well("show", "1").out

    box.well("restart", "--yes")
    config.write_text(loopback)
    box.well("apply", "--yes")
    assert "exposed" not in box.well("status").out
    assert "exposed" not in box.well("show", "3").out
    box.well("rollback", "--to", "1", "--yes")
    assert f"{opened}: " in box.well("show", "4").out
