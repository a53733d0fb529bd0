"""Snapshots in a world in memory: which data, exact or fuzzy, and what is stored once."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from occ.app.ledgers import operation_of
from occ.app.options import AdoptWish, Options
from occ.domain.kept_names import Name
from occ.domain.request import StepPlan
from occ.domain.retention import needed_by
from occ.engine.values import File
from occ.errors import NotFoundError, RefusedError, SnapshotDamagedError
from occ.operations.kinds.snapshot import SnapshotWish
from tests.cli.story import begun, planned
from tests.doubles.engine.container import MemoryVolume
from tests.faults.memory import NAME, VOLUME
from tests.people import YES
from tests.unit.app.snapshot_world import CREATE, World, made, whole


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A service that runs, with some files."""
    return made(tmp_path)


def test_it_is_taken_while_the_service_runs_and_is_fuzzy(world: World) -> None:
    before = world.service()
    assert world.take() == 0, world.said
    assert world.service() == before
    number = world.journal.last_operation()
    whole(world, number)
    (volume,) = world.known[number].snapshot.volumes
    assert (volume.name, volume.way, volume.writers) == (VOLUME, "engine", (NAME,))
    assert world.known[number].snapshot.version == 1
    assert operation_of(world.journal, number).activated
    members = json_lines(world, number)
    assert members["log/1"][2:6] == [0o640, 5, 6, 2_000]


def json_lines(world: World, number: int) -> dict[str, list[object]]:
    (file,) = (world.folder / "snapshots").rglob(f"{number}.{VOLUME}.manifest")
    return {line[0]: line for line in map(json.loads, file.read_text().splitlines()[1:])}


@pytest.mark.parametrize("verb", ["stop", "pause"])
def test_it_is_exact_where_nothing_can_write(world: World, verb: str) -> None:
    if verb == "stop":
        assert world.occ("stop") == 0
    else:
        world.engine.pause(NAME)
    assert world.take() == 0, world.said
    assert world.known[world.journal.last_operation()].snapshot.fuzzy == ()


def test_another_container_that_can_write_is_named(world: World) -> None:
    assert world.occ("stop") == 0
    host = world.engine.host
    for name, read_only in (("writes", False), ("reads", True)):
        one = host.foreign(name, next(iter(host.containers.values())).image.id)
        host._mount(
            one, {"Type": "volume", "Source": VOLUME, "Target": "/x", "ReadOnly": read_only}
        )
        one.state = "running"
    assert world.take() == 0, world.said
    assert world.known[world.journal.last_operation()].snapshot.fuzzy == ("writes",)


def test_the_same_data_is_stored_once_and_each_snapshot_stays_whole(world: World) -> None:
    assert world.take() == 0
    first = world.journal.last_operation()
    assert world.take() == 0
    second = world.journal.last_operation()
    assert world.known[second].same_as == {VOLUME: first}
    one, other = sorted((world.folder / "snapshots").rglob("*.tar.zst"))
    assert one.samefile(other)
    world.engine.host.volumes[VOLUME].files["new"] = File(path="new", data=b"n")
    assert world.take() == 0
    assert world.known[world.journal.last_operation()].same_as == {}
    assert world.occ("snapshot", wish=SnapshotWish(verb="remove", snapshot=first)) == 0
    assert first not in world.known
    world.app.check_snapshot(NAME, second)


def test_a_removal_that_finds_no_file_says_so(world: World) -> None:
    assert world.take() == 0
    number, files = world.journal.last_operation(), world.files
    config = world.folder / "config.toml"
    config.write_text(config.read_text().replace('"snapshots"', '"elsewhere"'))
    assert world.occ("snapshot", wish=SnapshotWish(verb="remove", snapshot=number)) == 0
    assert world.files == files
    assert [note for note in world.notes if f"no file of snapshot {number} was in" in note]


def test_a_good_file_never_goes_for_a_damaged_one(world: World) -> None:
    assert world.take() == 0
    first = world.journal.last_operation()
    (file,) = (world.folder / "snapshots").rglob("*.tar.zst")
    file.write_bytes(file.read_bytes()[:-1])
    assert world.take() == 0
    second = world.journal.last_operation()
    assert world.known[second].same_as == {}
    world.app.check_snapshot(NAME, second)
    with pytest.raises(SnapshotDamagedError, match=str(file)):
        world.app.check_snapshot(NAME, first)


def test_files_of_another_journal_are_not_written_over(world: World) -> None:
    assert world.take() == 0
    number = world.journal.last_operation()
    folder = next((world.folder / "snapshots").glob("*/*"))
    theirs = folder / f"{number + 1}.{VOLUME}.tar.zst"
    theirs.write_bytes(b"theirs")
    assert world.take() == 4
    assert f"{theirs} is there already, and would be written over" in world.said
    assert theirs.read_bytes() == b"theirs"
    out = world.folder / "out.tar"
    world.app.export_snapshot(NAME, number, out)
    imported = folder / f"{number + 2}.other.tar.zst"
    imported.write_bytes(b"theirs too")
    assert world.occ("snapshot", wish=SnapshotWish(verb="import", file=str(out))) == 4
    assert imported.read_bytes() == b"theirs too"


