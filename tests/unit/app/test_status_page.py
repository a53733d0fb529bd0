"""The page of a service beyond its container: its last operation, its config, a known update."""

from pathlib import Path

import pytest

from occ.app.service_status import Status
from tests.model.world import IMAGE, World

IN_THE_CONFIG = {"env": "a", "policy": "unless-stopped", "volume": "", "timeout": "3s"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.configure(**IN_THE_CONFIG)
    return made


def status(world: World) -> Status:
    found: Status = world.read(lambda app: app.status("web"))
    return found


def test_a_first_visit_has_no_last_operation(world: World) -> None:
    found = status(world)
    assert (found.state, found.last, found.not_in_force, found.update) == ("absent", None, (), "")


def test_a_failed_first_start_is_the_last_operation_with_its_cause(world: World) -> None:
    world.publish("crash", "1.0")
    assert world.typed("start") == 6
    found = status(world)
    assert found.state == "absent"
    assert found.last is not None
    assert (found.last.operation, found.last.kind, found.last.outcome) == (1, "start", "undone")
    assert "is not healthy" in found.last.cause
    assert found.last.hint


def test_a_key_that_was_changed_is_not_in_force_until_apply(world: World) -> None:
    world.publish("good", "1.0")
    assert world.typed("start") == 0, world.said
    assert status(world).not_in_force == ()
    world.configure(**{**IN_THE_CONFIG, "env": "b", "policy": "always"})
    assert set(status(world).not_in_force) == {"env.MODE", "restart"}
    assert world.typed("apply") == 0, world.said
    assert status(world).not_in_force == ()


def test_an_image_that_was_pulled_beside_occ_is_an_update_without_asking_the_registry(
    world: World,
) -> None:
    world.publish("good", "1.0")
    assert world.typed("start") == 0, world.said
    world.publish("good", "2.0")
    assert status(world).update == "", "only the registry has it"
    pulled = world.engine.pull(IMAGE)
    found = status(world)
    assert (found.update, found.caution) == (pulled.id, None)
    assert world.typed("update") == 0, world.said
    assert status(world).update == ""


def test_an_image_that_failed_is_held_back(world: World) -> None:
    world.publish("good", "1.0")
    assert world.typed("start") == 0, world.said
    world.publish("crash", "2.0")
    assert world.typed("update") == 6
    found = status(world)
    assert found.update
    assert found.caution is not None
    assert found.caution.says.startswith("it failed here in operation 2, configured as it is now")
    assert found.last is not None
    assert (found.last.before, found.last.wanted, found.last.outcome) == (1, 2, "undone")
