"""Retention in a world in memory: what goes after updates, by `occ prune`, and what never does."""

from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from occ.app.ledgers import ledger_of, operation_of
from occ.app.options import Options
from occ.app.results import Outcome, Proposal
from occ.archives.store import Store
from occ.disks import Disk
from occ.domain.data_sets import DataSet, DataSetBound, DataSetRecorded
from occ.errors import DeclinedError, FailedError, NoTargetError, NotFoundError
from occ.journal.port import Stamp
from occ.operations import labels
from occ.operations.anchoring import Anchor
from occ.operations.kinds.snapshot import SnapshotWish
from occ.operations.steps.prune import choosing
from tests.contract.memory_lab import built
from tests.doubles.engine.container import MemoryVolume
from tests.faults.memory import IMAGE, NAME, VOLUME, PowerCutError
from tests.people import YES
from tests.unit.app.snapshot_world import DEAD, World, helpers, made


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A service that runs; each change takes a snapshot, and two of them stay."""
    there = made(tmp_path)
    configure(there, "keep_last = 2")
    return there


def configure(world: World, *lines: str) -> None:
    """Have these lines in the service's table, and no word on snapshots."""
    config, table = world.box.folder / "config.toml", f"[services.{NAME}]\n"
    old = [line for line in config.read_text().splitlines() if not line.startswith(KEYS)]
    text = "\n".join(old).replace(table, f"{table}{chr(10).join(lines)}\n", 1)
    config.write_text(f"{text}\n")


KEYS = ("snapshot =", "snapshot_required", "keep_", "max_bytes", "min_free")


def night(world: World, number: int) -> int:
    """A new image is published and taken; the number of the operation."""
    world.clock.sleep(86_400_000)
    world.engine.host.registry.publish(IMAGE, built("good", f"{number}.0"))
    files = world.engine.host.volumes[VOLUME].files
    files["log/1"] = replace(files["log/1"], data=bytes([number]) * 2_000)
    assert world.occ("update") == 0, world.said
    return world.journal.last_operation()


def nights(world: World, count: int) -> list[int]:
    return [night(world, number) for number in range(10, 10 + count)]


def change(world: World, kind: str = "prune", **options: object) -> Outcome:
    told = Options(**options)  # type: ignore[arg-type]
    outcome: Outcome = world.app.change(kind, NAME, told, YES)  # type: ignore[arg-type]
    return outcome


def left(world: World, number: int, version: int, *, mine: bool = True) -> str:
    """Have the data set of this number, anchored, as a rollback leaves it; its volume's name."""
    name = f"{VOLUME}.occ-{number}"
    mark = labels.mine(world.journal.id, NAME) if mine else {}
    files = dict(world.engine.host.volumes[VOLUME].files)
    world.engine.host.volumes[name] = MemoryVolume({**mark}, files)
    data = DataSet(number=number, volumes={VOLUME: name})
    events = (DataSetRecorded(data), DataSetBound(number), DataSetBound(1))
    stamp = Stamp(service=NAME, operator="ann", at=world.clock.now())
    operation = operation_of(world.journal, world.journal.last_operation())
    world.journal.append(operation.number, operation.next_seq, events, stamp)
    Anchor(
        engine=world.engine,
        journal=world.journal.id,
        service=NAME,
        operation=operation.number,
        number=number,
        called=f"{NAME}.occ-data-{number}",
        image=next(iter(world.engine.host.containers.values())).image.id,
        volumes=(name,),
    ).have()
    assert ledger_of(world.journal, NAME).data.left[number].version == version
    return name


def test_an_update_removes_what_the_rules_do_not_keep_after_the_new_one_is_verified(
    world: World,
) -> None:
    taken = nights(world, 4)
    assert list(world.known) == taken[2:]
    assert {one.split(".")[0] for one in world.files} == {str(one) for one in taken[2:]}
    last = operation_of(world.journal, taken[-1])
    names = [step.plan.name for step in last.steps]
    assert names[-3:] == ["describe_snapshot", "choose_prunable", "prune_data"]
    assert world.notes == ()
    gone = world.app.snapshots(NAME, removed=True)
    assert [(one.number, one.pruned) for one in gone] == [
        (taken[3], ""),
        (taken[2], ""),
        (taken[1], "beyond keep_last 2"),
        (taken[0], "beyond keep_last 2"),
    ]
    assert [bool(one.removed_at) for one in gone] == [False, False, True, True]


