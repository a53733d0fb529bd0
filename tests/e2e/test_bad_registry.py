"""The registry's bad days: what serves goes on serving, and the next update succeeds."""

from collections.abc import Callable

import pytest

from tests.box import Box, get, post, serves
from tests.host import advised, birth, containers
from tests.testbed.engine import PrivateEngine
from tests.testbed.gate import Gate
from tests.testbed.images import Images

BALLAST = 400_000

BAD_DAYS: dict[str, tuple[Callable[[Gate], None], str, str]] = {
    "down": (Gate.down, "could not be fetched", "docker pull"),
    "unauthorized": (Gate.unauthorized, "needs a login", "docker login"),
    "too many": (lambda gate: gate.too_many(30), "asks to come back", "docker login"),
    "cut": (lambda gate: gate.cut_after(BALLAST // 2), "could not be fetched", "docker pull"),
}


@pytest.mark.parametrize("day", BAD_DAYS)
def test_it_costs_no_outage_and_the_next_update_succeeds(
    box: Box, images: Images, gate: Gate, private_engine: PrivateEngine, port: int, day: str
) -> None:
    worsen, said, advice = BAD_DAYS[day]
    images.publish("good", "1.0", name=box.service)
    ref = f"{gate.host}/{box.service}:latest"
    box.configure(ref, port)
    box.well("start", "--yes")
    post(port, "/marker", "precious")
    born = birth(private_engine, box.service)
    images.publish("good", "2.0", name=box.service, ballast=BALLAST)

    worsen(gate)
    failed = box.well("update", "--yes", status=6)
    assert f"update of {box.service} failed: " in failed.err
    assert ref in failed.err
    assert said in failed.err
    assert "it is as it was found" in failed.err
    assert advice in failed.err
    assert serves(port) == "1.0"
    assert birth(private_engine, box.service) == born
    assert containers(private_engine, box.service) == {box.service: "running"}
    assert box.status()["drift"] == []
    if day != "cut":  # it asks for less than what was let through
        before = (box.folder / "journal.db").read_bytes()
        asked = gate.requests.total()
        checked = box.well("check", status=6)
        assert said in checked.err
        assert gate.requests.total() - asked <= 4, "a registry that refuses is asked again"
        assert (box.folder / "journal.db").read_bytes() == before

    gate.open()
    assert "occ update" in box.well("check", status=10).out
    box.well("update", "--yes")
    assert serves(port) == "2.0"
    assert get(port, "/marker") == (200, "precious")
    outcomes = [row["outcome"] for row in box.well("history", "-o", "json").result()]
    assert outcomes == ["done", "undone", "done"]


def test_an_image_that_does_not_exist_is_named_and_nothing_else_happens(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    missing = ref.replace(":latest", ":nope")
    box.configure(missing, port)
    failed = box.well("start", "--yes", status=6)
    assert f"{missing} is not at its registry" in failed.err
    assert "nothing was installed" in failed.err
    assert "  try: check the name, or if it is private: docker login" in failed.err
    assert containers(private_engine, box.service) == {}
    checked = box.well("check", status=6)
    assert f"{missing} is not at its registry" in checked.err

    box.configure(ref, port)
    box.well("start", "--yes")
    born = birth(private_engine, box.service)
    failed = box.well("update", "--yes", "--image", missing, status=6)
    assert f"{missing} is not at its registry" in failed.err
    assert serves(port) == "1.0"
    assert birth(private_engine, box.service) == born
    assert containers(private_engine, box.service) == {box.service: "running"}


def test_a_plan_without_a_registry_says_so_and_touches_nothing(
    box: Box, images: Images, gate: Gate, private_engine: PrivateEngine, port: int
) -> None:
    images.publish("good", "1.0", name=box.service)
    box.configure(f"{gate.host}/{box.service}:latest", port)
    box.well("start", "--yes")
    born = birth(private_engine, box.service)
    gate.down()
    refused = box.well("update", "--plan", status=6)
    assert "could not be fetched" in refused.err
    assert birth(private_engine, box.service) == born
    assert len(box.well("history", "--all", "-o", "json").result()) == 1
    assert not advised(refused.err)


def test_a_credential_helper_that_is_missing_or_fails_is_no_login_and_a_note(
    box: Box, images: Images, gate: Gate, port: int
) -> None:
    images.publish("good", "1.0", name=box.service)
    box.configure(f"{gate.host}/{box.service}:latest", port)
    (box.folder / ".docker").mkdir()
    (box.folder / ".docker" / "config.json").write_text('{"credsStore": "nowhere"}')
    note = "no login was sent: docker-credential-nowhere is not installed"
    assert note in box.well("start", "--yes").err
    assert serves(port) == "1.0"

    images.publish("good", "2.0", name=box.service)
    gate.unauthorized()
    assert note in box.well("check", status=6).err
    gate.open()
    helper = box.folder / "docker-credential-nowhere"
    helper.write_text("#!/bin/sh\necho who knows; exit 1\n")
    helper.chmod(0o755)
    path = f"{box.folder}:{box.environ['PATH']}"
    updated = box.occ("update", "--yes", extra={"PATH": path})
    assert updated.status == 0, updated.err
    assert "no login was sent: docker-credential-nowhere failed" in updated.err
    assert "who knows" not in updated.err + updated.out
    assert serves(port) == "2.0"
