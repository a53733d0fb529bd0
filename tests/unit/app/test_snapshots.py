"""Snapshots in a world in memory: taken, ended at every point, the service untouched."""

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from occ.app.ledgers import operation_of, snapshots_of, unfinished_of
from occ.app.results import Options
from occ.domain.snapshots import Record
from occ.engine.values import File
from occ.errors import NotFoundError, RefusedError, SnapshotDamagedError
from occ.operations import labels
from occ.operations.kinds.snapshot import SnapshotWish
from tests.doubles.engine.container import MemoryVolume
from tests.doubles.engine.engine import MemoryEngine
from tests.faults.memory import NAME, VOLUME, MemoryWorld, PowerCutError
from tests.people import YES

DEAD = -9
CREATE = SnapshotWish(verb="create")


class World(MemoryWorld):
    """A world whose snapshots lie in its folder."""

    def _configure(self, which: str, timeout: str) -> None:
        super()._configure(which, timeout)
        config = self.box.folder / "config.toml"
        config.write_text(f'snapshot_dir = "snapshots"\n{config.read_text()}')

    def take(self, point: str = "none", fault: str = "kill") -> int:
        return self.occ("snapshot", point, fault, CREATE)

    @property
    def known(self) -> dict[int, Record]:
        return snapshots_of(self.journal, NAME)

    @property
    def files(self) -> list[str]:
        return sorted(file.name for file in (self.folder / "snapshots").rglob("*.*"))

    def service(self) -> tuple[object, ...]:
        """The service, and all else that is on the host but images."""
        containers = [
            (c.id, c.state, c.started_at, c.policy) for c in self.engine.host.containers.values()
        ]
        volumes = {name: dict(v.files) for name, v in self.engine.host.volumes.items()}
        return containers, volumes


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A service that runs, with some files."""
    return made(tmp_path)


def made(folder: Path) -> World:
    folder.mkdir(exist_ok=True)
    world = World(folder)
    world.prepare("update", "one")
    files = world.engine.host.volumes[VOLUME].files
    files["log/1"] = File(path="log/1", data=b"x" * 2_000, mode=0o640, uid=5, gid=6)
    return world


def helpers(world: World) -> list[str]:
    return [c.name for c in world.engine.containers({labels.HELPER: ""})]


def whole(world: World, number: int) -> None:
    """See that a snapshot is there, verified, and its files alone."""
    assert world.known[number].verified
    assert world.files == [f"{number}.{VOLUME}.manifest", f"{number}.{VOLUME}.tar.zst"]
    world.app.check_snapshot(NAME, number)


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


POINTS = [f"{port}:{{}}:{when}" for port in ("journal", "engine") for when in ("before", "after")]


@pytest.mark.parametrize("way", ["resume", "abort"])
@pytest.mark.parametrize("points", POINTS)
def test_it_dies_at_every_append_and_call_and_ends_as_typed(
    points: str, way: str, tmp_path: Path
) -> None:
    for n in count(1):
        world = made(tmp_path / f"{n}")
        before, number = world.service(), world.journal.last_operation() + 1
        if world.take(points.format(n)) != DEAD:
            break
        begun = world.journal.last_operation() == number
        assert world.occ(way) == 0, world.said
        assert unfinished_of(world.journal, NAME, aside=True) is None
        assert helpers(world) == []
        assert world.service() == before, f"at {n}"
        ended = operation_of(world.journal, number).ending if begun else None
        if ended == "done":
            whole(world, number)
        else:
            assert (ended, world.files, world.known) == ("undone" if begun else None, [], {})
            assert way == "abort" or not begun
        world.journal.verify()
        assert world.occ("update") == 0
    assert n > 2


def dying(pieces: int) -> Callable[..., None]:
    """A reading whose process dies after so many pieces."""
    read = MemoryEngine.read_folder

    def reading(self: MemoryEngine, *words: str, tick: Callable[[], None]) -> None:
        left, take = iter(range(pieces, -1, -1)), words[2]

        def taking(piece: bytes) -> None:
            if next(left) == 0:
                raise PowerCutError
            take(piece)  # type: ignore[operator]

        read(self, words[0], words[1], taking, tick=tick)

    return reading


def test_a_reading_that_dies_in_its_middle_leaves_nothing_that_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pieces in (0, 1, 3, 7):
        world = made(tmp_path / f"{pieces}")
        before, number = world.service(), world.journal.last_operation() + 1
        with monkeypatch.context() as patched:
            patched.setattr(MemoryEngine, "read_folder", dying(pieces))
            assert world.take() == DEAD
        assert helpers(world) == [f"{NAME}.occ-snapshot"]
        folder = next((world.folder / "snapshots").glob("*/*"))
        (folder / f".{number}.{VOLUME}.tar.zst.0123456789ab.draft").write_bytes(b"as after a death")
        assert world.occ("resume" if pieces else "abort") == 0
        assert world.service() == before
        if pieces:
            whole(world, number)
        else:
            assert (world.files, world.known) == ([], {})


def test_a_stream_that_ends_early_is_no_snapshot(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = MemoryEngine.read_folder

    def short(self: MemoryEngine, *words: str, tick: object = None) -> None:
        pieces: list[bytes] = []
        read(self, words[0], words[1], pieces.append)
        raw = b"".join(pieces).rstrip(b"\0")
        taking: Callable[[bytes], None] = words[2]  # type: ignore[assignment]
        taking(raw + bytes(-len(raw) % 512))

    monkeypatch.setattr(MemoryEngine, "read_folder", short)
    before = world.service()
    assert world.take() == 6
    assert "could not be read whole: it ends early" in world.said
    assert (world.files, world.known, helpers(world)) == ([], {}, [])
    assert world.service() == before


@pytest.mark.parametrize("verb", ["stop", "update"])
def test_a_change_ends_it_and_its_process_leaves_nothing(
    verb: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, ended = MemoryEngine.read_folder, list[int]()

    def meanwhile(self: MemoryEngine, *words: str, tick: Callable[[], None]) -> None:
        if not ended:
            ended.append(world.occ(verb))
        read(self, *words, tick=tick)  # type: ignore[arg-type]

    monkeypatch.setattr(MemoryEngine, "read_folder", meanwhile)
    number = world.journal.last_operation() + 1
    assert world.take() in {3, 9}, world.said  # its helper is gone, or its operation
    assert ended == [0]
    assert operation_of(world.journal, number).ending == "undone"
    assert (world.files, world.known, helpers(world)) == ([], {}, [])


def test_an_end_that_is_asked_for_leaves_nothing(world: World) -> None:
    before = world.service()
    assert world.take("engine:1:after", "int") == 130
    assert (world.files, world.known) == ([], {})
    assert world.service() == before


def test_a_time_that_is_over_ends_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    config = world.folder / "config.toml"
    config.write_text(config.read_text().replace("ports", 'snapshot_timeout = "1s"\nports'))
    read = MemoryEngine.read_folder

    def slow(self: MemoryEngine, *words: str, tick: Callable[[], None]) -> None:
        world.clock.sleep(2_000)
        read(self, *words, tick=tick)  # type: ignore[arg-type]

    monkeypatch.setattr(MemoryEngine, "read_folder", slow)
    assert world.take() == 6
    assert "could not be read within 1 s" in world.said
    assert (world.files, world.known) == ([], {})


def test_files_of_another_journal_are_not_written_over(world: World) -> None:
    assert world.take() == 0
    number = world.journal.last_operation()
    folder = next((world.folder / "snapshots").glob("*/*"))
    theirs = folder / f"{number + 1}.{VOLUME}.tar.zst"
    theirs.write_bytes(b"theirs")
    assert world.take() == 6
    assert f"{theirs} is there already, and would be written over" in world.said


@pytest.mark.parametrize(
    ("point", "gone"),
    [
        ("journal:1:after", False),
        ("journal:2:before", False),
        ("journal:2:after", True),
        ("journal:3:before", True),
    ],
)
def test_a_removal_is_put_back_before_its_first_step_and_finished_from_there(
    point: str, gone: bool, world: World
) -> None:
    assert world.take() == 0
    number = world.journal.last_operation()
    remove = SnapshotWish(verb="remove", snapshot=number)
    assert world.occ("snapshot", point, wish=remove) == DEAD
    assert world.occ("abort") == 0, world.said
    if gone:
        assert (world.files, world.known) == ([], {})
    else:
        whole(world, number)


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


def test_a_volume_of_another_driver_is_left_out_and_said(world: World) -> None:
    world.engine.host.volumes[VOLUME].driver = "nfs"
    with pytest.raises(RefusedError, match="has no volumes to take"):
        world.app.change("snapshot", NAME, Options(wish=CREATE), YES)


def test_it_has_the_number_of_its_operation_and_a_number_is_never_given_twice(
    world: World,
) -> None:
    assert world.take() == 0
    first = world.journal.last_operation()
    assert world.occ("snapshot", wish=SnapshotWish(verb="remove", snapshot=first)) == 0
    assert world.take() == 0
    assert list(world.known) == [first + 2]
    with pytest.raises(NotFoundError, match=f"no snapshot {first}; there are: {first + 2}"):
        world.app.snapshot(NAME, first)
