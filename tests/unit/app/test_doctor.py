"""What doctor finds of engine and service, on the engine in memory."""

from dataclasses import replace
from pathlib import Path

import pytest

from occ.app.options import Options
from occ.domain.findings import Finding
from occ.engine.values import EngineInfo
from occ.errors import EngineVersionError
from tests.contract.memory_lab import built
from tests.doubles.engine.engine import MemoryEngine
from tests.model.world import IMAGE, NAME, World

_MACHINE = {"disk_low", "prune_timer", "sqlite"}


class Odd(MemoryEngine):
    """An engine of another age, or one that this occ cannot speak to."""

    api = ""
    podman = ""

    def info(self) -> EngineInfo:
        if self.podman:
            return replace(super().info(), podman=True, version=self.podman)
        if not self.api:
            raise EngineVersionError("the engine 1.0 speaks API 1.1 to 1.2", hint="docker version")
        return replace(super().info(), api=self.api)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Two versions, the second one current."""
    world = World(tmp_path)
    world.configure(env="a", policy="unless-stopped", volume="", timeout="8s")
    for version in ("1.0", "2.0"):
        world.publish("good", version)
        assert world.typed("update") == 0, world.said
    assert found(world) == []
    return world


def found(world: World) -> list[Finding]:
    told: tuple[Finding, ...] = world.read(lambda app: app.doctor(NAME))
    return [finding for finding in told if finding.code not in _MACHINE]


def codes(world: World) -> list[str]:
    return [finding.code for finding in found(world)]


def test_the_image_of_a_rollback_is_restored_while_its_registry_has_it(world: World) -> None:
    world.engine.host.prune("all images")  # spares what a container is made from
    assert codes(world) == ["image_absent"]
    assert found(world)[0].fix == "occ repair --service web"
    assert world.typed("repair") == 0
    assert found(world) == []
    assert world.typed("rollback") == 0


def test_a_prune_of_images_without_a_tag_takes_no_way_back(world: World) -> None:
    world.publish("good", "3.0")
    assert world.typed("update") == 0
    world.engine.host.prune("images")
    world.engine.host.registry.mood = "down"
    assert codes(world) == []
    assert world.typed("rollback", Options(to=1)) == 0
    assert world.healthy()


def test_an_image_that_is_nowhere_is_a_note_for_repair_cannot_get_it(world: World) -> None:
    world.engine.host.prune("all images")
    world.engine.host.registry.mood = "down"
    (note,) = found(world)
    assert (note.code, note.note) == ("image_gone", True)
    assert note.fix.startswith("docker pull example.test/web@sha256:")


def test_an_image_that_no_registry_ever_had_is_a_note_too(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.configure(env="a", policy="unless-stopped", volume="", timeout="8s")
    config = tmp_path / "config.toml"
    config.write_text(config.read_text().replace("volumes = ", 'pull = "never"\nvolumes = ', 1))
    for version in ("1.0", "2.0"):
        world.engine.host.images.add(built("good", version), IMAGE)
        assert world.typed("update") == 0, world.said
    world.engine.host.prune("all images")
    (note,) = found(world)
    assert (note.code, note.fix) == ("image_gone", "docker load -i FILE, where it was saved to one")


def test_the_image_of_a_container_that_is_gone_comes_back_with_it(world: World) -> None:
    for container in world.ours():
        world.engine.stop(container.id, 1_000)
        world.engine.remove(container.id)
    world.engine.host.prune("all images")
    assert codes(world) == ["container_missing", "image_absent", "image_absent"]
    assert world.typed("repair") == 0
    assert found(world) == []
    assert world.healthy()


def test_an_engine_that_is_older_than_what_is_tested(world: World) -> None:
    odd = Odd(world.clock)
    odd.host, odd.api = world.engine.host, "1.40"
    world.engine = odd
    assert codes(world) == ["engine_old"]
    odd.api = ""
    assert codes(world) == ["engine_version"]


def test_podman_is_told_and_an_old_one_is_not_safe(world: World) -> None:
    odd = Odd(world.clock)
    odd.host, odd.podman = world.engine.host, "5.4.2"
    world.engine = odd
    (finding,) = found(world)
    assert (finding.code, finding.note) == ("engine_podman", True)
    assert "Podman 5.4.2" in finding.says
    odd.podman = "4.3.1"
    (finding,) = found(world)
    assert (finding.code, finding.note) == ("engine_old", False)
    assert "no update is safe" in finding.says


def test_a_service_that_lives_on_another_engine(world: World) -> None:
    world.engine = MemoryEngine(world.clock, number="ANOTHER")
    (finding,) = found(world)
    assert finding.code == "other_engine"
    assert finding.fix.startswith("DOCKER_HOST=unix:///memory/docker.sock ")


def test_one_of_another_spec_that_is_down_and_was_asked_to_run_runs_again(world: World) -> None:
    (there,) = world.ours()
    world.engine.stop(there.id, 1_000)
    there.labels = {**there.labels, "occ.spec": "another"}
    assert codes(world) == ["container_different", "container_stopped"]
    assert world.typed("repair") == 0
    assert found(world) == []
    assert world.healthy()


@pytest.mark.parametrize("verb", ["stop", "start"])
def test_one_that_a_prune_took_is_made_again_and_runs_if_it_was_last_asked_to(
    world: World, verb: str
) -> None:
    (there,) = world.ours()
    world.engine.stop(there.id, 1_000)
    assert world.typed(verb) == 0
    world.engine.stop(there.id, 1_000)
    world.engine.host.prune("containers")
    assert codes(world) == ["container_missing"]
    assert world.typed("repair") == 0
    assert found(world) == []
    assert len(world.ours()) == 1
    assert world.healthy() == (verb == "start")
