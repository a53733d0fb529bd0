"""Other people's containers that use parts of the service's: told before a stop and afterwards."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from occ.app.options import AdoptWish, Options
from occ.app.results import Outcome
from occ.domain.findings import Finding
from occ.engine.values import Shared
from tests.contract.memory_lab import built
from tests.doubles.engine.container import MemoryContainer
from tests.doubles.engine.image import Behaviour
from tests.model.world import IMAGE, NAME, World
from tests.people import YES, do

SLEEPS = replace(built("bare"), behaviour=Behaviour(listens_after=None), volumes=())
COMPOSE = {
    "com.docker.compose.project": "my shop",
    "com.docker.compose.service": "side",
    "com.docker.compose.project.working_dir": "/srv/shop",
    "com.docker.compose.project.config_files": "/srv/shop/a.yml,/srv/shop/b.yml",
}
AGAIN = (
    "docker compose -p 'my shop' --project-directory /srv/shop -f /srv/shop/a.yml "
    "-f /srv/shop/b.yml up -d --no-deps --force-recreate side"
)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A service that runs."""
    world = World(tmp_path)
    world.configure(env="a", policy="unless-stopped", volume="", timeout="8s")
    world.publish("good", "1.0")
    assert world.typed("start") == 0, world.said
    world.publish("good", "2.0")
    world.engine.host.images.add(SLEEPS)
    return world


def side(
    world: World, *parts: Shared, labels: Mapping[str, str] | None = None, name: str = "side"
) -> MemoryContainer:
    """Somebody's container that runs and uses these parts of the service's."""
    shares: dict[Shared, str] = dict.fromkeys(parts, NAME)
    made = world.engine.run_foreign(name, SLEEPS.id, shares=shares, labels=labels)
    return world.engine.host.there(made)


def notes(world: World, verb: str, **options: Any) -> tuple[str, ...]:
    """The notes of a change; with `plan` those of its proposal."""
    with world.app() as (app, _):
        outcome = do(app, verb, NAME, Options(**options), YES)
    assert isinstance(outcome, Outcome)
    return outcome.proposal.warnings if outcome.proposal else outcome.warnings


def found(world: World) -> list[Finding]:
    told: tuple[Finding, ...] = world.read(lambda app: app.doctor(NAME))
    return [finding for finding in told if finding.code == "neighbour_cut_off"]


def again(world: World) -> None:
    """Start it again."""
    world.clock.sleep(1_000)
    world.engine.stop("side", 0)
    world.engine.start("side")


@pytest.mark.parametrize(
    ("parts", "words", "options"),
    [
        (("network",), "network", "--network container:web"),
        (("ipc",), "IPC", "--ipc container:web"),
        (("network", "ipc"), "network and IPC", "--network container:web --ipc container:web"),
        (
            ("network", "volumes"),
            "network and volumes",
            "--network container:web --volumes-from web",
        ),
    ],
)
def test_a_replacement_cuts_off_whoever_shares_a_namespace(
    world: World, parts: tuple[Shared, ...], words: str, options: str
) -> None:
    side(world, *parts)
    how = f"docker inspect side (shows how it was made: make it so again, with {options})"
    assert notes(world, "update", plan=True) == (
        (
            f"container side uses its {words}: it is cut off by the stop, "
            f"and must be made again afterwards: {how}"
        ),
    )
    (said,) = notes(world, "update")
    assert said.startswith("container side is cut off: it uses the ")
    assert " of a container of web that is gone: docker inspect side (shows" in said
    assert [one.service for one in found(world)] == [NAME]
    world.engine.stop("side", 0)
    world.engine.remove("side")
    side(world, *parts)
    assert found(world) == []


def test_compose_makes_its_own_again_and_no_second_one_of_the_service(world: World) -> None:
    side(world, "network", labels=COMPOSE)
    (said,) = notes(world, "update", plan=True)
    assert said.endswith(f"must be made again afterwards: {AGAIN}")
    assert notes(world, "update")[0].endswith(f"that is gone: {AGAIN}")
    assert found(world)[0].fix == AGAIN


def test_a_restart_cuts_off_until_the_neighbour_is_restarted(world: World) -> None:
    side(world, "network")
    assert notes(world, "restart", plan=True) == (
        (
            "container side uses its network: it is cut off by the stop, "
            "and must be restarted afterwards: docker restart side"
        ),
    )
    assert notes(world, "restart") == (
        (
            "container side is cut off: it uses the network of web, which was started again since: "
            "docker restart side"
        ),
    )
    again(world)
    assert found(world) == []


