"""A secret that changes, or goes, while an update is unfinished."""

from pathlib import Path

import pytest

from occ.domain.operation_fold import fold
from occ.settings.secret_values.fingerprints import KEY_FILE
from tests.contract.memory_lab import built
from tests.faults.memory import IMAGE, MemoryWorld

BEFORE_CREATE, IN_CREATE = "engine:4:before", "engine:4:after"
CHANGED = "update of web failed: the secret DB_PASSWORD changed since this was planned; "


@pytest.fixture
def world(tmp_path: Path) -> MemoryWorld:
    """One with a secret in a file, its first version running, and a second one to be had."""
    made = MemoryWorld(tmp_path)
    made.engine.host.registry.publish(IMAGE, built("good", "1.0"))
    health = 'path = "/health"\nmin_healthy = "1s"\ntimeout = "5s"\n'
    made.box.configure(IMAGE, 3000, health=health, more='secrets = ["DB_PASSWORD"]\n')
    keep(made, "hunter22")
    assert made.occ("start") == 0, made.said
    made.engine.host.registry.publish(IMAGE, built("good", "2.0"))
    return made


def keep(world: MemoryWorld, value: str) -> None:
    """Have this value of the secret, none when it is empty."""
    store = world.folder / "web.secrets"
    store.touch(mode=0o600)
    store.write_text(f"DB_PASSWORD={value}\n" if value else "")


def has(world: MemoryWorld) -> list[str]:
    """The values that containers of the service were made with."""
    made = world.engine.host.containers.values()
    words = [one for there in made for one in there.body["Env"]]
    return [one.partition("=")[2] for one in words if one.startswith("DB_PASSWORD=")]


def test_a_value_other_than_planned_is_put_back_and_not_made(world: MemoryWorld) -> None:
    keep(world, "open-sesame")
    assert world.occ("update", BEFORE_CREATE) == -9
    keep(world, "hunter22")
    assert world.occ("resume") == 6
    assert world.said == f"{CHANGED}it is as it was found"
    last = fold(world.journal.entries(operation=2))
    assert last is not None
    assert last.failure is not None
    assert last.failure.hint == "type the command again"
    assert (world.serves(), has(world)) == ("1.0", ["hunter22"])
    assert world.occ("update") == 0, world.said
    assert (world.serves(), has(world)) == ("2.0", ["hunter22"])
    keep(world, "open-sesame")
    assert world.occ("update") == 0, world.said
    assert has(world) == ["open-sesame"]


def test_what_is_made_already_has_the_value_that_was_planned(world: MemoryWorld) -> None:
    assert world.occ("update", IN_CREATE) == -9
    keep(world, "open-sesame")
    assert world.occ("resume") == 0, world.said
    assert (world.serves(), has(world)) == ("2.0", ["hunter22"])


@pytest.mark.parametrize("how", ["gone", "another", "unreadable"])
def test_what_cannot_be_compared_is_no_reason_to_stop(world: MemoryWorld, how: str) -> None:
    assert world.occ("update", BEFORE_CREATE) == -9
    keep(world, "open-sesame")
    key = world.folder / KEY_FILE
    if how == "gone":
        key.unlink()
    elif how == "another":
        key.write_bytes(b"k" * 32)
    else:
        key.write_bytes(b"no key")
    assert world.occ("resume") == 0, world.said
    assert world.serves() == "2.0"


@pytest.mark.parametrize("point", [BEFORE_CREATE, IN_CREATE])
def test_a_value_that_is_gone_holds_no_abort_up(world: MemoryWorld, point: str) -> None:
    assert world.occ("update", point) == -9
    keep(world, "")
    assert world.occ("abort") == 0, world.said
    assert world.serves() == "1.0"
    assert list(world.engine.names()) == ["web"]


def test_a_creation_that_comes_late_is_removed_without_the_value_too(world: MemoryWorld) -> None:
    assert world.occ("update", "engine:4:before", "late") == -9
    keep(world, "")
    assert world.occ("abort") == 0, world.said
    world.clock.sleep(1_000)
    assert list(world.engine.names()) == ["web"]
