"""Ways in which the data of a service could get lost between commands, in a world in memory."""

import copy
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from occ.app.change.observed import observe
from occ.app.ledgers import ledger_of, operation_of
from occ.app.options import AdoptWish, Options
from occ.archives.store import Store
from occ.domain.data_sets import DataSets
from occ.domain.events import Event
from occ.domain.step_events import StepDone, StepStarted
from occ.engine.values import ContainerRequest, File
from occ.errors import (
    EngineRefusedError,
    FailedError,
    JournalUnwritableError,
    NotFoundError,
    RefusedError,
    StoppedByOperatorError,
    UsageMistakeError,
)
from occ.journal.port import Stamp
from occ.operations import labels
from occ.operations.kinds.snapshot import SnapshotWish
from tests.contract.memory_lab import built
from tests.doubles.engine.container import MemoryVolume
from tests.faults.memory import IMAGE, NAME, VOLUME, PowerCutError
from tests.people import YES
from tests.unit.app.snapshot_world import helpers
from tests.unit.app.test_replacement_snapshots import Replaced, made

AGAIN = f"{VOLUME}.occ-2-2"


@pytest.fixture
def world(tmp_path: Path) -> Replaced:
    """A service whose next update is to a version that never becomes healthy."""
    world = made(tmp_path)
    world._configure("bad", "2s")
    return world


def sets(world: Replaced) -> DataSets:
    """The data sets, as the journal tells them."""
    return ledger_of(world.journal, NAME).data


def mounted(world: Replaced) -> str:
    """The volume that the service's container has at /data."""
    there = world.engine.inspect(NAME)
    assert there is not None
    return there.mounts["/data"]


def write(world: Replaced, volume: str) -> None:
    """Have a file of today in a volume."""
    world.engine.host.volumes[volume].files["today"] = File(path="today", data=b"1")