def test_a_snapshot_that_is_pinned_stays_until_it_is_not(world: World) -> None:
    first = night(world, 10)
    assert world.occ("snapshot", wish=SnapshotWish(verb="pin", snapshot=first)) == 0
    assert world.app.snapshot(NAME, first).pinned
    nights(world, 3)
    assert first in world.known
    assert len(world.known) == 3
    assert world.occ("snapshot", wish=SnapshotWish(verb="unpin", snapshot=first)) == 0
    assert change(world).unchanged == ""
    assert first not in world.known
    assert len(world.known) == 2


def test_a_plan_tells_what_goes_and_what_stays_and_touches_nothing(world: World) -> None:
    configure(world, "keep_last = 0")
    taken = nights(world, 4)
    configure(world, "keep_last = 1")
    before = world.files
    proposal = change(world, plan=True).proposal
    assert proposal is not None
    assert [(one.what, one.number, one.why) for one in proposal.goes] == [
        ("snapshot", taken[0], "beyond keep_last 1"),
        ("snapshot", taken[1], "beyond keep_last 1"),
        ("snapshot", taken[2], "beyond keep_last 1"),
    ]
    assert [(one.number, one.why) for one in proposal.stays] == [
        (taken[3], "what occ rollback means"),
    ]
    assert all(one.bytes for one in proposal.goes)
    assert (world.files, len(world.known)) == (before, 4)
    change(world)
    assert list(world.known) == taken[3:]
    assert change(world).unchanged == "nothing goes by the rules"


POINTS = [f"{port}:{{}}:{when}" for port in ("journal", "engine") for when in ("before", "after")]


@pytest.mark.parametrize("points", POINTS)
def test_a_prune_that_dies_is_carried_on_with_what_was_shown(points: str, tmp_path: Path) -> None:
    for n in count(1):
        world = made(tmp_path / f"{n}")
        configure(world, "keep_last = 0")
        taken = nights(world, 3)
        name, other = left(world, 2, 4), left(world, 3, 4)
        configure(world, "keep_last = 1")
        number = world.journal.last_operation() + 1
        if world.occ("prune", points.format(n)) != DEAD:
            break
        begun = world.journal.last_operation() == number
        configure(world, "keep_last = 0")  # the rules of today decide no more
        assert world.occ("resume") == 0, world.said
        volumes = world.engine.host.volumes
        assert other in volumes
        assert (name in volumes) is not begun, f"at {n}"
        assert list(world.known) == (taken[2:] if begun else taken)
        assert {one.split(".")[0] for one in world.files} == {str(one) for one in world.known}
        assert len(helpers(world)) == (1 if begun else 2)
        assert list(ledger_of(world.journal, NAME).data.left) == ([3] if begun else [2, 3])
        world.journal.verify()
    assert n > 1


