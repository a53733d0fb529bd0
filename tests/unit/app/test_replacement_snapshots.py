"""The snapshot of a replacement in memory: whether there is one, and deaths at every point."""

from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from occ.app.ledgers import operation_of
from occ.app.operator import Operator
from occ.app.options import Options
from occ.app.results import Outcome
from occ.domain.operation import Operation
from occ.domain.taking import Taking
from occ.engine.values import EngineInfo
from occ.errors import OccError, RefusedError
from tests.doubles.engine.engine import MemoryEngine
from tests.faults.memory import NAME, VOLUME
from tests.people import YES
from tests.unit.app.snapshot_world import DEAD, World, helpers
from tests.unit.app.test_snapshot_deaths import POINTS, dying


class Replaced(World):
    """A world whose service has no word on snapshots but that of `line`."""

    line = ""

    def _configure(self, which: str, timeout: str) -> None:
        super()._configure(which, timeout)
        config = self.box.folder / "config.toml"
        config.write_text(config.read_text().replace('snapshot = "never"\n', self.line))

    def update(self, operator: Operator = YES, **options: bool) -> Outcome:
        """Type the update; any error goes through."""
        return self.app.change("update", NAME, Options(**options), operator)  # type: ignore[arg-type]

    @property
    def last(self) -> Operation:
        return operation_of(self.journal, self.journal.last_operation())

    @property
    def names(self) -> list[str]:
        return [step.plan.name for step in self.last.steps]


def made(folder: Path, line: str = "") -> Replaced:
    """1.0 runs with some data, 2.0 is at the registry."""
    folder.mkdir(exist_ok=True)
    world = Replaced(folder)
    world.line = f"{line}\n" if line else ""
    world.prepare("update", "one")
    return world


@pytest.fixture
def world(tmp_path: Path) -> Replaced:
    return made(tmp_path)


