"""A snapshot that dies at every append, call and piece, is ended, or is overtaken by a change."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from occ.app.ledgers import operation_of, unfinished_of
from occ.app.results import Closed
from occ.archives import parcel
from occ.domain.snapshots import Snapshot
from occ.operations.kinds.snapshot import SnapshotWish
from tests.doubles.engine.engine import MemoryEngine
from tests.faults.memory import NAME, VOLUME, PowerCutError
from tests.people import YES
from tests.unit.app.snapshot_world import DEAD, World, helpers, made, whole


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A service that runs, with some files."""
    return made(tmp_path)


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
        assert helpers(world) == [f"{NAME}.occ-snapshot.{number}"]
        folder = next((world.folder / "snapshots").glob("*/*"))
        (folder / f".{number}.{VOLUME}.tar.zst.0123456789ab.draft").write_bytes(b"as after a death")
        assert world.occ("resume" if pieces else "abort") == 0
        assert world.service() == before
        if pieces:
            whole(world, number)
        else:
            assert (world.files, world.known) == ([], {})


def test_a_comparison_that_dies_leaves_nothing_that_stays(world: World) -> None:
    assert world.take() == 0
    folder, files = next((world.folder / "snapshots").glob("*/*")), world.files
    draft = folder / f".0.{VOLUME}.tar.zst.0123456789ab.draft"
    draft.write_bytes(b"as after a death")
    assert world.take() == 0
    assert not draft.exists()
    assert len(world.files) == 2 * len(files)


def test_one_that_is_abandoned_tells_its_files(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(MemoryEngine, "read_folder", dying(1))
        assert world.take() == DEAD
    number = world.journal.last_operation()
    folder = next((world.folder / "snapshots").glob("*/*"))
    (folder / f".{number}.{VOLUME}.tar.zst.0123456789ab.draft").write_bytes(b"as after a death")
    closed = world.app.end("abandon", NAME, YES)
    assert isinstance(closed, Closed)
    assert f"1 file of number {number} in {folder}" in closed.left


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


def test_a_change_ends_an_import_whose_process_leaves_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.take() == 0
    first, out = world.journal.last_operation(), world.folder / "out.tar"
    world.app.export_snapshot(NAME, first, out)
    unwrapped, files = parcel.unwrapped, world.files

    def late(*words: Any, tick: Callable[[], None]) -> Snapshot:
        assert world.occ("stop") == 0
        return unwrapped(*words, tick=tick)

    monkeypatch.setattr(parcel, "unwrapped", late)
    assert world.occ("snapshot", wish=SnapshotWish(verb="import", file=str(out))) == 9
    assert operation_of(world.journal, first + 1).ending == "undone"
    assert (world.files, list(world.known)) == (files, [first])


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


def test_an_end_that_comes_after_the_reading_leaves_nothing_either(world: World) -> None:
    before = world.service()
    assert world.take("engine:2:after", "int") == 130
    assert (world.files, world.known) == ([], {})
    assert world.service() == before


def test_an_end_while_the_manifest_is_made_leaves_it_unverified(world: World) -> None:
    assert world.take("journal:4:after", "int") == 0
    number = world.journal.last_operation()
    assert not world.known[number].verified
    assert [note for note in world.notes if f"snapshot {number} is unverified" in note]
    verify = SnapshotWish(verb="verify", snapshot=number)
    assert world.occ("snapshot", wish=verify) == 0, world.said
    whole(world, number)


def test_a_change_does_not_wait_for_the_manifest(world: World) -> None:
    assert world.take("journal:4:after") == DEAD
    number = world.journal.last_operation()
    assert operation_of(world.journal, number).activated
    assert world.occ("stop") == 0
    assert operation_of(world.journal, number).ending is None
    assert world.occ("resume") == 0
    whole(world, number)
