"""Put back means as it was found, whatever it was found as; and restarts while it is proven."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from occ.app.options import Options
from occ.domain.operation_fold import fold
from occ.domain.step_events import StepRepeated
from occ.engine.values import Container, File
from occ.errors import BusyError, EngineRefusedError, UnfinishedError
from tests.contract.memory_lab import built
from tests.doubles.engine.wire import Loss
from tests.faults.memory import IMAGE, NAME, VOLUME, MemoryWorld
from tests.people import YES, do

if TYPE_CHECKING:
    from occ.app.service_status import Unfinished
    from occ.domain.findings import Finding

SINCE = re.compile(r"driven by process \d+ of \S+ since (\d+) s")
FIRST_START = 7  # of the engine's calls that change something, in an update
POLICIES = ["always", "unless-stopped", "on-failure", "on-failure:50"]


@pytest.fixture
def world(tmp_path: Path) -> MemoryWorld:
    made = MemoryWorld(tmp_path)
    made.prepare("update", "one")
    return made


def configure(world: MemoryWorld, old: str, new: str) -> None:
    """Replace a text of the config."""
    config = world.box.folder / "config.toml"
    assert old in config.read_text()
    config.write_text(config.read_text().replace(old, new, 1))


def needs(world: MemoryWorld, name: str) -> None:
    """Have the service end at once until there is a file of this name beside its data."""
    put(world, "needs", name)


def put(world: MemoryWorld, name: str, text: str = "") -> None:
    """Write a file beside the service's data."""
    world.engine.host.volumes[VOLUME].files[name] = File(path=name, data=text.encode())


def loop(world: MemoryWorld, policy: str = "always") -> None:
    """Have the service in a crash loop, for want of its database."""
    configure(world, "volumes = ", f'restart = "{policy}"\nvolumes = ')
    assert world.occ("apply") == 0, world.said
    needs(world, "database")
    world.engine.stop(NAME, 10_000)
    world.engine.start(NAME)
    world.clock.sleep(3_000)
    assert web(world).restarts >= 2


def web(world: MemoryWorld) -> Container:
    """The service's container."""
    there = world.engine.inspect(NAME)
    assert there is not None
    return there


def loops(world: MemoryWorld) -> bool:
    """Whether the engine starts it again and again."""
    before = web(world)
    world.clock.sleep(5_000)
    return web(world).restarts > before.restarts


@pytest.mark.parametrize("policy", POLICIES)
def test_a_service_in_a_crash_loop_is_put_back_into_it(world: MemoryWorld, policy: str) -> None:
    loop(world, policy)
    assert world.occ("update") == 6
    assert world.said.endswith("; it is as it was found: in a crash loop")
    there = web(world)
    assert (there.policy, len(world.engine.containers({}))) == (policy, 1)
    assert loops(world)
    put(world, "database")
    world.clock.sleep(60_000)
    assert world.serves() == "1.0"


@pytest.mark.parametrize(
    "point", [f"engine:{n}:{when}" for n in range(3, 9) for when in ("before", "after")]
)
@pytest.mark.parametrize("way", ["resume", "abort"])
def test_after_a_crash_too(world: MemoryWorld, point: str, way: str) -> None:
    loop(world)
    if world.occ("update", point) == -9:
        assert world.occ(way) in {0, 6}, world.said
    assert web(world).policy == "always"
    assert len(world.engine.containers({})) == 1
    assert loops(world)


def test_a_good_update_of_a_service_in_a_crash_loop_serves(world: MemoryWorld) -> None:
    loop(world)
    world.engine.host.volumes[VOLUME].files.pop("needs")
    assert world.occ("update") == 0, world.said
    assert world.serves() == "2.0"
    assert web(world).policy == "always"


def test_a_paused_service_is_put_back_paused(world: MemoryWorld) -> None:
    world.engine.host.registry.publish(IMAGE, built("sick", "3.0"))
    world.engine.pause(NAME)
    assert world.occ("update") == 6
    assert world.said.endswith("; it is as it was found: paused")
    there = web(world)
    assert (there.state, there.image) == ("paused", built("good", "1.0").id)


