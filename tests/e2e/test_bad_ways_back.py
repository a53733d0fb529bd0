"""Rollback and the ways around it, where the direct one is blocked or means something else."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.box import Box, get, post, serves, until_said
from tests.findings import findings
from tests.host import birth, client, containers, inspect
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.registry import Registry


def installed(box: Box, images: Images, port: int, *versions: str) -> str:
    """Install the first version, update to each of the others; the reference to pull."""
    ref = images.publish("good", versions[0], name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    for version in versions[1:]:
        images.publish("good", version, name=box.service)
        box.well("update", "--yes")
    return ref


def versions(box: Box) -> dict[int, dict[str, object]]:
    """What `occ versions` says, by number."""
    return {row["number"]: row for row in box.well("versions", "-o", "json").result()}


def test_back_means_what_was_replaced_and_never_forward(
    box: Box, images: Images, private_engine: PrivateEngine, registry: Registry, port: int
) -> None:
    installed(box, images, port, "1.0", "2.0", "3.0")
    box.well("rollback", "--to", "1", "--yes")
    assert serves(port) == "1.0"
    fourth = images.publish("good", "4.0", name=box.service)
    box.well("update", "--yes")
    assert box.status()["version"] == 4

    plan = box.well("rollback", "--plan", status=10)
    assert f"{box.service}: rollback, version 4 -> 1" in plan.out
    box.well("rollback", "--yes")
    assert serves(port) == "1.0"
    refused = box.well("rollback", "--yes", status=4)
    assert "nothing precedes version 1; newer ones: 2, 3, 4" in refused.err
    assert "  try: occ rollback --to V" in refused.err

    box.well("rollback", "--to", "4", "--yes")
    images.publish("good", "5.0", name=box.service)
    box.well("update", "--yes")
    with client(private_engine) as engine:
        engine.remove_image(fourth.image_id, force=True)
    for digest in versions(box)[4]["digest"], fourth.digest, versions(box)[1]["digest"]:
        if registry.has(box.service, str(digest)):
            registry.delete(box.service, str(digest))
    known = {row["number"]: row for row in box.well("versions", "--check", "-o", "json").result()}
    assert [(known[n]["here"], known[n]["published"]) for n in (1, 4)] == [
        (True, False),  # its kept image is enough
        (False, False),
    ]
    skipping = box.well("rollback", "--yes")
    assert "version 4 is skipped: its image is gone, here and at its registry" in skipping.err
    assert serves(port) == "1.0"


def test_rollback_with_the_spec_of_now_is_a_new_version(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    ref = installed(box, images, port, "1.0", "2.0")
    box.configure(ref, port, more='env = { GREETING = "hello" }\n')
    box.well("rollback", "--to", "1", "--spec", "now", "--yes")
    assert serves(port) == "1.0"
    status = box.status()
    assert (status["version"], status["drift"]) == (3, [])
    assert "GREETING=hello" in inspect(private_engine, box.service)["Config"]["Env"]
    newest = box.well("history", "-o", "json").result()[0]
    assert (newest["kind"], newest["before"], newest["after"]) == ("rollback", 2, 3)
    box.well("rollback", "--to", "1", "--yes")
    assert "GREETING=hello" not in inspect(private_engine, box.service)["Config"]["Env"]


def test_rollback_to_the_current_one_puts_it_right(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    installed(box, images, port, "1.0")
    post(port, "/marker", "precious")
    to_current = ("rollback", "--to", "1", "--yes")
    assert "unchanged" in box.well(*to_current).out
    box.well(*to_current, "--exit-unchanged", status=77)

    with client(private_engine) as engine:
        engine.stop(box.service)
    box.well(*to_current)
    assert serves(port) == "1.0"

    never: Any = {"Name": "no"}
    with client(private_engine) as engine:
        engine.update_container(box.service, restart_policy=never)
    assert box.status()["drift"] == [
        f"its restart policy is no, not unless-stopped: occ repair --service {box.service}"
    ]
    box.well(*to_current)
    assert box.status()["drift"] == []

    with client(private_engine) as engine:
        engine.rename(box.service, f"{box.service}-odd")
    assert box.status()["drift"] == [
        f"its container is named {box.service}-odd: occ repair --service {box.service}"
    ]
    box.well(*to_current)
    assert box.status()["drift"] == []
    assert containers(private_engine, box.service) == {box.service: "running"}
    assert get(port, "/marker") == (200, "precious")


def test_options_that_hold_back(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    ref = installed(box, images, port, "1.0")
    born, entries = birth(private_engine, box.service), _entries(box)
    refused = box.well("update", "--yes", "--if-current", "7", status=4)
    assert "version 1 is current, not 7" in refused.err
    assert "  try: occ versions" in refused.err
    first = box.well("rollback", "--yes", status=4)
    assert "nothing precedes version 1" in first.err
    assert "nothing to do" in box.well("update", "--plan").out
    images.publish("good", "2.0", name=box.service)
    plan = box.well("update", "--plan", status=10)
    assert [line.strip() for line in plan.out.splitlines()][1:] == [
        "1. Back up current image",
        f"2. Pull {ref}",
        "3. Create the replacement",
        "4. Stop the old version",
        "5. Recreate users",
        "6. Start the new version",
        "7. Prove it healthy",
        "The service is down from the stop of the old one until the new one answers.",
    ]
    assert box.occ("update").status == 4, "nobody to ask"
    assert (birth(private_engine, box.service), _entries(box)) == (born, entries)

    box.well("update", "--yes", "--if-current", "1")
    other = images.publish("good", "3.0", name=box.service, tag="other").ref
    box.well("update", "--yes", "--image", other)
    assert serves(port) == "3.0"
    status = box.status()
    assert (status["reference"], status["wanted"]) == (other, ref)
    shown = box.well("status").out
    assert other in shown
    assert ref in shown

    late = box.well("rollback", "--yes", "--if-current", "2", status=4)
    assert "version 3 is current, not 2" in late.err
    assert serves(port) == "3.0"


def test_a_rollback_leaves_the_configured_image_as_it_is_and_status_shows_both(
    box: Box, images: Images, port: int
) -> None:
    first = installed(box, images, port, "1.0")
    second = images.publish("good", "2.0", name=box.service, tag="2.0").ref
    config = box.folder / "config.toml"
    config.write_text(config.read_text().replace(first, second))
    box.well("update", "--yes")
    written = config.read_bytes()
    box.well("rollback", "--yes")
    status = box.status()
    assert (status["version"], status["reference"], status["wanted"]) == (1, first, second)
    shown = box.well("status").out
    assert first in shown
    assert second in shown
    assert config.read_bytes() == written
    assert serves(port) == "1.0"


def test_without_a_probe_running_is_enough(box: Box, images: Images, port: int) -> None:
    ref = installed(box, images, port, "1.0")
    images.publish("sick", "2.0", name=box.service)
    box.well("update", "--yes", "--no-probe")
    assert get(port, "/health")[0] == 503
    status = box.status()
    assert (status["version"], status["health"]) == (2, "unhealthy")
    images.publish("good", "3.0", name=box.service)
    box.well("update", "--yes", "--image", ref)
    assert serves(port) == "3.0"


def test_what_accepts_and_never_answers_does_not_pass(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    """The engine's port proxy accepts a connection also when nothing listens behind it."""
    ref = installed(box, images, port, "1.0")
    health = 'path = "/health"\ninterval = "100ms"\nmin_healthy = "300ms"\ntimeout = "2s"\n'
    box.configure(ref, port, health=health, more='env = { PORT = "3999" }\n')
    failed = box.well("update", "--yes", status=6)
    assert "nothing answers on port 3000/health" in failed.err
    assert "it is as it was found" in failed.err
    assert serves(port) == "1.0"
    assert containers(private_engine, box.service) == {box.service: "running"}
    assert versions(box)[2]["standing"] == "bad"