def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have all data be too large to be taken unasked."""
    monkeypatch.setattr("occ.domain.taking.MOST_BYTES", 10)


def test_an_update_takes_one_and_measures_first_what_nothing_tells(world: Replaced) -> None:
    plan = world.update(plan=True).proposal
    assert plan is not None
    assert plan.snapshot == "how long the snapshot keeps it down is found out before the stop"
    assert world.update().warnings == ()
    assert world.names.index("measure_data") < world.names.index("create_container")
    number = world.last.number
    taken = world.known[number]
    assert (taken.verified, taken.snapshot.fuzzy, taken.snapshot.version) == (True, (), 1)
    assert taken.snapshot.exit_code is not None
    assert world.files == [f"{number}.{VOLUME}.manifest", f"{number}.{VOLUME}.tar.zst"]
    assert helpers(world) == []
    assert world.last.snapshot_ms is not None

    assert world.occ("rollback") == 0, world.said
    assert "measure_data" not in world.names
    assert len(world.known) == 2
    assert world.app.status(NAME).snapshot == world.last.number


def test_the_first_installation_takes_none(tmp_path: Path) -> None:
    world = made(tmp_path)
    assert operation_of(world.journal, 1).planned.request.taking is None
    assert world.known == {}


def test_one_that_is_paused_is_refused_where_one_would_be_taken(tmp_path: Path) -> None:
    for line in ("", 'snapshot = "never"'):
        world = made(tmp_path / (line and "never"), line)
        world.engine.pause(NAME)
        if line:
            assert world.occ("update") == 0, world.said
            continue
        with pytest.raises(RefusedError, match="is paused") as told:
            world.update()
        assert told.value.hint == (
            f"docker unpause {NAME}, or without a snapshot: "
            f"occ config set services.{NAME}.snapshot never"
        )
        assert world.journal.last_operation() == 1


def test_one_that_is_stopped_is_taken_without_a_stop(world: Replaced) -> None:
    assert world.occ("stop") == 0
    assert world.occ("update") == 0, world.said
    taken = world.known[world.last.number].snapshot
    assert "stop_container" not in world.names
    assert taken.exit_code is not None
    assert world.last.snapshot_ms is None


@pytest.mark.parametrize(
    ("line", "taken", "said"),
    [
        ("", False, "unasked"),
        ('snapshot = "replace"', True, ""),
        ('snapshot = "never"', False, ""),
    ],
)
def test_large_data_that_was_measured_is_left_out_unless_it_was_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, said: str, *, taken: bool
) -> None:
    world = made(tmp_path, line)
    large(monkeypatch)
    warnings = world.update().warnings
    assert bool(world.known) is taken
    assert ("take_snapshot" in world.names) is taken
    assert [said in one for one in warnings] == ([True] if said else [])
    notes = world.app.status(NAME).notes
    assert [one for one in notes if "no snapshot" in one and said] == [
        f"no snapshot was taken in operation {world.last.number}: {one.partition(': ')[2]}"
        for one in warnings
    ]


def measured(tmp_path: Path, line: str = "") -> Replaced:
    """A world where an earlier snapshot tells the size."""
    world = made(tmp_path, line)
    assert world.take() == 0, world.said
    return world


@pytest.mark.parametrize("answer", [True, False, None])
def test_whoever_is_there_is_asked_once_and_the_answer_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, answer: bool | None
) -> None:
    world, asked = measured(tmp_path), list[str]()
    large(monkeypatch)

    def ask(service: str, taking: Taking) -> bool | None:
        asked.append(f"{service}, {taking.size}")
        return answer

    warnings = world.update(replace(YES, ask_large=ask)).warnings
    assert len(asked) == 1
    assert ("take_snapshot" in world.names) is (answer is True)
    assert ["unasked" in one for one in warnings] == ([True] if answer is None else [])
    config = (world.folder / "config.toml").read_text()
    kept = {True: 'snapshot = "replace"\n', False: 'snapshot = "never"\n', None: ""}[answer]
    assert kept in config
    assert ("snapshot =" in config) is (answer is not None)
    world.app.change("rollback", NAME, Options(), replace(YES, ask_large=ask))
    assert len(asked) == (2 if answer is None else 1)


def test_without_one_that_is_required_nothing_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = measured(tmp_path, "snapshot_required = true")
    with monkeypatch.context() as patched:
        large(patched)
        before = world.journal.last_operation()
        with pytest.raises(RefusedError, match="is not replaced without a snapshot") as told:
            world.update(replace(YES, ask_large=lambda *_: True))
        assert told.value.hint == f"occ config set services.{NAME}.snapshot replace"
        assert world.journal.last_operation() == before
    assert world.update().warnings == ()
    assert "take_snapshot" in world.names


def test_one_that_is_required_and_was_measured_too_large_is_refused_before_the_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = made(tmp_path, "snapshot_required = true")
    large(monkeypatch)
    started = world.service()
    with pytest.raises(RefusedError, match="is not replaced without a snapshot"):
        world.update()
    assert world.service() == started
    assert "stop_container" not in world.names


NEVER = 'snapshot = "never"\nsnapshot_required = true'
LISTED = 'snapshot_volumes = ["gone"]'


@pytest.mark.parametrize("line", [NEVER, f'{LISTED}\nsnapshot = "replace"'])
def test_what_cannot_be_had_is_refused_where_it_was_asked_for(tmp_path: Path, line: str) -> None:
    world = made(tmp_path, line)
    with pytest.raises(OccError) as told:
        world.update()
    assert told.value.exit_status in {3, 4}
    assert world.journal.last_operation() == 1


def test_what_cannot_be_had_is_said_where_nobody_asked_for_it(tmp_path: Path) -> None:
    world = made(tmp_path, LISTED)
    warnings = world.update().warnings
    assert warnings == (
        "no snapshot was taken: version 1 of web does not mount gone, which snapshot_volumes lists",
    )
    assert world.known == {}


def podman(world: Replaced, monkeypatch: pytest.MonkeyPatch) -> None:
    info = MemoryEngine.info

    def told(self: MemoryEngine) -> EngineInfo:
        return replace(info(self), podman=True)

    monkeypatch.setattr(MemoryEngine, "info", told)


def test_podman_has_none_and_says_so(world: Replaced, monkeypatch: pytest.MonkeyPatch) -> None:
    podman(world, monkeypatch)
    (warning,) = world.update().warnings
    assert warning.startswith("no snapshot was taken: Podman's archive call loses the owners")
    assert world.known == {}


def test_podman_is_refused_where_one_is_required(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = made(tmp_path, "snapshot_required = true")
    podman(world, monkeypatch)
    with pytest.raises(RefusedError, match="Podman"):
        world.update()


@pytest.mark.parametrize("points", POINTS)
def test_files_of_somebody_elses_are_never_taken_for_ours(points: str, tmp_path: Path) -> None:
    for n in count(1):
        world = measured(tmp_path / f"{n}")
        number = world.journal.last_operation() + 1
        folder = next((world.folder / "snapshots").glob("*/*"))
        theirs = folder / f"{number}.{VOLUME}.tar.zst"
        theirs.write_bytes(b"theirs")
        status = world.occ("update", points.format(n))
        if status != DEAD:
            assert (status, world.last.ending) == (4, "undone")
            assert f"{theirs} is there already" in world.said
            break
        if world.last.number == number:
            assert world.occ("resume") in {0, 4}, world.said
        assert theirs.read_bytes() == b"theirs"
        assert world.serves() == "1.0"
    assert n > 5


@pytest.mark.parametrize("way", ["resume", "abort"])
@pytest.mark.parametrize("points", POINTS)
def test_it_dies_at_every_append_and_call_and_ends_as_typed(
    points: str, way: str, tmp_path: Path
) -> None:
    for n in count(1):
        world = made(tmp_path / f"{n}")
        number = world.journal.last_operation() + 1
        if world.occ("update", points.format(n)) != DEAD:
            break
        begun = world.journal.last_operation() == number
        assert world.occ(way) == 0, f"at {n}: {world.said}"
        again = world.last.result("make_again").get("container") if begun else None
        assert helpers(world) == (["web.occ-data-1"] if again else []), f"at {n}"
        ended = world.last.ending if begun else "none"
        version = "2.0" if ended == "done" else "1.0"
        assert world.serves() == version, f"at {n}"
        if ended == "done" or again:  # read through the engine, the data counts as changed
            assert world.known[number].verified
            assert len(world.files) == 2
        else:
            assert (world.known, world.files) == ({}, []), f"at {n}"
    assert n > 10


@pytest.mark.parametrize("way", ["resume", "abort"])
def test_a_death_in_the_stream(world: Replaced, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    assert world.take() == 0  # so that nothing is measured
    with monkeypatch.context() as patched:
        patched.setattr(MemoryEngine, "read_folder", dying(1))
        assert world.occ("update") == DEAD
    number = world.last.number
    assert world.last.disrupted
    assert world.occ(way) == 0, world.said
    assert helpers(world) == []
    assert (number in world.known) is (way == "resume")
    assert world.serves() == ("2.0" if way == "resume" else "1.0")


def test_the_old_one_is_started_before_anything_is_cleaned(
    world: Replaced, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.take() == 0
    monkeypatch.setattr(MemoryEngine, "read_folder", dying(1))
    assert world.occ("update") == DEAD
    started = list[str]()
    start, remove = MemoryEngine.start, MemoryEngine.remove

    def starting(self: MemoryEngine, container: str) -> None:
        started.append("start")
        start(self, container)

    def removing(self: MemoryEngine, container: str, *, volumes: bool = True) -> None:
        started.append("remove")
        remove(self, container, volumes=volumes)

    monkeypatch.setattr(MemoryEngine, "start", starting)
    monkeypatch.setattr(MemoryEngine, "remove", removing)
    assert world.occ("abort") == 0, world.said
    assert started[0] == "start"
    assert "remove" in started


def test_one_whose_data_changed_stays_when_it_is_put_back(
    world: Replaced, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Operation,
        "result",
        lambda self, name: {"changed": True} if name == "compare_data" else real(self, name),
    )
    world._configure("bad", "2s")
    assert world.occ("update") == 6, world.said
    assert world.serves() == "1.0"
    assert list(world.known) == [world.last.number]
    assert len(world.files) == 2


real = Operation.result


@pytest.mark.parametrize("answer", [True, False])
def test_a_setup_asks_beforehand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, answer: bool
) -> None:
    world, asked = measured(tmp_path), list[Taking]()

    def ask(_service: str, taking: Taking) -> bool:
        asked.append(taking)
        return answer

    world.app.choose_snapshot(NAME, ask, asked.clear)  # type: ignore[arg-type]
    assert asked == []
    large(monkeypatch)
    for _ in range(2):
        world.app.choose_snapshot(NAME, ask, asked.clear)  # type: ignore[arg-type]
        assert len(asked) == 1
    word = "replace" if answer else "never"
    assert f'snapshot = "{word}"\n' in (world.folder / "config.toml").read_text()


def test_whoever_else_may_write_makes_it_fuzzy_and_the_containers_of_the_service_do_not(
    world: Replaced,
) -> None:
    host = world.engine.host
    for name, read_only in (("writes", False), ("reads", True)):
        one = host.foreign(name, next(iter(host.containers.values())).image.id)
        host._mount(
            one, {"Type": "volume", "Source": VOLUME, "Target": "/x", "ReadOnly": read_only}
        )
        one.state = "running"
    assert world.occ("update") == 0, world.said
    assert world.known[world.last.number].snapshot.fuzzy == ("writes",)