def test_a_paused_service_whose_update_is_aborted_is_paused_again(world: MemoryWorld) -> None:
    world.engine.pause(NAME)
    assert world.occ("update", "engine:7:after") == -9
    for _ in range(2):
        assert world.occ("abort", "engine:4:after") in {0, -9}
    assert web(world).state == "paused"
    assert world.served == ()


def test_an_update_of_a_paused_service_says_that_it_runs_now(world: MemoryWorld) -> None:
    world.engine.pause(NAME)
    assert world.occ("update") == 0, world.said
    assert world.notes == ("it was found paused, and runs now",)
    assert world.serves() == "2.0"


def allowed(world: MemoryWorld, restarts: int, policy: str = "always") -> None:
    """Declare how often a replacement may end while it is proven; its database comes later."""
    configure(world, 'path = "/health"', f'restarts_allowed = {restarts}\npath = "/health"')
    loop(world)
    configure(world, 'restart = "always"', f'restart = "{policy}"')


def repeats(world: MemoryWorld) -> list[StepRepeated]:
    """The starts that the last operation granted."""
    entries = list(world.journal.entries(operation=world.journal.last_operation()))
    operation = fold(entries)
    assert operation is not None
    told = [entry.event for entry in entries if isinstance(entry.event, StepRepeated)]
    proof = operation.step("prove_health")
    assert proof is not None
    assert (proof.repeats, proof.exited_at) == (len(told), told[-1].exited_at if told else 0)
    return told


def test_a_replacement_that_ends_is_started_again_as_often_as_is_allowed(
    world: MemoryWorld,
) -> None:
    allowed(world, 3)
    assert world.occ("update") == 6
    assert "exit code 1" in world.said
    assert [r.said for r in repeats(world)] == [
        "web.occ-next is not healthy: it is exited, exit code 1"
    ] * 3


def test_it_serves_when_its_database_comes_in_time(world: MemoryWorld) -> None:
    allowed(world, 50)
    asked = iter(range(1000))

    def later(verb: str) -> None:
        if verb == "start" and next(asked) == 4:
            put(world, "database")

    world.engine.wire.watch = later
    assert world.occ("update") == 0, world.said
    assert world.serves() == "2.0"
    assert len(repeats(world)) == 4


@pytest.mark.parametrize(
    ("policy", "most"), [("no", 0), ("on-failure:2", 2), ("on-failure", 5), ("unless-stopped", 5)]
)
def test_never_more_often_than_its_policy_would(world: MemoryWorld, policy: str, most: int) -> None:
    allowed(world, 5, policy)
    assert world.occ("update") == 6
    assert len(repeats(world)) == most


def test_without_a_word_an_exit_is_final(world: MemoryWorld) -> None:
    loop(world)
    assert world.occ("update") == 6
    assert repeats(world) == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(7))
def test_a_crash_at_any_start_grants_neither_more_nor_fewer(
    world: MemoryWorld, number: int, when: str
) -> None:
    allowed(world, 3)
    assert world.occ("update", f"engine:{FIRST_START + number}:{when}") in {-9, 6}
    assert world.occ("resume") in {0, 6}
    assert len(repeats(world)) == 3
    assert loops(world)


@pytest.mark.parametrize(
    ("verb", "is_there"),
    [("update", "already the newest: 1.0"), ("apply", "what was asked for is there already")],
)
@pytest.mark.parametrize(
    ("state", "how"),
    [
        ("running", ""),
        ("stopped", "; it is stopped: occ start"),
        ("paused", "; it is paused: docker unpause web"),
        ("looping", "; it is in a crash loop: occ logs"),
    ],
)
def test_only_of_what_runs_it_is_said_that_it_runs_already(
    world: MemoryWorld, verb: str, is_there: str, state: str, how: str
) -> None:
    world.engine.host.registry.publish(IMAGE, built("good", "1.0"))
    if state == "stopped":
        assert world.occ("stop") == 0, world.said
    if state == "paused":
        world.engine.pause(NAME)
    if state == "looping":
        loop(world)
    before = web(world)
    assert world.occ(verb) == 0, world.said
    said = is_there if how else is_there.replace("is there", "runs")
    assert world.unchanged == f"{said}{how}"
    assert web(world).id == before.id
    if state == "looping":
        assert world.occ("start") == 0
        assert world.unchanged == f"what was asked for is there already{how}"


