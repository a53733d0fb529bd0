"""A service that is asked whether it is at work, and what it keeps: told, and never guessed."""

from dataclasses import replace
from pathlib import Path

import pytest

from occ.domain.operation import Operation
from tests.contract.memory_lab import built
from tests.faults.memory import IMAGE
from tests.unit.app.hooked import Hooked

IDLE, COUNT = 'when_idle = "/session/status"', 'count_path = "/session"'
HOUR_MS = 3_600_000


def asked(folder: Path, *lines: str, **pages: tuple[int, bytes]) -> Hooked:
    """A service of these lines; `one_status`, `two_session` are its versions' answers."""
    world = Hooked(folder, "\n".join(lines))
    names = {"one": "1.0", "two": "2.0"}
    paths = {"status": "/session/status", "session": "/session"}
    for name, page in pages.items():
        version, _, path = name.partition("_")
        world.world.engine.host.pages[names[version], paths[path]] = page
    return world


def said(operation: Operation, name: str) -> list[object]:
    return [one.result.get("said") for one in operation.steps if one.plan.name == name]


def test_an_idle_service_is_updated(tmp_path: Path) -> None:
    world = asked(tmp_path, IDLE, one_status=(200, b"{}"))
    assert world.update() == 0, world.world.said
    assert world.end() == ("2.0", "done", None)
    assert said(world.last, "ask_idle") == ["it is idle"]


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ((200, b'{"a": {"type": "busy"}}'), "web is busy: /session/status lists 1 at work"),
        ((200, b"<html>"), "web may be busy: the answer of /session/status is no JSON"),
        ((401, b"{}"), "web may be busy: /session/status answered 401, not 200"),
        ((500, b"{}"), "web may be busy: /session/status answered 500, not 200"),
        (None, "web may be busy: /session/status answered 404, not 200"),
    ],
)
def test_what_is_busy_or_unknown_puts_it_off_before_anything_is_stopped(
    tmp_path: Path, page: tuple[int, bytes] | None, why: str
) -> None:
    world = asked(tmp_path, IDLE, **({"one_status": page} if page else {}))
    assert world.update() == 4
    assert why in world.world.said
    assert world.end() == ("1.0", "undone", "deferred")
    assert not world.last.begun("stop_container")
    assert world.standing == "unproven"
    assert world.update("deferred") == 0, world.world.said
    assert world.end() == ("2.0", "done", None)


def test_it_is_waited_for_no_longer_than_the_config_allows(tmp_path: Path) -> None:
    world = asked(tmp_path, IDLE, 'max_wait = "2h"', one_status=(200, b"[1]"))
    assert world.update() == 4
    world.world.clock.sleep(HOUR_MS)
    assert world.update() == 4
    world.world.clock.sleep(HOUR_MS)
    assert world.update() == 0, world.world.said
    waited = "/session/status lists 1 at work; it was waited for long enough"
    assert said(world.last, "ask_idle") == [waited]


@pytest.mark.parametrize("verb", ["apply", "rollback", "restart", "stop"])
def test_only_an_update_waits(tmp_path: Path, verb: str) -> None:
    world = asked(tmp_path, IDLE, one_status=(200, b"[]"), two_status=(200, b"[1]"))
    assert world.update() == 0, world.world.said
    world.declare(f'{IDLE}\nuser = "7"' if verb == "apply" else IDLE)
    assert world.world.occ(verb) == 0, world.world.said


def test_a_service_that_does_not_run_is_not_asked(tmp_path: Path) -> None:
    world = asked(tmp_path, IDLE, COUNT)
    assert world.world.occ("stop") == 0
    assert world.update() == 0, world.world.said
    assert not world.last.has("ask_idle")
    assert not world.last.has("count_entries")


@pytest.mark.parametrize(
    ("before", "after", "told", "note"),
    [
        (b"[1, 2]", b"[1, 2]", ["2 in /session", "2 in /session"], ""),
        (b"[1, 2]", b"[1, 2, 3]", ["2 in /session", "3 in /session"], ""),
        (
            *(b"[1, 2]", b"[]", ["2 in /session", "0 in /session"]),
            "/session listed 2 before, and lists 0 now: occ show 2",
        ),
        (
            *(b"<html>", b"[]", ["the answer of /session is no JSON", "0 in /session"]),
            "not counted: the answer of /session is no JSON",
        ),
        (
            *(b"[1]", b"<html>", ["1 in /session", "the answer of /session is no JSON"]),
            "not counted: the answer of /session is no JSON",
        ),
    ],
)
def test_what_it_keeps_is_counted_before_and_after_and_told(
    tmp_path: Path, before: bytes, after: bytes, told: list[str], note: str
) -> None:
    world = asked(tmp_path, COUNT, one_session=(200, before), two_session=(200, after))
    assert world.update() == 0, world.world.said
    assert said(world.last, "count_entries") == told
    assert [one for one in world.world.notes if "/session" in one] == ([note] if note else [])
    assert world.end() == ("2.0", "done", None)


def test_the_number_from_before_a_crash_stays(tmp_path: Path) -> None:
    world = asked(tmp_path, COUNT, one_session=(200, b"[1, 2]"), two_session=(200, b"[1]"))
    assert world.update(point="engine:6:after") == -9
    world.world.engine.host.pages.pop(("1.0", "/session"))
    assert world.world.occ("resume") == 0, world.world.said
    assert said(world.last, "count_entries") == ["2 in /session", "1 in /session"]
    assert "/session listed 2 before, and lists 1 now: occ show 2" in world.world.notes


def test_the_login_of_the_health_path_is_used(tmp_path: Path) -> None:
    world = asked(tmp_path, IDLE, one_status=(200, b"{}"))
    folder = world.world.box.folder
    config = folder / "config.toml"
    old, new = ((built("good", one)) for one in ("1.0", "2.0"))
    for image in (old, new):
        behaviour = replace(image.behaviour, password_in="PASS")
        world.world.engine.host.registry.publish(IMAGE, replace(image, behaviour=behaviour))
        config.write_text(
            config.read_text().replace(IDLE, f'{IDLE}\nsecrets = ["PASS"]')
            + 'auth = { user = "opencode", secret = "PASS" }\n'
            if image is old
            else config.read_text()
        )
        secrets = folder / "web.secrets"
        secrets.touch(mode=0o600)
        secrets.write_text("PASS=correct-horse\n")
        assert world.update() == 0, world.world.said
    assert said(world.last, "ask_idle") == ["it is idle"]
    assert world.world.app.status("web").reported == "2.0"
    assert "correct-horse" not in "".join(row.body for row in world.world.journal.rows)