def test_the_snapshot_that_an_unfinished_put_back_needs_is_not_removed(
    world: Replaced, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise EngineRefusedError("no space left on device", hint="make room")

    with monkeypatch.context() as patched:
        patched.setattr(world.engine, "write_folder", full)
        assert world.occ("update") == 7
    wish = SnapshotWish(verb="remove", snapshot=2)
    with pytest.raises(RefusedError, match="is unfinished and needs snapshot 2"):
        world.app.change("snapshot", NAME, Options(wish=wish), YES)
    assert world.occ("resume") in {0, 6}
    assert (world.serves(), mounted(world)) == ("1.0", AGAIN)


def test_the_journal_follows_a_container_whose_put_back_was_abandoned(
    world: Replaced, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = world.engine.create

    def dying(request: ContainerRequest) -> str:
        made = create(request)
        if request.name == NAME:
            raise PowerCutError
        return made

    with monkeypatch.context() as patched:
        patched.setattr(world.engine, "create", dying)
        with pytest.raises(PowerCutError):
            world.app.change("update", NAME, Options(), YES)
    world.app.end("abandon", NAME, YES)
    assert sets(world).number == 1
    assert world.occ("start") == 0, world.said
    assert (sets(world).number, mounted(world)) == (2, AGAIN)
    write(world, AGAIN)
    world._configure("two", "30s")
    assert world.occ("update") == 0, world.said
    assert mounted(world) == AGAIN
    assert "today" in world.engine.host.volumes[AGAIN].files


def test_an_older_copy_of_the_journal_follows_the_container_too(tmp_path: Path) -> None:
    world = made(tmp_path)
    assert world.occ("update") == 0
    old = copy.deepcopy(world.journal)
    assert world.occ("rollback", options=Options(data="then")) == 0, world.said
    volume = f"{VOLUME}.occ-2"
    assert mounted(world) == volume
    write(world, volume)
    world.journal = old
    world.app.journal_advance(NAME, YES)
    assert sets(world).number == 1
    outcome = world.app.change("update", NAME, Options(overridden=("left_by_rollback",)), YES)
    said = f"its container has other volumes for {VOLUME} than the journal says, which follows"
    assert mounted(world) == volume
    assert sets(world).current.volumes == {VOLUME: volume}
    assert outcome.operation is not None
    planned = world.app.change("update", NAME, Options(plan=True), YES).proposal
    assert planned is not None
    assert said not in planned.warnings


def test_the_first_update_of_an_adopted_container_leaves_it_as_it_was(tmp_path: Path) -> None:
    world = made(tmp_path)
    other = "stranger"
    image = world.engine.pull(IMAGE, lambda _: None)
    world.engine.run_foreign(other, IMAGE)
    config = world.box.folder / "config.toml"
    config.write_text('snapshot_dir = "snapshots"\n')
    world.app.change("adopt", None, Options(wish=AdoptWish(container=other)), YES)
    there = world.engine.inspect(other)
    world.engine.host.registry.publish(IMAGE, built("crash", "4.0"))
    with pytest.raises(Exception, match="it is as it was found"):
        world.app.change("update", other, Options(), YES)
    after = world.engine.inspect(other)
    assert there is not None
    assert after is not None
    assert (after.id, after.image, after.mounts) == (there.id, image.id, there.mounts)


@pytest.mark.parametrize("step", ["restore_changed", "make_again"])
def test_an_old_container_that_was_rescued_is_left_when_it_goes_on(
    world: Replaced, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    append, full = world.journal.append, False

    def filling(number: int, seq: int, events: Sequence[Event], stamp: Stamp) -> int:
        nonlocal full
        steps = operation_of(world.journal, number).steps
        full = full or any(
            isinstance(event, StepDone) and steps[event.index].plan.name == step for event in events
        )
        if full:
            raise JournalUnwritableError("the disk is full", hint="make room")
        return append(number, seq, events, stamp)

    with monkeypatch.context() as patched:
        patched.setattr(world.journal, "append", filling)
        assert world.occ("update") == 9, world.said
    assert "serves again, on the data as it is now" in world.said
    write(world, VOLUME)
    assert world.occ("resume") in {0, 6}, world.said
    assert (world.serves(), mounted(world)) == ("1.0", VOLUME)
    running = [one for one in world.engine.host.containers.values() if one.state == "running"]
    assert len(running) == 1
    assert "today" in world.engine.host.volumes[VOLUME].files
    assert 2 in world.known
    assert replace(sets(world), known={}).number == 1


@pytest.mark.parametrize("ours", [True, False])
def test_only_a_volume_that_was_restored_is_followed(tmp_path: Path, *, ours: bool) -> None:
    world = made(tmp_path)
    mark = {**labels.mine(world.journal.id, NAME), labels.DATA: "2"} if ours else {}
    world.engine.host.volumes["other"] = MemoryVolume(mark, {})
    there = world.engine.host.there(NAME)
    there.mounts = {"/data": replace(there.mounts["/data"], source="other")}
    corrected = observe(world.app.desk, "update", NAME).corrected
    assert [type(event).__name__ for event in corrected] == (
        ["DataSetRecorded", "DataSetBound"] if ours else []
    )


def test_each_of_two_sets_that_a_version_left_can_be_had_by_its_name(tmp_path: Path) -> None:
    world = made(tmp_path)
    assert world.occ("update") == 0, world.said
    (snapshot,) = world.known

    def back(data: str) -> str:
        options = Options(to=1, data=data)
        assert world.occ("rollback", options=options) == 0, world.said
        return mounted(world)

    second, third, fourth = (back(str(snapshot)) for _ in range(3))
    left = {number: one.version for number, one in sets(world).left.items()}
    assert left == {1: 2, 2: 1, 3: 1}
    assert (back("set:2"), back("set:3")) == (second, third)
    assert back("then") == second  # left after the other ones
    assert fourth == f"{VOLUME}.occ-4"
    with pytest.raises(NotFoundError, match="keeps no data set 9; there are: set:1, set:3, set:4"):
        world.app.change("rollback", NAME, Options(to=1, data="set:9"), YES)
    with pytest.raises(RefusedError, match="data set 2 is the data of now"):
        world.app.change("rollback", NAME, Options(to=1, data="set:2"), YES)
    with pytest.raises(UsageMistakeError, match="set:N for a kept data set, not set:x"):
        world.app.change("rollback", NAME, Options(to=1, data="set:x"), YES)


def test_ctrl_c_while_the_new_one_is_proven_puts_the_data_back_all_the_same(
    world: Replaced,
) -> None:
    """The operator asks for an end once, and that is the end which the way back leads to."""
    asked = False

    def listen(_: object, event: Event) -> None:
        nonlocal asked
        if isinstance(event, StepStarted):
            asked = asked or world.names[event.index] == "prove_health"

    operator = replace(YES, listen=listen, stop_requested=lambda: asked)
    with pytest.raises(StoppedByOperatorError):
        world.app.change("update", NAME, Options(), operator)
    assert world.last.ending == "undone"
    assert (world.serves(), mounted(world)) == ("1.0", AGAIN)
    assert world.known[2].verified


def test_data_of_which_no_manifest_can_be_made_is_not_put_back_and_the_result_says_why(
    world: Replaced, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(self: Store, name: str, _: object) -> None:
        raise NotFoundError(f"{self.path(name)} is not there", hint="")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "write", lost)
        assert world.occ("update") == 6
    assert f"version 2 changed {VOLUME}, and version 1 runs on that" in world.said
    assert "the data of before: occ rollback --to 1 --data 2" in world.said
    assert "snapshot 2 is unverified: " in world.said
    assert (world.serves(), mounted(world)) == ("1.0", VOLUME)
    assert world.occ("rollback", options=Options(to=1, data="2")) == 0, world.said
    assert mounted(world) == f"{VOLUME}.occ-2"


def test_a_holder_that_somebody_pruned_is_told_and_made_again_by_repair(tmp_path: Path) -> None:
    world = made(tmp_path)
    assert world.occ("update") == 0, world.said
    assert world.occ("rollback", options=Options(data="then")) == 0, world.said
    assert helpers(world) == [f"{NAME}.occ-data-1"]
    world.engine.host.prune("containers")
    assert helpers(world) == []
    (finding,) = [one for one in world.app.doctor(NAME) if one.code == "data_unheld"]
    assert finding.says == f"nothing anchors {VOLUME} of data set 1: a prune of volumes takes it"
    assert finding.fix == f"occ repair --service {NAME}"
    assert world.occ("repair") == 0, world.said
    assert helpers(world) == [f"{NAME}.occ-data-1"]
    world.engine.host.prune("volumes")
    assert VOLUME in world.engine.host.volumes
    assert [one for one in world.app.doctor(NAME) if one.code == "data_unheld"] == []


def test_the_next_replacement_holds_again_what_nothing_holds(tmp_path: Path) -> None:
    world = made(tmp_path)
    assert world.occ("update") == 0, world.said
    assert world.occ("rollback", options=Options(data="then")) == 0, world.said
    world.engine.host.prune("containers")
    world._configure("two", "31s")
    world.engine.host.registry.publish(IMAGE, built("good", "3.0"))
    assert world.occ("update") == 0, world.said
    assert world.last.result("hold_kept")["said"] == "data set 1"
    assert helpers(world) == [f"{NAME}.occ-data-1"]


def test_volumes_that_an_abandoned_operation_made_are_listed_and_pruned(tmp_path: Path) -> None:
    world = made(tmp_path)
    assert world.occ("update") == 0, world.said
    made_there = f"{VOLUME}.occ-2"

    def dies(_: object, event: Event) -> None:
        if isinstance(event, StepDone) and made_there in world.engine.host.volumes:
            raise PowerCutError

    options = Options(to=1, data="then")
    with pytest.raises(PowerCutError):
        world.app.change("rollback", NAME, options, replace(YES, listen=dies))
    (needed,) = [one for one in stays(world) if one.startswith("data set 2")]
    assert needed.endswith("is unfinished and needs it")
    world.app.end("abandon", NAME, YES)
    row = world.app.data_sets(NAME)[-1]
    assert (row.number, row.unused, row.volumes) == (2, True, (made_there,))
    assert world.occ("prune") == 0, world.said
    assert made_there not in world.engine.host.volumes
    assert VOLUME in world.engine.host.volumes
    assert helpers(world) == []
    assert [one.number for one in world.app.data_sets(NAME)] == [1]
    assert sets(world).unused == {}
    assert world.app.change("prune", NAME, Options(), YES).unchanged == "nothing goes by the rules"


def stays(world: Replaced) -> list[str]:
    """Everything that a prune would leave, each with why."""
    proposal = world.app.change("prune", NAME, Options(plan=True), YES).proposal
    assert proposal is not None
    return [f"{one.what} {one.number}: {one.why}" for one in proposal.stays]


def test_after_a_service_was_forgotten_the_data_that_it_had_left_is_listed_and_pruned(
    tmp_path: Path,
) -> None:
    world = made(tmp_path)
    assert world.occ("update") == 0, world.said
    (snapshot,) = world.known
    for _ in range(3):
        world.clock.sleep(1_000)
        assert world.occ("rollback", options=Options(to=1, data=str(snapshot))) == 0, world.said
    world.app.change("forget", NAME, Options(), YES)
    listed = [(row.number, row.current) for row in world.app.data_sets(NAME)]
    assert listed == [(3, False), (2, False), (1, False)]
    config = world.box.folder / "config.toml"
    table = f"[services.{NAME}]\n"
    config.write_text(config.read_text().replace(table, f"{table}keep_last = 1\n"))
    assert world.occ("prune") == 0, world.said
    assert mounted(world) == f"{VOLUME}.occ-4"
    there = {name for name in world.engine.host.volumes if name.startswith(VOLUME)}
    assert there == {f"{VOLUME}.occ-3", f"{VOLUME}.occ-4"}
    assert [row.number for row in world.app.data_sets(NAME)] == [3]


def test_a_disk_without_room_for_a_manifest_keeps_the_old_one_off_data_that_was_touched(
    world: Replaced, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise FailedError("no space left on device", hint="make room")

    with monkeypatch.context() as patched:
        patched.setattr(Store, "write", full)
        assert world.occ("update") == 7
    assert world.serves() == ""
    assert world.occ("resume") == 6, world.said
    assert (world.serves(), mounted(world)) == ("1.0", AGAIN)