@pytest.mark.parametrize(("point", "at"), [("engine:6:after", "forward"), ("", "back")])
def test_status_and_doctor_tell_a_driven_operation_from_one_that_nobody_drives(
    world: MemoryWorld, point: str, at: str
) -> None:
    if at == "back":
        world.engine.host.registry.publish(IMAGE, built("sick", "3.0"))
        point = "engine:8:after"
    assert world.occ("update", point) == -9
    told = world.app.status(NAME).unfinished
    assert told is not None
    ways = "occ resume --service web"
    if at == "forward":
        ways = "occ resume --service web, or occ abort --service web"
    assert (told.driven, told.direction, told.ways) == (False, f"going {at}", ways)
    (found,) = world.app.doctor(NAME)
    assert found.says == f"operation 2 (update) stopped while going {at}; nobody drives it"
    assert found.fix == ways


def test_an_operation_that_is_driven_offers_no_way_out(world: MemoryWorld) -> None:
    seen: list[Unfinished | None] = []
    told: list[Finding] = []

    def look(verb: str) -> None:
        if verb == "stop" and not seen:
            seen.append(world.app.status(NAME).unfinished)
            told.extend(world.app.doctor(NAME))

    world.engine.wire.watch = look
    assert world.occ("update") == 0
    assert seen[0] is not None
    assert (seen[0].driven, seen[0].direction, seen[0].ways) == (True, "going forward", "")
    (finding,) = told
    assert (finding.code, finding.note) == ("driven", True)
    assert finding.fix == f"occ status --service {NAME}"
    assert finding.says.startswith("operation 2 (update) is going forward, driven by process ")


