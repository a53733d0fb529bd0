"""Reasons why a service is not updated, each brought about on a real engine and registry."""

import signal
from pathlib import Path
from typing import Any

import pytest

from tests.box import Box, serves, until_said
from tests.host import birth, client
from tests.testbed.engine import PrivateEngine
from tests.testbed.gate import Gate
from tests.testbed.images import Images

LONG = 'min_age = "3d"\n'


def reasons(box: Box) -> dict[str, Any]:
    """What occ why says of the service, by the names of the reasons; nothing is written."""
    head = box.well("journal", "head").out
    (told,) = box.well("why", box.service, "-o", "json").result()
    assert box.well("journal", "head").out == head
    found = {reason["name"]: reason for reason in told["reasons"]}
    del found["auto_off"]  # nothing here updates itself
    return found


def due(box: Box) -> bool:
    (told,) = box.well("why", box.service, "-o", "json").result()
    return bool(told["due"])


@pytest.fixture
def ref(box: Box, images: Images, port: int) -> str:
    """The name of an image whose version 1.0 runs."""
    found = images.publish("good", "1.0", name=box.service).ref
    box.configure(found, port)
    box.well("start", "--yes")
    return found


def append(box: Box, table: str, lines: str) -> None:
    config = box.folder / "config.toml"
    config.write_text(f"{config.read_text()}\n[services.{box.service}.{table}]\n{lines}")


def test_newest_held_young_and_overridden(
    box: Box, images: Images, private_engine: PrivateEngine, ref: str, port: int
) -> None:
    assert [*reasons(box)] == ["already_newest"]
    images.publish("good", "2.0", name=box.service)
    assert (reasons(box), due(box)) == ({}, True)
    box.well("check", status=10)

    box.well("hold", box.service, "--for", "3d", "-m", "the fair")
    held = reasons(box)["held"]
    assert held["text"].endswith(" holds it since operation 2: the fair")
    assert held["until"] > held["since"] > 0
    append(box, "auto", LONG)
    assert [*reasons(box)] == ["held", "too_young"]
    born = birth(private_engine, box.service)
    box.well("check", status=0)
    refused = box.well("update", "--yes", status=4)
    assert "try: occ update --yes --override held,too_young" in refused.err
    box.well("update", "--yes", "--override", "held", status=4)
    assert birth(private_engine, box.service) == born
    row = box.well("history", "-o", "json").result()[0]
    assert (row["kind"], row["reason"]) == ("hold", "the fair")
    box.well("update", "--yes", "--override", "held,too_young")
    assert serves(port) == "2.0"
    box.well("rollback", "--yes")  # a hold keeps no way back away
    box.well("unhold", box.service)
    assert box.well("unhold", box.service).out == f"{box.service}: nobody holds it\n"
    assert ref


def test_bad_left_and_a_registry_that_is_silent(
    box: Box, images: Images, gate: Gate, port: int
) -> None:
    images.publish("good", "1.0", name=box.service)
    box.configure(f"{gate.host}/{box.service}:latest", port)
    box.well("start", "--yes")
    images.publish("crash", "2.0", name=box.service)
    box.well("update", "--yes", status=6)
    assert [*reasons(box)] == ["known_bad"]
    images.publish("good", "3.0", name=box.service)
    box.well("update", "--yes")
    box.well("rollback", "--yes", "--reason", "it is slow")
    left = reasons(box)["left_by_rollback"]
    assert left["text"].endswith(" rolled back from it: it is slow")
    box.well("unhold", box.service)
    assert due(box)
    gate.down()
    assert [*reasons(box)] == ["registry_unknown"]
    box.well("check", "--all", status=6)


def test_an_image_that_is_absent_a_secret_and_a_config(box: Box, ref: str, port: int) -> None:
    box.configure(f"{ref.rpartition(':')[0]}:absent", port)
    assert {*reasons(box)} == {"image_missing", "config_pending"}
    box.configure(ref, port, more='env = { COLOUR = "red" }\n')
    assert reasons(box)["config_pending"]["text"] == "not in force: env.COLOUR"
    box.configure(ref, port, more='secrets = ["TOKEN"]\n')
    assert [*reasons(box)] == ["secret_missing"]


def test_no_room_no_snapshot_and_no_rehearsal(
    box: Box, images: Images, ref: str, port: int
) -> None:
    images.publish("good", "2.0", name=box.service)
    box.configure(ref, port, more="snapshot_required = true\n")  # snapshot = "never" forbids it
    assert [*reasons(box)] == ["snapshot_lacking"]
    text = (box.folder / "config.toml").read_text()
    room = text.replace('snapshot = "never"', 'snapshot = "replace"\nmin_free = "100t"')
    (box.folder / "config.toml").write_text(room)
    assert [*reasons(box)] == ["no_room"]
    more = 'rehearse_required = true\nmounts = ["/var/run/docker.sock:/engine"]\n'
    box.configure(ref, port, more=more)
    assert "rehearsal_lacking" in reasons(box)


def test_somebody_at_work_and_somebody_gone(box: Box, images: Images, ref: str, port: int) -> None:
    assert ref
    images.publish("good", "2.0", name=box.service)
    running = box.start("update", "--yes")
    until_said(running, "[2/")
    running.send_signal(signal.SIGSTOP)
    busy = reasons(box)["busy"]
    assert busy["text"].startswith("operation 2 (update) is driven by process ")
    running.kill()
    running.communicate()
    assert "operation_unfinished" in reasons(box)
    box.well("hold", box.service)  # which hides nothing
    assert "operation_unfinished" in reasons(box)
    box.well("resume")
    assert serves(port) == "2.0"
    assert [*reasons(box)] == ["already_newest", "held"]


def test_whose_host_it_is(
    box: Box, private_engine: PrivateEngine, ref: str, tmp_path: Path
) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    other = Box(folder, box.engine, service=box.service)
    (folder / "config.toml").write_text((box.folder / "config.toml").read_text())
    other.well("hold", "-m", "so that there is a journal")
    assert "other_journal" in reasons(other)
    away = Box(box.folder, "unix:///nowhere/docker.sock", service=box.service)
    assert [*reasons(away)] == ["engine_unreachable"]
    with client(private_engine) as one:
        one.remove_container(box.service, force=True)
        made = one.create_container(ref, name=box.service)["Id"]
        try:
            assert [*reasons(box)] == ["foreign_container"]
        finally:
            one.remove_container(made, force=True)
