"""A container that has another name than its service, through the whole life of the service."""

from dataclasses import replace
from pathlib import Path

import pytest

from occ.app.change.adopt_draft import own_name
from occ.app.options import Options
from occ.errors import ForeignContainerError
from tests.contract.memory_lab import built
from tests.faults.memory import IMAGE, NAME, OURS, MemoryWorld
from tests.people import YES, do
from tests.unit.operations.declaring import declared

KEPT = f"(to keep the name: occ config set services.{NAME}.container web)"


@pytest.fixture
def world(tmp_path: Path) -> MemoryWorld:
    made = MemoryWorld(tmp_path)
    made.prepare("update", "one")
    return made


def call(world: MemoryWorld, called: str) -> None:
    """Declare the container's name; empty takes the key out."""
    config = world.box.folder / "config.toml"
    lines = [line for line in config.read_text().splitlines() if "container = " not in line]
    at = next(i for i, line in enumerate(lines) if line.startswith("image = "))
    lines[at:at] = [f'container = "{called}"'] if called else []
    config.write_text("\n".join([*lines, ""]))


def names(world: MemoryWorld) -> list[str]:
    return sorted(there.name for there in world.engine.containers(OURS))


def fine(world: MemoryWorld) -> bool:
    return not (world.app.status(NAME).drift or world.app.doctor(NAME))


def test_it_is_kept_by_everything_that_makes_a_container_and_by_those_that_only_look(
    world: MemoryWorld,
) -> None:
    call(world, "A5")
    assert world.occ("update") == 0, world.said
    assert (names(world), fine(world)) == (["A5"], True)
    world.engine.host.registry.publish(IMAGE, built("sick", "3.0"))
    assert world.occ("update") == 6
    assert (names(world), fine(world)) == (["A5"], True)
    for verb in ("rollback", "stop", "start", "restart", "repair", "apply"):
        assert world.occ(verb) == 0, world.said
        assert (names(world), fine(world)) == (["A5"], True)
    assert world.serves() == "1.0"
    assert world.unchanged == "what was asked for runs already"


def test_the_plan_says_a_new_name_and_an_apply_gives_it(world: MemoryWorld) -> None:
    call(world, "A5")
    assert fine(world)
    outcome = do(world.app, "apply", NAME, Options(plan=True), YES)
    proposal = getattr(outcome, "proposal")  # noqa: B009 - Closed has none
    assert f"its container is named web now, and A5 afterwards {KEPT}" in proposal.warnings
    assert "the config changes: container" in proposal.warnings
    assert '+container = "A5"' in proposal.difference
    assert world.occ("apply") == 0, world.said
    assert names(world) == ["A5"]
    call(world, "")
    do(world.app, "rollback", NAME, Options(to=1), YES)
    assert (names(world), fine(world)) == (["web"], True)


@pytest.mark.parametrize("way", ["resume", "abort"])
def test_after_a_crash_at_any_call_it_has_the_one_name_or_the_other(
    tmp_path: Path, way: str
) -> None:
    ends: set[str] = set()
    for number in range(1, 20):
        for when in ("before", "after"):
            world = MemoryWorld(tmp_path / f"{number}{when}")
            world.folder.mkdir()
            world.prepare("update", "one")
            call(world, "A5")
            if world.occ("apply", f"engine:{number}:{when}") == -9:
                assert world.occ(way) == 0, world.said
            ends.add(*names(world))
            assert fine(world)
            assert world.serves() == "1.0"
    assert ends == ({"A5"} if way == "resume" else {"A5", "web"})


def test_put_back_from_the_journal_it_has_the_name_that_it_had(tmp_path: Path) -> None:
    made_again = 0
    for number in range(1, 14):
        world = MemoryWorld(tmp_path / str(number))
        world.folder.mkdir()
        world.prepare("update", "one")
        old = world.engine.names()["web"]
        world.engine.host.registry.publish(IMAGE, built("sick", "3.0"))
        call(world, "A5")
        if world.occ("update", f"engine:{number}:after", "prune") == 6:
            assert names(world) == ["web"]
            made_again += world.engine.names()["web"] != old
    assert made_again


def test_a_name_that_a_stranger_has_is_refused_before_anything_is_touched(
    world: MemoryWorld,
) -> None:
    world.engine.run_foreign("A5", IMAGE)
    call(world, "A5")
    with pytest.raises(ForeignContainerError, match="a container named A5 exists that occ did not"):
        do(world.app, "apply", NAME, Options(), YES)
    assert world.occ("stop") == 0, world.said  # which needs no other name
    assert world.occ("start") == 0, world.said
    assert names(world) == ["web"]


def test_a_name_that_the_first_container_will_not_have_may_be_a_strangers(tmp_path: Path) -> None:
    world = MemoryWorld(tmp_path)
    world.box.configure(IMAGE, 3000)
    world.engine.host.registry.publish(IMAGE, built("good", "1.0"))
    world.engine.pull(IMAGE)
    world.engine.run_foreign("web", IMAGE)
    assert world.occ("start") != 0
    call(world, "A5")
    assert world.occ("start") == 0, world.said
    assert (names(world), fine(world)) == (["A5"], True)


def test_one_that_somebody_renamed_gets_its_own_name_again(world: MemoryWorld) -> None:
    call(world, "A5")
    assert world.occ("apply") == 0, world.said
    world.engine.rename(world.engine.names()["A5"], "web")
    assert [finding.says for finding in world.app.doctor(NAME)] == ["its container is named web"]
    assert world.app.status(NAME).drift == ("its container is named web: occ repair --service web",)
    assert world.occ("repair") == 0, world.said
    assert (names(world), fine(world)) == (["A5"], True)


@pytest.mark.parametrize("called", ["web", "web.occ-next", "web.occ-next.3", "x"])
def test_a_name_that_no_config_can_have_is_not_kept(called: str) -> None:
    there = declared({}, {})
    named = replace(there, container=replace(there.container, name=called))
    assert own_name(named, "web") == ""
    assert (
        own_name(replace(there, container=replace(there.container, name="a__B")), "web") == "a__B"
    )
