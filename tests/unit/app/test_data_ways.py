"""Ways in which the data of a service could get lost between commands, in a world in memory."""

import copy
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from occ.app.change.observed import observe
from occ.app.ledgers import ledger_of, operation_of
from occ.app.results import AdoptWish, Options
from occ.archives.store import Store
from occ.domain.data_sets import DataSets
from occ.domain.events import Event, StepDone
from occ.engine.values import ContainerRequest, File
from occ.errors import EngineRefusedError, FailedError, JournalUnwritableError, RefusedError
from occ.journal.port import Stamp
from occ.operations import labels
from occ.operations.kinds.snapshot import SnapshotWish
from tests.contract.memory_lab import built
from tests.doubles.engine.container import MemoryVolume
from tests.faults.memory import IMAGE, NAME, VOLUME, PowerCutError
from tests.people import YES
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
    outcome = world.app.change("update", NAME, Options(retry=True), YES)
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
