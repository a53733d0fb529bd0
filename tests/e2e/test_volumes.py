"""A new image that keeps its data elsewhere than the one before."""

import json

from tests.box import FAST, HEALTH, Box, serves
from tests.findings import findings, typed
from tests.host import inside
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images


def test_data_that_a_new_image_does_not_mount_is_told_and_mounted_again(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    text = f'[services.{box.service}]\nimage = "{ref}"\nports = ["127.0.0.1:{port}:3000"]\n'
    health = f"[services.{box.service}.health]\n{HEALTH}{FAST}"
    (box.folder / "config.toml").write_text(text + health)
    box.well("start", "--yes")
    inside(private_engine, box.service, "echo precious > /data/precious; echo .")
    images.publish("moved", "2.0", name=box.service, forget=False)
    (box.folder / "config.toml").write_text(f'{text}pull = "missing"\n{health}')
    images.engine.client().pull(ref)

    old, new = f"{box.service}.data", f"{box.service}.newdata"
    planned = json.loads(box.well("update", "--plan", "-o", "json", status=10).out)["result"]
    unseen = "will not be mounted any more: its data stays, and the service does not see it"
    filled = "it begins empty, or with the files that the image has there"
    assert planned["warnings"] == [
        f"volume {old} (/data) {unseen}",
        f"volume {new} (/newdata) is new: {filled}",
    ]
    assert "will not be mounted any more" in box.well("update", "--plan", status=10).out
    updated = box.well("update", "--yes", "-o", "json")
    told = json.loads(updated.out)["result"]["warnings"]
    assert [line.split(" (")[0] for line in told] == [f"volume {new}", f"volume {old}"]
    assert f"volume {old} (/data) is not mounted any more; its data stays" in updated.err
    assert serves(port) == "2.0"
    assert f"volume {old} (/data) of an earlier version is not mounted" in box.well("status").out
    assert len(box.status()["notes"]) == 2
    (left,) = findings(box)
    assert left["code"] == "volume_left"
    assert "try: occ config set volumes" in box.well("doctor", status=4).out

    typed(box, left, "--yes")
    assert inside(private_engine, box.service, "cat /newdata/precious") == "precious\n"
    (left,) = findings(box)
    assert left["fix"].startswith(f"docker volume rm {new} (")
    back = box.well("rollback", "--to", "1", "--plan", status=10).out
    assert "will not be mounted" not in back
    box.well("rollback", "--to", "1", "--yes")
    assert inside(private_engine, box.service, "cat /data/precious") == "precious\n"
    assert findings(box) == []
