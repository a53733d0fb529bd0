"""What an update refuses before anything is touched, and what it says beside its end."""

from dataclasses import replace
from pathlib import Path

import pytest

from occ.app.ledgers import ledger_of
from occ.domain.operation_fold import fold
from occ.engine.values import Answer
from tests.contract.memory_lab import built
from tests.faults.memory import IMAGE, MemoryWorld

FIELD = 'version_field = "version"\n'
PREVIOUS = IMAGE.replace("latest", "previous")


@pytest.fixture
def world(tmp_path: Path) -> MemoryWorld:
    made = MemoryWorld(tmp_path)
    made.prepare("update", "one")
    return made


@pytest.mark.parametrize("verb", ["update", "apply"])
def test_a_secret_without_a_value_is_a_refusal_before_anything_is_touched(
    world: MemoryWorld, verb: str
) -> None:
    config = world.box.folder / "config.toml"
    text = config.read_text().replace("volumes = ", 'secrets = ["DB_PASSWORD"]\nvolumes = ', 1)
    config.write_text(text)
    written, there = world.journal.head(), world.engine.containers({})
    assert world.occ(verb) == 4
    assert "secret DB_PASSWORD of service web has no value" in world.said
    assert world.journal.head() == written
    assert world.engine.containers({}) == there
    assert world.serves() == "1.0"


def test_a_rollback_wants_the_secrets_of_its_own_version_too(world: MemoryWorld) -> None:
    config = world.box.folder / "config.toml"
    text, secret = config.read_text(), world.box.folder / "web.secrets"
    config.write_text(text.replace("volumes = ", 'secrets = ["DB_PASSWORD"]\nvolumes = ', 1))
    secret.touch(mode=0o600)
    secret.write_text("DB_PASSWORD=hunter22\n")
    assert world.occ("update") == 0, world.said
    config.write_text(text)
    assert world.occ("update") == 0, world.said
    secret.unlink()
    written = world.journal.head()
    assert world.occ("rollback") == 4
    assert "secret DB_PASSWORD of service web has no value" in world.said
    assert world.journal.head() == written


def test_previous_is_moved_to_the_image_that_was_replaced(world: MemoryWorld) -> None:
    assert world.occ("update") == 0
    assert world.notes == ()
    there = world.engine.image(PREVIOUS)
    assert there is not None
    assert there.id == built("good", "1.0").id


def test_a_tag_previous_of_the_registrys_own_is_left_alone_and_that_is_said(
    world: MemoryWorld,
) -> None:
    world.engine.host.registry.publish(PREVIOUS, built("good", "0.9"))
    assert world.occ("update") == 0
    assert world.notes == (f"{PREVIOUS} is a tag of the registry's own",)
    assert world.engine.image(PREVIOUS) is None
    assert world.serves() == "2.0"


def test_a_url_is_told_where_http_is_asked_and_an_address_elsewhere(world: MemoryWorld) -> None:
    config = world.box.folder / "config.toml"
    text = config.read_text()
    old = 'ports = ["127.0.0.1:3000:3000"]'
    assert old in text
    more = '"127.0.0.1:5432:5432", "[::1]:6379:6379", "127.0.0.1:53:53/udp", "[::1]:3000:3000"'
    text = text.replace(old, f'ports = ["127.0.0.1:3000:3000", {more}]').replace(
        'path = "/health"\n', 'path = "/health"\nport = 3000\n'
    )
    config.write_text(text)
    assert world.occ("update") == 0, world.said
    others = ("127.0.0.1:5432", "[::1]:6379")
    assert world.served == ("http://127.0.0.1:3000", *others, "http://[::1]:3000")
    config.write_text(text.replace('path = "/health"\nport = 3000\n', "").replace(FIELD, ""))
    assert world.occ("update") == 0, world.said
    assert world.served == ("127.0.0.1:3000", *others, "[::1]:3000")


def test_only_what_runs_is_said_to_be_served(world: MemoryWorld) -> None:
    here = ("http://127.0.0.1:3000",)
    told = []
    for verb in ("update", "restart", "stop", "update", "rollback", "start", "update"):
        assert world.occ(verb) == 0, world.said
        told.append((verb, world.served))
    assert told == [
        ("update", here),
        ("restart", here),
        ("stop", ()),
        ("update", ()),
        ("rollback", ()),
        ("start", here),
        ("update", here),
    ]


def test_a_network_that_is_not_there_is_found_before_the_stop(world: MemoryWorld) -> None:
    config = world.box.folder / "config.toml"
    config.write_text(
        config.read_text().replace("volumes = ", 'networks = ["gone"]\nvolumes = ', 1)
    )
    assert world.occ("update") == 6
    assert "there is no network gone; it is as it was found" in world.said
    operation = fold(world.journal.entries(operation=world.journal.last_operation()))
    assert operation is not None
    assert operation.downtime_ms is None
    assert not operation.disrupted
    assert world.serves() == "1.0"


