"""The deadline that earlier starts have taught, on the whole app in memory."""

from dataclasses import replace
from pathlib import Path

import pytest

from occ.app.app import App
from occ.app.ledgers import operation_of
from occ.app.options import Options
from occ.domain.operation import Operation
from occ.engine.values import File
from tests.contract.memory_lab import built
from tests.faults.memory import IMAGE, NAME, PORT, VOLUME, MemoryWorld
from tests.unit.app.snapshot_world import World

DEFAULT_MS = 120_000
LEARNED_MS = 25_000  # 15 s at least, and min_healthy
GATE = 'path = "/health"\nversion_field = "version"\n'  # all other keys at their defaults
NEVER = 10_000_000
NO_SNAPSHOT = 'snapshot = "never"\n'


def late(world: MemoryWorld, seconds: float, version: str = "") -> None:
    """From its next start on the service listens so much later, for a reason outside occ."""
    name = f"late-{version}" if version else "late"
    world.engine.host.volumes[VOLUME].files[name] = File(path=name, data=str(seconds).encode())


def publish(world: MemoryWorld, kind: str, version: str) -> None:
    world.engine.host.registry.publish(IMAGE, built(kind, version))


def last(world: MemoryWorld) -> Operation:
    return operation_of(world.journal, world.journal.last_operation())


def configure(world: MemoryWorld, line: str = "", *, snapshots: bool = True) -> None:
    world.box.configure(IMAGE, PORT, health=GATE, more=line)
    config = world.box.folder / "config.toml"
    where = 'snapshot_dir = "snapshots"\n'
    text = config.read_text()
    # the box writes the line for those whose subject are no snapshots
    config.write_text(where + (text.replace(NO_SNAPSHOT, "", 1) if snapshots else text))


@pytest.fixture
def world(tmp_path: Path) -> MemoryWorld:
    """1.0 runs, with a gate of the defaults, and with data of which snapshots are taken."""
    made = World(tmp_path)
    configure(made)
    publish(made, "good", "1.0")
    assert made.occ("start") == 0, made.said
    return made


AGAIN = Options(overridden=("known_bad", "left_by_rollback"))


def waited(world: MemoryWorld, verb: str, status: int, options: Options | None = None) -> int:
    """How long a command took that ended so, in ms."""
    began = world.clock.at
    assert world.occ(verb, options=options or AGAIN) == status, world.said
    return world.clock.at - began


def test_a_proven_version_that_hangs_at_a_restart_is_known_four_times_sooner(
    world: MemoryWorld,
) -> None:
    late(world, NEVER)
    took = waited(world, "restart", 6)
    assert LEARNED_MS < took < DEFAULT_MS / 4
    why = "after 25 s: its starts before were quicker, proven_timeout"
    assert f"nothing answers on port 3000/health ({why})" in world.said
    assert last(world).ending == "done"  # it is left running
    assert LEARNED_MS < waited(world, "restart", 6) < DEFAULT_MS / 4


def test_a_put_back_that_hangs_is_known_four_times_sooner(world: MemoryWorld) -> None:
    late(world, NEVER)
    publish(world, "crash", "2.0")
    took = waited(world, "update", 7)
    assert LEARNED_MS < took < DEFAULT_MS / 4
    assert "its data" not in world.said
    assert last(world).state == "reverting"
    late(world, 0)
    for container in world.engine.host.containers.values():
        container.listens_at = world.engine.host.agenda.at
    assert world.occ("resume") == 6
    assert "it runs again on its data of before" in world.said
    assert world.serves() == "1.0"


def test_a_put_back_on_data_that_another_version_may_have_changed_gets_all_the_time(
    world: MemoryWorld,
) -> None:
    configure(world, 'put_back = "keep"\n')
    late(world, 90, "1.0")
    publish(world, "crash", "2.0")
    assert 90_000 < waited(world, "update", 6) < DEFAULT_MS
    assert last(world).ending == "undone"
    assert world.serves() == "1.0"


def test_a_first_start_that_migrates_for_ten_times_the_usual_start_is_not_killed(
    world: MemoryWorld,
) -> None:
    late(world, 6)
    for _ in range(4):
        assert world.occ("restart") == 0, world.said
    world.engine.host.volumes[VOLUME].files["migration"] = File(path="migration", data=b"60")
    publish(world, "migrates", "2.0")
    assert 60_000 < waited(world, "update", 0) < DEFAULT_MS
    assert world.serves() == "2.0"
    told = "took 67 s until it was good, and the slowest of the 5 starts before it 6.6 s"
    assert any(told in note for note in world.notes), world.notes
    (finding,) = [f for f in App(world.desk()).doctor(NAME) if f.code == "start_slow"]
    assert (finding.note, finding.fix) == (True, f"occ show {last(world).number}")
    assert told in finding.says
    assert world.occ("restart") == 0
    assert [f for f in App(world.desk()).doctor(NAME) if f.code == "start_slow"] == []


def test_a_rollback_to_a_proven_version_gets_all_the_time(world: MemoryWorld) -> None:
    publish(world, "good", "2.0")
    assert world.occ("update") == 0, world.said
    late(world, 90, "1.0")
    assert 90_000 < waited(world, "rollback", 0) < DEFAULT_MS
    assert world.serves() == "1.0"


def test_the_same_version_made_again_in_its_own_place_has_learned(world: MemoryWorld) -> None:
    late(world, NEVER)
    there = next(c for c in world.engine.host.containers.values() if c.running)
    there.labels = {**there.labels, "occ.spec": "other"}
    took = waited(world, "apply", 7)
    assert last(world).planned.found.learned_ms == LEARNED_MS
    assert took < DEFAULT_MS


@pytest.mark.parametrize(
    ("line", "least", "most"),
    [
        ('proven_timeout = "timeout"\n', DEFAULT_MS, DEFAULT_MS + 10_000),
        ('proven_timeout = "40s"\n', 40_000, 50_000),
        ("proven_timeout = 600\n", DEFAULT_MS, DEFAULT_MS + 10_000),  # never above health.timeout
    ],
)
def test_the_config_fixes_it_or_switches_it_off(
    world: MemoryWorld, line: str, least: int, most: int
) -> None:
    configure(world, line)
    late(world, NEVER)
    assert least < waited(world, "restart", 6) < most


def test_a_version_that_was_abandoned_on_the_data_of_another_has_nothing_learned(
    world: MemoryWorld,
) -> None:
    publish(world, "sick", "2.0")
    configure(world, snapshots=False)
    calls = ("tag", "pull", "tag", "create", "set_policy", "stop", "start")
    assert world.occ("update", f"engine:{len(calls)}:after") == -9
    assert (world.folder / "calls").read_text().splitlines()[-1] == "engine start"
    assert world.occ("abandon") == 0
    started = {one.plan.name: one.state for one in last(world).steps}["start_container"]
    assert started == "started"
    for container in world.engine.host.containers.values():
        if container.running:
            world.engine.stop(container.id, 1_000)
    late(world, 90, "1.0")
    assert 90_000 < waited(world, "start", 0) < DEFAULT_MS
    assert replace(last(world).planned.found, learned_ms=0) == last(world).planned.found