def test_what_was_stopped_is_replaced_stopped_and_judged_at_its_first_start(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    installed(box, images, port, "1.0")
    box.well("stop", "--yes")
    images.publish("sick", "2.0", name=box.service)
    box.well("update", "--yes")
    assert containers(private_engine, box.service) == {box.service: "created"}
    assert versions(box)[2]["standing"] == "unproven"
    failed = box.well("start", "--yes", status=6)
    assert "answered 503" in failed.err
    assert containers(private_engine, box.service) == {box.service: "exited"}
    assert versions(box)[2]["standing"] == "bad"
    box.well("rollback", "--yes")
    box.well("start", "--yes")
    assert serves(port) == "1.0"


def test_abandon_touches_nothing_and_the_next_update_starts_from_what_is(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    ref = images.publish("slow", "1.0", name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    post(port, "/marker", "precious")
    images.publish("good", "2.0", name=box.service)
    with box.start("update", "--yes") as running:
        until_said(running, "Stop the old version")
        running.kill()
    with client(private_engine) as engine:
        engine.stop(box.service)  # whether occ had asked for it or not yet
    stopped = {box.service: "exited", f"{box.service}.occ-next": "created"}
    assert containers(private_engine, box.service) == stopped
    closed = box.well("abandon", "--yes")
    assert "operation 2 is closed; nothing was touched" in closed.out
    assert f"left: container {box.service}.occ-next" in closed.out
    assert containers(private_engine, box.service) == stopped
    assert box.well("history", "-o", "json").result()[0]["outcome"] == "abandoned"
    assert any("left over" in drift for drift in box.status()["drift"])
    box.well("update", "--yes")  # what is stopped is replaced stopped
    assert serves(port) == ""
    box.well("start", "--yes")
    assert serves(port) == "2.0"
    assert get(port, "/marker") == (200, "precious")
    assert containers(private_engine, box.service) == {box.service: "running"}
    assert box.status()["drift"] == []


def test_an_older_copy_of_the_journal_is_refused_until_it_is_advanced(
    box: Box, images: Images, private_engine: PrivateEngine, port: int, tmp_path: Path
) -> None:
    installed(box, images, port, "1.0")
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in box.folder.glob("journal.db*"):
        shutil.copy(file, copy)
    images.publish("good", "2.0", name=box.service)
    box.well("update", "--yes")
    for file in box.folder.glob("journal.db*"):
        file.unlink()
    for file in copy.iterdir():
        shutil.copy(file, box.folder)
    born = birth(private_engine, box.service)
    images.publish("good", "3.0", name=box.service)
    refused = box.well("update", "--yes", status=4)
    assert "the host has operation 2 and version 2 of this journal" in refused.err
    assert "which itself ends at operation 1 and version 1" in refused.err
    assert "occ journal advance" in refused.err
    assert birth(private_engine, box.service) == born
    assert "was noted, so it is missing" in box.well("journal", "verify", status=9).err
    assert [f["code"] for f in findings(box)] == ["host_ahead"]
    box.well("journal", "advance", "--yes")
    box.well("journal", "verify")
    assert {f["code"] for f in findings(box)} == {"container_different"}
    box.well("update", "--yes")
    assert findings(box) == []
    assert serves(port) == "3.0"
    assert box.status()["version"] == 3
    assert containers(private_engine, box.service) == {box.service: "running"}


@pytest.mark.parametrize("verb", ["stop", "restart"])
def test_a_terminal_that_says_nothing_holds_nothing_up(
    box: Box, images: Images, port: int, verb: str
) -> None:
    installed(box, images, port, "1.0")
    with subprocess.Popen(
        box.command(verb, "--yes"),
        cwd=box.folder,
        env=box.environ,
        stdin=subprocess.PIPE,  # open, and silent
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as running:
        assert running.wait(30) == 0
    assert serves(port) == ("" if verb == "stop" else "1.0")


def _entries(box: Box) -> int:
    entries: int = box.well("journal", "verify", "-o", "json").result()["entries"]
    return entries