def test_an_update_that_dies_between_two_removals_removes_what_it_chose(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first removal frees room; a choice made anew would be another one."""
    configure(world, "keep_last = 0")
    taken = nights(world, 4)
    configure(world, 'min_free = "1g"', "keep_last = 0")
    free = [1_500_000_000]
    monkeypatch.setattr("occ.disks.disk_of", lambda _: Disk(name="1", free=free[0]))
    remove = Store.remove

    def dying(self: Store, number: int) -> int:
        count = remove(self, number)
        if number == taken[0]:
            free[0] = 9_000_000_000  # now there is room for all of the others
            raise PowerCutError
        return count

    monkeypatch.setattr(Store, "remove", dying)
    world.clock.sleep(86_400_000)
    world.engine.host.registry.publish(IMAGE, built("good", "20.0"))
    monkeypatch.setattr(
        "occ.operations.kinds.taken.choosing",
        lambda retain: choosing(replace(retain, room=1_000_000_000)),
    )
    assert world.occ("update") == DEAD
    number = world.journal.last_operation()
    monkeypatch.setattr(Store, "remove", remove)
    assert world.occ("resume") == 0, world.said
    assert operation_of(world.journal, number).ending == "done"
    assert list(world.known) == [number]  # all the others were chosen
    assert {one.split(".")[0] for one in world.files} == {str(number)}


def test_a_kept_set_goes_with_its_holder_first(world: World) -> None:
    nights(world, 2)
    name = left(world, 2, 3)
    configure(world, "keep_last = 1")
    change(world)
    assert name in world.engine.host.volumes  # it is the newest of its sort
    other = left(world, 3, 3)
    assert set(helpers(world)) == {f"{NAME}.occ-data-2", f"{NAME}.occ-data-3"}
    change(world)
    assert name not in world.engine.host.volumes
    assert other in world.engine.host.volumes
    assert helpers(world) == [f"{NAME}.occ-data-3"]
    assert list(ledger_of(world.journal, NAME).data.left) == [3]
    assert VOLUME in world.engine.host.volumes


@pytest.mark.parametrize("whose", ["a stranger", "not ours", "another service"])
def test_a_kept_set_stays_where_somebody_else_has_part_in_it(world: World, whose: str) -> None:
    nights(world, 2)
    name = left(world, 2, 3, mine=whose != "not ours")
    left(world, 3, 3)
    configure(world, "keep_last = 1")
    host = world.engine.host
    if whose == "a stranger":
        one = host.foreign("reads", next(iter(host.containers.values())).image.id)
        told = {"Type": "volume", "Source": name, "Target": "/x", "ReadOnly": True}
        host._mount(one, told)
    if whose == "another service":
        config = world.box.folder / "config.toml"
        other = f'[services.other]\nimage = "a/b:1"\nvolumes = ["{name}:/x"]\n'
        config.write_text(config.read_text() + other)
    why = {
        "a stranger": "the container reads mounts one of its volumes",
        "not ours": f"the volume {name} was not made by occ, and whoever made it removes it",
        "another service": f"the volume {name} is another service's too",
    }
    proposal = change(world, plan=True).proposal
    assert proposal is not None
    said = [one.why for one in proposal.stays if (one.what, one.number) == ("data set", 2)]
    assert said == [why[whose]]
    change(world)
    assert name in host.volumes
    assert f"{NAME}.occ-data-2" in helpers(world)


def test_a_set_that_somebody_mounts_meanwhile_is_told_and_left(world: World) -> None:
    nights(world, 2)
    name = left(world, 2, 3)
    left(world, 3, 3)
    configure(world, "keep_last = 1")
    host = world.engine.host

    def mounts(_proposal: object) -> bool:
        one = host.foreign("late", next(iter(host.containers.values())).image.id)
        told = {"Type": "volume", "Source": name, "Target": "/x", "ReadOnly": True}
        host._mount(one, told)
        return True

    outcome = world.app.change("prune", NAME, Options(), replace(YES, confirm=mounts))
    assert outcome.warnings == ("data set 2 stays: the container late mounts one of its volumes",)
    assert name in host.volumes
    assert f"{NAME}.occ-data-2" in helpers(world)
    assert 2 in ledger_of(world.journal, NAME).data.left


def test_the_snapshot_behind_a_set_that_an_unfinished_operation_names_stays(world: World) -> None:
    """Its restore is planned only in the second stage."""
    configure(world, "keep_last = 0")
    taken = nights(world, 4)
    configure(world, "keep_last = 1")
    options = Options(to=2, data=str(taken[1]))

    def dies(*_: object) -> None:
        raise PowerCutError

    with pytest.raises(PowerCutError):
        world.app.change("rollback", NAME, options, replace(YES, listen=dies))
    unfinished = world.journal.last_operation()
    proposal = change(world, plan=True).proposal
    assert proposal is not None
    why = {one.number: one.why for one in proposal.stays}
    assert why[taken[1]] == f"operation {unfinished} (rollback) is unfinished and needs it"
    assert [one.number for one in proposal.goes] == [taken[0], taken[2]]


def test_a_rollback_to_data_that_was_pruned_says_what_is_missing(world: World) -> None:
    first = night(world, 10)
    nights(world, 4)
    with pytest.raises(NotFoundError, match=f"snapshot {first} of {NAME} was pruned on 20"):
        change(world, "rollback", to=1, data=str(first))
    missing = f"version 1 has no data of its own any more: snapshot {first} was pruned on 20.*"
    with pytest.raises(NoTargetError, match=rf"{missing}\(beyond keep_last 2\)"):
        change(world, "rollback", to=1, data="then")


def test_min_free_is_looked_at_before_the_stop(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    night(world, 10)
    disk = Disk(name="1", free=500_000_000)
    monkeypatch.setattr("occ.disks.disk_of", lambda _: disk)
    configure(world, 'min_free = "1g"', 'snapshot = "replace"')
    calls = len(world.known)
    world.engine.host.registry.publish(IMAGE, built("good", "11.0"))
    with pytest.raises(FailedError, match=r"^500.0 MB are free for .*: min_free, 1073.7") as full:
        change(world, "update")
    assert full.value.hint == f"occ prune --service {NAME}"
    assert full.value.exit_status == 6
    assert world.serves() == "10.0"
    configure(world, 'min_free = "1g"')
    assert world.occ("update") == 0, world.said
    (note,) = world.notes
    assert note.startswith("no snapshot was taken: 500.0 MB are free for ")
    assert note.endswith(f"would not be kept (try: occ prune --service {NAME})")
    assert world.serves() == "11.0"
    assert len(world.known) == calls
    assert any("no snapshot was taken in operation" in one for one in world.app.status(NAME).notes)


def test_a_snapshot_by_hand_leaves_min_free(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first = night(world, 10)
    configure(world, 'min_free = "1g"')
    monkeypatch.setattr("occ.disks.disk_of", lambda _: Disk(name="1", free=500_000_000))
    before = world.files
    with pytest.raises(FailedError, match=r"^500.0 MB are free for .*: min_free, 1073.7") as full:
        change(world, "snapshot", wish=SnapshotWish(verb="create"))
    assert (full.value.hint, full.value.exit_status) == (f"occ prune --service {NAME}", 6)
    assert (world.files, list(world.known)) == (before, [first])
    monkeypatch.setattr("occ.disks.disk_of", lambda _: Disk(name="1", free=1_500_000_000))
    assert change(world, "snapshot", wish=SnapshotWish(verb="create")).unchanged == ""
    assert len(world.known) == 2


def test_an_import_leaves_min_free(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    number = night(world, 10)
    out = world.folder / "out.tar"
    world.app.export_snapshot(NAME, number, out)
    configure(world, 'min_free = "1g"')
    monkeypatch.setattr("occ.disks.disk_of", lambda _: Disk(name="1", free=500_000_000))
    wish = SnapshotWish(verb="import", file=str(out))
    with pytest.raises(FailedError, match=r"^500.0 MB are free for .*: min_free, 1073.7") as full:
        change(world, "snapshot", wish=wish)
    assert (full.value.hint, full.value.exit_status) == (f"occ prune --service {NAME}", 6)
    assert list(world.known) == [number]
    monkeypatch.setattr("occ.disks.disk_of", lambda _: Disk(name="1", free=1_500_000_000))
    change(world, "snapshot", wish=wish)
    assert len(world.known) == 2


def test_removal_of_the_service_takes_the_holders_first_and_lists_the_data(world: World) -> None:
    taken = nights(world, 2)
    name = left(world, 2, 3)
    shown: list[Proposal] = []

    def note(proposal: Proposal) -> bool:
        shown.append(proposal)
        return True

    world.app.change("remove", NAME, Options(), replace(YES, confirm=note))
    assert helpers(world) == []
    assert {name, VOLUME}.isdisjoint(world.engine.host.volumes)
    (proposal,) = shown
    assert proposal.by_name
    said = "; ".join(proposal.warnings)
    assert f"its data of now is in {VOLUME}" in said
    assert "data set 2 of version 3, left on 20" in said
    assert f"is in {name}" in said
    assert f"{taken[0]} (0.0 MB), {taken[1]} (0.0 MB)" in said


def test_the_name_is_typed_only_where_no_snapshot_has_the_data_of_now(world: World) -> None:
    shown: list[bool] = []

    def note(proposal: Proposal) -> bool:
        shown.append(proposal.by_name)
        return False

    for _ in range(2):
        with pytest.raises(DeclinedError):
            world.app.change("remove", NAME, Options(), replace(YES, confirm=note))
        with pytest.raises(DeclinedError):
            world.app.change("forget", NAME, Options(), replace(YES, confirm=note))
        world.take()
    assert shown == [True, False, True, True]  # that of a running service is older than its data
    assert world.occ("stop") == 0
    world.take()
    with pytest.raises(DeclinedError):
        world.app.change("remove", NAME, Options(), replace(YES, confirm=note))
    assert shown[-1] is False
