"""A secret's value reaches the journal by no way: an answer, a reason, an argument, an error."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from occ.app.app import App
from occ.app.desk import Desk
from occ.app.options import Options
from occ.domain.values import Actor
from occ.engine.values import Answer
from occ.errors import FailedError, OccError
from tests.contract.memory_lab import built
from tests.faults.memory import IMAGE, NAME, MemoryWorld
from tests.people import YES, do

KEPT = {"DB_PASSWORD": "hunter22", "PIN": "correct horse"}
HEALTH = 'path = "/health"\nversion_field = "version"\nmin_healthy = "1s"\ntimeout = "5s"\n'


@pytest.fixture
def world(tmp_path: Path) -> MemoryWorld:
    """One with secrets in a file, its first version running."""
    made = MemoryWorld(tmp_path)
    store = tmp_path / "web.secrets"
    store.touch(mode=0o600)
    store.write_text("".join(f"{name}={value}\n" for name, value in KEPT.items()))
    made.engine.host.registry.publish(IMAGE, built("good", "1.0"))
    made.box.configure(IMAGE, 3000, health=HEALTH, more='secrets = ["DB_PASSWORD", "API_TOKEN"]\n')
    return made


def desk(world: MemoryWorld) -> Desk:
    actor = Actor(operator="ann", argv=("occ", "update", "--reason", "pw hunter22", "swordfish"))
    return replace(world.desk(API_TOKEN="swordfish"), identify=lambda *_: actor)


def leaks(world: MemoryWorld) -> list[str]:
    """The rows of the journal that hold a value."""
    values = (*KEPT.values(), "swordfish")
    bodies = [row.body for row in world.journal.rows]
    return [body for body in bodies if any(value in body for value in values)]


def typed(world: MemoryWorld, verb: str, reason: str = "") -> OccError | None:
    """Type a command; the error that it ended with."""
    try:
        do(App(desk(world)), verb, NAME, Options(reason=reason, resume_first=True), YES)
    except OccError as error:
        return error
    return None


def answers(world: MemoryWorld, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """Have the service say that this is its version."""

    def probed(*_: object) -> Answer:
        body = json.dumps({"healthy": True, "version": version}).encode()
        return Answer(status=200, body=body, route="published")

    monkeypatch.setattr(world.engine, "probe", probed)


def test_no_answer_reason_argument_or_label_brings_it_there(
    world: MemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(world, monkeypatch, "v hunter22")
    label = {"org.opencontainers.image.version": "swordfish"}
    made = built("good", "1.0")
    world.engine.host.registry.publish(IMAGE, replace(made, labels={**made.labels, **label}))
    assert typed(world, "start", "because of hunter22 and correct horse") is None
    for verb in ("stop", "start", "restart", "apply", "forget"):
        typed(world, verb, "swordfish hunter22")
    assert leaks(world) == []
    said = "".join(row.body for row in world.journal.rows)
    assert '"reported":"v ***"' in said
    assert '"labelled":"***"' in said
    assert '"reason":"because of *** and ***"' in said
    assert '"argv":["occ","update","--reason","pw ***","***"]' in said


@pytest.mark.parametrize("way", ["resume", "abort", "abandon"])
def test_no_error_and_no_way_out_brings_it_there(
    world: MemoryWorld, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    assert typed(world, "start") is None
    world.engine.host.registry.publish(IMAGE, built("good", "2.0"))
    stop = world.engine.stop

    def refused(*_: object) -> None:
        raise FailedError("the engine says: hunter22", hint="try swordfish")

    monkeypatch.setattr(world.engine, "create", refused)
    monkeypatch.setattr(world.engine, "set_policy", refused)
    assert "hunter22" not in str(typed(world, "update"))
    monkeypatch.setattr(world.engine, "stop", stop)
    typed(world, way)
    assert leaks(world) == []


def test_a_value_that_only_an_earlier_version_names_is_hidden_too(world: MemoryWorld) -> None:
    assert typed(world, "start") is None
    world.box.configure(IMAGE, 3000, health=HEALTH)
    assert typed(world, "apply", "without swordfish") is None
    assert leaks(world) == []


def test_what_is_shown_is_what_is_stored(
    world: MemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(world, monkeypatch, "hunter22")
    told: list[str] = []
    people = replace(YES, listen=lambda operation, event: told.append(f"{operation}{event}"))
    do(App(desk(world)), "start", NAME, Options(), people)
    assert not [text for text in told if "hunter22" in text]


def test_a_store_that_cannot_be_read_keeps_nobody_from_writing(world: MemoryWorld) -> None:
    assert typed(world, "start") is None
    (world.folder / "web.secrets").write_text("export DB_PASSWORD=hunter22\n")
    assert typed(world, "stop", "swordfish") is None
    assert not [row for row in world.journal.rows if "swordfish" in row.body]