def test_a_declared_healthcheck_has_the_time_that_it_may_need(world: MemoryWorld) -> None:
    config = world.box.folder / "config.toml"
    declared = 'Test = ["CMD", "true"]\nStartPeriod = 600000000000\n'
    text = config.read_text().replace(
        "[services.web]\n", '[services.web]\nproven_timeout = "timeout"\n', 1
    )
    config.write_text(f"{text}[services.web.engine.Healthcheck]\n{declared}")
    needed = 600_000 + 4 * (30_000 + 30_000)
    for verb in ("update", "restart"):
        assert world.occ(verb) == 0, world.said
        operation = fold(world.journal.entries(operation=world.journal.last_operation()))
        assert operation is not None
        gates = [s.plan.inputs for s in operation.steps if s.plan.name == "prove_health"]
        assert [gate["deadline_ms"] for gate in gates] == [needed]


def test_a_container_of_others_with_the_replacements_name_is_in_nobodys_way(
    world: MemoryWorld,
) -> None:
    theirs = world.engine.run_foreign("web.occ-next", IMAGE)
    assert world.occ("update") == 0, world.said
    assert world.serves() == "2.0"
    there = world.engine.inspect(theirs)
    assert there is not None
    assert (there.name, there.state) == ("web.occ-next", "running")


@pytest.mark.parametrize("line", ['pull = "missing"', '[services.web.users]\npasswords = "reset"'])
def test_how_occ_goes_about_a_replacement_is_no_reason_for_one(
    world: MemoryWorld, line: str
) -> None:
    assert world.occ("update") == 0, world.said
    config, there = world.box.folder / "config.toml", world.engine.containers({})
    head, health = config.read_text().split("[services.web.health]")
    config.write_text(f"{head}{line}\n[services.web.health]{health}")
    ledger = ledger_of(world.desk().journal, "web")
    for verb in ("apply", "update"):
        assert world.occ(verb) == 0, world.said
        assert world.unchanged
    assert world.engine.containers({}) == there
    assert ledger_of(world.desk().journal, "web") == ledger


def test_status_notes_an_answer_without_the_field_of_the_version(world: MemoryWorld) -> None:
    assert world.occ("update") == 0, world.said
    status = world.app.status("web")
    assert (status.reported, status.notes) == ("2.0", ())
    config = world.box.folder / "config.toml"
    text = config.read_text()
    assert FIELD in text
    config.write_text(text.replace(FIELD, 'version_field = "build.number"\n'))
    assert world.occ("apply") == 0, world.said
    status = world.app.status("web")
    note = "the answer of /health holds no version: it has no field build.number, or is no JSON"
    assert (status.health, status.reported, status.notes) == ("healthy", "", (note,))
    config.write_text(text.replace(FIELD, ""))
    assert world.occ("apply") == 0, world.said
    assert world.app.status("web").notes == ()
    config.write_text(text.replace(FIELD, 'version_field = "build.number"\n'))
    assert world.occ("apply") == 0, world.said
    assert world.occ("stop") == 0, world.said
    assert world.app.status("web").notes == ()


LOGIN = b"<!doctype html><title>Log in</title>"


@pytest.mark.parametrize(
    ("status", "page"),
    [(200, LOGIN), (200, b""), (401, LOGIN), (401, b'{"error": "who is there?"}'), (401, b"\n")],
)
def test_a_good_answer_without_a_version_is_noted_by_update_and_status(
    world: MemoryWorld, status: int, page: bytes
) -> None:
    config = world.box.folder / "config.toml"
    config.write_text(config.read_text().replace(FIELD, f"{FIELD}expect_status = {status}\n"))
    image = built("good", "2.0")
    image = replace(image, behaviour=replace(image.behaviour, status=status, page=page))
    world.engine.host.registry.publish(IMAGE, image)
    assert world.occ("update") == 0, world.said
    operation = fold(world.journal.entries(operation=world.journal.last_operation()))
    assert operation is not None
    assert operation.proof is not None
    note = "the answer of /health holds no version: it has no field version, or is no JSON"
    notes = (note,) if page else ()
    said, reported = (f"healthy; {note}", "") if page else ("reports version 2.0", "2.0")
    assert (operation.proof.said, operation.proof.reported) == (said, reported)
    told = world.app.status("web")
    assert (told.version, told.health, told.why) == (2, "healthy", "")
    assert (told.reported, told.notes) == (reported, notes)
    assert ledger_of(world.journal, "web").versions[2].reported == reported


def test_another_version_than_was_recorded_is_drift(
    world: MemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody replaced the program within the container."""
    assert world.occ("update") == 0, world.said
    assert world.app.status("web").drift == ()
    answer = Answer(status=200, body=b'{"version": "2.1"}', route="published")
    monkeypatch.setattr(world.engine, "probe", lambda *_: answer)
    line = "it reports version 2.1; version 2 reported 2.0 when it was proven"
    assert world.app.status("web").drift == (line,)
    assert world.occ("restart") == 0, world.said
    assert world.app.status("web").drift == (line,)
    silent = replace(answer, body=b"{}")
    monkeypatch.setattr(world.engine, "probe", lambda *_: silent)
    assert world.app.status("web").drift == ()
