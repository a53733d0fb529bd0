"""Hooks, gate commands and deferral on the real engine: on the host and inside of containers."""

import json
from pathlib import Path

from tests.box import Box, get, post, serves
from tests.testbed.images import Images

SEEN = """#!/bin/sh
cat > {folder}/$OCC_HOOK$OCC_UNDO
"""


def program(folder: Path, name: str, script: str) -> str:
    """A program of the host's."""
    file = folder / name
    file.write_text(script)
    file.chmod(0o755)
    return str(file)


def test_hooks_run_at_their_places_and_are_undone(box: Box, images: Images, port: int) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    post(port, "/marker", "precious")
    images.publish("good", "2.0", name=box.service)
    seen = json.dumps([program(box.folder, "seen", SEEN.format(folder=box.folder))])
    no = json.dumps([program(box.folder, "no", "#!/bin/sh\necho not good enough\nexit 3\n")])
    inside = '["sh", "-c", "test $OCC_HOOK = post_start"]'
    hooks = f"hooks.pre_stop = {{ run = {seen}, undo = {seen} }}\n"
    hooks += f'hooks.post_start = {{ run = {inside}, in = "new" }}\n'
    box.configure(ref, port, more=f"{hooks}hooks.post_health = {{ run = {no} }}\n")
    failed = box.well("update", "--yes", status=6)
    assert "hooks.post_health ended with 3" in failed.err
    assert "not good enough" in failed.err
    assert serves(port) == "1.0"
    body = json.loads((box.folder / "pre_stop").read_text())
    assert (body["hook"], body["undo"], body["old"]["version"]) == ("pre_stop", False, 1)
    assert json.loads((box.folder / "pre_stop1").read_text())["undo"] is True

    images.publish("good", "3.0", name=box.service)
    box.configure(ref, port, more=hooks)
    box.well("update", "--yes")
    assert serves(port) == "3.0"
    assert get(port, "/marker") == (200, "precious")


def test_a_gate_command_is_asked_about_what_is_pulled(box: Box, images: Images, port: int) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    script = f'#!/bin/sh\necho "$@" >> {box.folder}/asked\nexit $(cat {box.folder}/answer)\n'
    more = f"accept = [[{json.dumps(program(box.folder, 'verify', script))}]]\n"
    (box.folder / "answer").write_text("0")
    box.configure(ref, port, more=more)
    box.well("start", "--yes")
    images.publish("good", "2.0", name=box.service)
    (box.folder / "answer").write_text("1")
    assert "accept[0] refused" in box.well("update", "--yes", status=4).err
    assert "gate_refused" in box.well("why").out
    (box.folder / "answer").write_text("75")
    assert "accept[0] gave no answer" in box.well("update", "--yes", status=4).err
    assert serves(port) == "1.0"
    (box.folder / "answer").write_text("0")
    box.well("update", "--yes")
    assert serves(port) == "2.0"
    first, *_, last = (box.folder / "asked").read_text().splitlines()
    new, current = last.split()
    assert first.split() == [current]
    assert new != current


def test_a_service_puts_its_update_off(box: Box, images: Images, port: int) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port, more='defer = ["sh", "-c", "exit 75"]\n')
    box.well("start", "--yes")
    images.publish("good", "2.0", name=box.service)
    assert "asks to wait" in box.well("update", "--yes", status=4).err
    assert serves(port) == "1.0"
    box.well("update", "--yes", "--override", "deferred")
    assert serves(port) == "2.0"
