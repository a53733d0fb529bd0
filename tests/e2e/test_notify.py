"""Being told, on a real engine: by the real command, after its result, whatever became of it."""

import time

import pytest

from tests.box import Box
from tests.doubles.receiver import always, receiver
from tests.testbed.images import Images

pytestmark = pytest.mark.docker


def test_an_update_is_told_and_dead_targets_change_nothing(
    box: Box, images: Images, port: int
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    with receiver() as phone, receiver(always(500)) as sick:
        box.configure(ref, port)
        config = box.folder / "config.toml"
        targets = "".join(
            f'[notify.{name}]\nwebhook = "{url}"\nevents = ["done", "failed"]\n'
            for name, url in (
                *(("phone", phone.url), ("sick", sick.url)),
                ("dead", "http://127.0.0.1:9/"),
            )
        )
        config.write_text(f"{config.read_text()}{targets}")
        began = box.well("start", "--yes")
        assert "1 message waits for sick: it answers 500" in began.err
        assert "1 message waits for dead: it cannot be reached" in began.err
        images.publish("sick", "2.0", name=box.service)
        at = time.monotonic()
        failed = box.occ("update", "--yes")
        assert failed.status == 6
        assert time.monotonic() - at < 60
        assert [message["event"] for message in phone.messages] == ["done", "failed"]
        assert phone.messages[1]["failure"] == "unhealthy"
        sick.mood = always(200)
        assert box.occ("notify", "retry").status == 6  # dead is dead
        assert sick.told == phone.told
    kinds = [row["kind"] for row in box.well("history", "-o", "json").result()]
    assert kinds == ["update", "start"]
    assert box.well("journal", "verify").status == 0