def test_the_volumes_of_the_config_are_taken_and_no_others(world: World) -> None:
    world.engine.host.volumes["other"] = MemoryVolume({}, {})
    config = world.folder / "config.toml"
    text = config.read_text()
    config.write_text(text.replace("ports", 'snapshot_volumes = ["other"]\nports'))
    with pytest.raises(NotFoundError, match="does not mount other, which snapshot_volumes lists"):
        world.app.change("snapshot", NAME, Options(wish=CREATE), YES)
    config.write_text(text.replace("ports", f'snapshot_volumes = ["{VOLUME}"]\nports'))
    assert world.take() == 0
    assert world.app.status(NAME).drift == ()


@pytest.mark.parametrize(
    ("data", "why"),
    [("", "which is within their own data"), ("config.toml", "is no folder")],
)
def test_data_that_cannot_be_taken_is_refused(data: str, why: str, world: World) -> None:
    config, source = world.folder / "config.toml", world.folder / data
    mounted = f'mounts = ["{source}:/mnt"]\nsnapshot_volumes = ["{source}"]\nports'
    config.write_text(config.read_text().replace("ports", mounted))
    world.engine.host.folders[str(source)] = {}
    assert world.occ("apply") == 0
    with pytest.raises(RefusedError, match=why):
        world.app.change("snapshot", NAME, Options(wish=CREATE), YES)
    assert world.files == []


def test_a_volume_of_another_driver_is_left_out_and_said(world: World) -> None:
    world.engine.host.volumes[VOLUME].driver = "nfs"
    with pytest.raises(RefusedError, match="has no volumes to take"):
        world.app.change("snapshot", NAME, Options(wish=CREATE), YES)


def test_podman_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    info = replace(world.engine.info(), podman=True)
    monkeypatch.setattr(world.engine, "info", lambda: info)
    with pytest.raises(RefusedError, match="Podman's archive call loses the owners of files"):
        world.app.change("snapshot", NAME, Options(wish=CREATE), YES)
    assert world.files == []


def test_it_has_the_number_of_its_operation_and_a_number_is_never_given_twice(
    world: World,
) -> None:
    assert world.take() == 0
    first = world.journal.last_operation()
    assert world.occ("snapshot", wish=SnapshotWish(verb="remove", snapshot=first)) == 0
    assert world.take() == 0
    assert list(world.known) == [first + 2]
    with pytest.raises(NotFoundError, match=f"snapshot {first} of {NAME} was removed on 20"):
        world.app.snapshot(NAME, first)


def test_an_operation_that_names_it_or_takes_it_needs_it() -> None:
    plan = StepPlan(name="restore", inputs={"snapshot": 12})
    operation = begun(planned(steps=(plan,)))
    assert {*needed_by((operation,))} == {
        Name("snapshot", 12),
        Name("snapshot", operation.number),
    }


def test_an_adopted_container_has_its_anonymous_volume_taken_under_the_coming_name(
    world: World,
) -> None:
    image = next(iter(world.engine.host.containers.values())).image.id
    theirs = world.engine.host.foreign("theirs", image)
    world.engine.start(theirs.id)
    ((path, mount),) = theirs.mounts.items()
    world.engine.host.volumes[mount.source].files["app.db"] = File(path="app.db", data=b"db")
    wish = AdoptWish(container="theirs")
    world.app.change("adopt", "theirs", Options(wish=wish), YES)
    done = world.app.change("snapshot", "theirs", Options(wish=CREATE), YES).operation
    assert done is not None
    (volume,) = world.app.snapshot("theirs", done.number).volumes
    assert volume.name == f"theirs.{path.strip('/')}"
    assert volume.fuzzy == ("theirs",)
    assert mount.anonymous
    (file,) = (world.folder / "snapshots").rglob(f"{done.number}.*.manifest")
    assert '"app.db"' in file.read_text()
    assert volume.name not in world.engine.host.volumes


def test_leave_of_a_service_tells_where_its_snapshots_stay(world: World) -> None:
    assert world.take() == 0
    folder = next((world.folder / "snapshots").glob("*/*"))
    plan = world.app.change("remove", NAME, Options(plan=True), YES).proposal
    assert plan is not None
    number = world.journal.last_operation()
    assert f"its snapshots stay in {folder}: {number} (0.0 MB)" in plan.warnings
    outcome = world.app.change("forget", NAME, Options(), YES)
    assert f"its snapshots stay in {folder}: {number} (0.0 MB)" in outcome.warnings