def test_a_stop_cuts_off_until_both_run_again(world: World) -> None:
    side(world, "network")
    assert notes(world, "stop")[0].endswith(
        "which does not run: occ start --service web && docker restart side"
    )
    assert notes(world, "start")[0].endswith("started again since: docker restart side")


def test_processes_end_with_those_that_they_share_ids_with(world: World) -> None:
    there = side(world, "pid")
    assert "its processes end with the stop" in notes(world, "update", plan=True)[0]
    notes(world, "update")
    assert (there.state, there.exit_code) == ("exited", 137)
    assert found(world)[0].says.startswith("container side is cut off: it uses the process ids")


def test_it_is_not_as_it_was_found_while_somebody_is_cut_off(world: World) -> None:
    world.publish("crash", "2.0")
    assert world.typed("update") == 6
    assert "it is as it was found" in world.said
    side(world, "network")
    assert world.typed("update") == 6
    assert world.said.endswith(
        "; its own container is as before; but container side is cut off: it uses the network of "
        "web, which was started again since: docker restart side"
    )


def test_who_has_its_volumes_goes_on_with_them(world: World) -> None:
    side(world, "volumes")
    assert notes(world, "update", plan=True) == (
        "container side uses its volumes (web-data) and goes on with them",
    )
    assert notes(world, "update") == ()
    assert found(world) == []


def test_who_took_its_volumes_lacks_a_new_one(world: World) -> None:
    side(world, "volumes")
    world.configure(env="a", policy="unless-stopped", volume="more", timeout="8s")
    how = "docker inspect side (shows how it was made: make it so again, with --volumes-from web)"
    said = notes(world, "apply", plan=True)
    assert said[-1] == (
        "container side uses its volumes (web-data) and goes on with them; "
        f"for more it must be made again afterwards: {how}"
    )
    last = f"container side uses the volumes of web, without more: {how}"
    assert notes(world, "apply")[-1] == last
    assert [f"{one.says}: {one.fix}" for one in found(world)] == [last]


def test_a_mount_of_its_own_over_a_path_is_its_owners_wish(world: World) -> None:
    there = side(world, "volumes")
    there.mounts["/data"] = replace(there.mounts["/data"], source="another")
    notes(world, "update")
    assert found(world) == []


def test_who_has_the_anonymous_volume_of_an_adopted_container_is_left_with_it(
    tmp_path: Path,
) -> None:
    world = World(tmp_path)
    world.configure(env="a", policy="no", volume="", timeout="8s")
    config = tmp_path / "config.toml"
    config.write_text("\n")
    for image in (SLEEPS, built("good", "1.0")):
        world.engine.host.images.add(image, IMAGE)
    world.engine.run_foreign(NAME, IMAGE)
    side(world, "volumes")
    wish = AdoptWish(container=NAME)
    notes(world, "adopt", wish=wish)
    world.engine.host.images.add(built("good", "2.0"), IMAGE)
    planned = notes(world, "update", plan=True)
    assert "for web.data it must be made again afterwards: docker inspect side" in planned[-1]
    said = notes(world, "update")[-1]
    assert said.startswith("container side uses the volumes of web, without web.data: docker")


def test_an_unhealthy_restart_names_who_is_cut_off(world: World) -> None:
    side(world, "network")
    there = world.serving()
    assert there is not None
    there.image = replace(there.image, behaviour=replace(there.image.behaviour, status=503))
    assert world.typed("restart") == 6
    assert "it was left running; container side is cut off" in world.said


def test_who_ended_long_ago_is_missed_by_nobody(world: World) -> None:
    there = side(world, "network")
    world.engine.stop("side", 0)
    there.exit_code = 0
    assert "it does not run, and is cut off by the stop" in notes(world, "update", plan=True)[0]
    notes(world, "update")
    assert found(world) == []
    world.engine.set_policy("side", "always")
    assert len(found(world)) == 1


def test_a_change_that_stops_nothing_says_nothing(world: World) -> None:
    side(world, "network", "volumes")
    assert notes(world, "start", plan=True) == ()
    assert notes(world, "forget", plan=True) == ()


def test_a_container_that_shares_nothing_is_no_neighbour(world: World) -> None:
    side(world)
    assert notes(world, "update", plan=True) == ()
    assert notes(world, "update") == ()
    assert found(world) == []