@pytest.mark.parametrize("way", ["resume", "abort"])
def test_one_that_was_taken_up_is_driven_since_then(world: MemoryWorld, way: str) -> None:
    planned_at = world.clock.now()
    assert world.occ("update", "engine:6:after") == -9
    died_at = world.clock.now()
    world.clock.sleep(3_600_000)
    seen: list[tuple[Unfinished | None, int]] = []
    told: list[Finding] = []
    refused: list[str] = []

    def look(verb: str) -> None:
        if verb == "start" and not seen:
            world.clock.sleep(7_000)
            seen.append((world.app.status(NAME).unfinished, world.clock.now()))
            told.extend(world.app.doctor(NAME))
            with pytest.raises(BusyError) as busy:
                do(world.app, "stop", NAME, Options(), YES)
            refused.append(f"{busy.value.message} {busy.value.hint}")

    world.engine.wire.watch = look
    assert world.occ(way) == 0
    ((there, at),) = seen
    assert there is not None
    assert (there.driven, there.ways) == (True, "")
    assert planned_at <= there.since <= died_at
    assert died_at + 3_600_000 <= there.driver_since <= at - 7_000
    ages = {int(found) for text in (told[0].says, *refused) for found in SINCE.findall(text)}
    assert ages == {(at - there.driver_since) // 1000}
    for text in (told[0].says, told[0].fix, *refused):
        assert not {"resume", "abort"} & set(text.replace(",", " ").split())


def test_an_undo_that_fails_says_that_resume_comes_next(world: MemoryWorld) -> None:
    world.engine.host.registry.publish(IMAGE, built("sick", "3.0"))
    refused = EngineRefusedError("the engine refused", hint="docker events --since 5m")
    world.engine.wire.watch = lambda verb: (
        Loss("never", error=refused) if verb == "remove" else None
    )
    with pytest.raises(UnfinishedError) as failed:
        do(world.app, "update", NAME, Options(), YES)
    assert failed.value.message == (
        "operation 2 of web stopped while going back: the engine refused"
    )
    assert failed.value.hint == "docker events --since 5m; then: occ resume"
    with pytest.raises(UnfinishedError) as refusal:
        do(world.app, "stop", NAME, Options(), YES)
    assert refusal.value.message == (
        "operation 2 (update) of web is unfinished: it stopped while going back, and nobody "
        "drives it"
    )
    assert refusal.value.hint == "occ resume"


def strand(world: MemoryWorld, *, renewed: bool = True) -> None:
    """Stop the service, and remove the network that it was put in."""
    networks = world.engine.host.networks
    networks.add("front")
    configure(world, "volumes = ", 'networks = ["front"]\nvolumes = ')
    assert world.occ("apply") == 0, world.said
    assert world.occ("stop") == 0, world.said
    networks.discard("front")
    if renewed:
        networks.add("front")


@pytest.mark.parametrize("verb", ["start", "restart", "update", "apply", "repair", "rollback"])
def test_a_container_whose_network_was_made_anew_is_made_again(
    world: MemoryWorld, verb: str
) -> None:
    world.engine.host.registry.publish(IMAGE, built("good", "1.0"))
    strand(world)
    before = web(world)
    codes = [finding.code for finding in world.app.doctor(NAME)]
    assert codes == ["network_gone"]
    gone = "network front, which its container was put in, is gone: occ start --service web"
    assert gone in world.app.status(NAME).drift
    assert world.occ(verb) == 0, world.said
    assert (world.unchanged, web(world).id != before.id) == ("", True)
    if verb not in {"start", "restart"}:
        assert not web(world).running
        assert world.occ("start") == 0, world.said
    assert world.serves() == "1.0"
    assert [finding.code for finding in world.app.doctor(NAME)] == []


def test_a_network_that_is_not_there_is_named_before_anything_is_touched(
    world: MemoryWorld,
) -> None:
    strand(world, renewed=False)
    before = world.engine.containers({})
    assert [finding.code for finding in world.app.doctor(NAME)] == ["network_gone"]
    assert world.occ("start") == 6
    assert "there is no network front" in world.said
    assert "it is as it was found" in world.said
    assert world.engine.containers({}) == before


@pytest.mark.parametrize("way", ["resume", "abort"])
@pytest.mark.parametrize("point", [f"engine:{n}:after" for n in range(1, 9)])
def test_made_again_it_survives_a_crash(world: MemoryWorld, point: str, way: str) -> None:
    strand(world)
    if world.occ("start", point) == -9:
        assert world.occ(way) == 0, world.said
    assert len(world.engine.containers({})) == 1
    if not web(world).running:
        assert world.occ("start") == 0, world.said
    assert world.serves() == "1.0"


def test_a_mounted_folder_that_is_gone_is_named(world: MemoryWorld, tmp_path: Path) -> None:
    source = tmp_path / "a source"
    source.mkdir()
    world.engine.host.folders[str(source)] = {}
    configure(world, "volumes = ", f'mounts = ["{source}:/mnt"]\nvolumes = ')
    assert world.occ("apply") == 0, world.said
    assert [finding.code for finding in world.app.doctor(NAME)] == []
    source.rmdir()
    (finding,) = world.app.doctor(NAME)
    assert (finding.code, finding.says) == (
        "mount_missing",
        f"{source}, mounted at /mnt, is gone: no start can succeed",
    )
    assert finding.fix == f"mkdir -p '{source}', and fill it from a backup"


def test_status_says_of_a_dead_container_that_nothing_can_start_it(world: MemoryWorld) -> None:
    world.engine.stop(NAME, 10_000)
    world.engine.host.there(NAME).state = "dead"
    assert world.app.status(NAME).drift == (
        "version 1 has no container: occ start --service web",
        "container web is dead, and cannot be started: occ repair --service web",
    )
    assert world.occ("start") == 0, world.said
    assert world.serves() == "1.0"
    assert [there.name for there in world.engine.containers({})] == [NAME]
