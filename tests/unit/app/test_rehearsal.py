"""The rehearsal of an update in memory: its verdicts, and deaths at every point."""

import socket
from collections.abc import Mapping
from itertools import count
from pathlib import Path

import pytest

from occ.app.change.rehearsing import ways_out
from occ.app.ledgers import ledger_of, operation_of, unfinished_of
from occ.app.options import Options
from occ.app.results import Outcome
from occ.domain.rehearsal import Rehearsal
from occ.engine.values import Answer, File, NoAnswer, Question
from occ.errors import RefusedError, RehearsalError
from occ.operations import labels
from occ.operations.kinds.snapshot import SnapshotWish
from tests.faults.memory import NAME, VOLUME, PowerCutError
from tests.people import YES
from tests.unit.app.snapshot_world import DEAD, World
from tests.unit.app.test_snapshot_deaths import POINTS

TRY = Options(rehearse=True, resume_first=True)
STEPS = ("copy_data", "rehearse_version", "control_rehearsal", "judge_rehearsal")


def made(folder: Path, which: str = "two") -> World:
    """1.0 runs with some data, another version is at the registry."""
    folder.mkdir(exist_ok=True)
    world = World(folder)
    world.prepare("update", "one")
    files = world.engine.host.volumes[VOLUME].files
    files["log/1"] = File(path="log/1", data=b"x" * 2_000, mode=0o640, uid=5, gid=6)
    world._configure(which, "30s")
    return world


def update(world: World, rehearse: bool | None = None, *, rehearse_only: bool = False) -> Outcome:
    """Type the update; any error goes through."""
    options = Options(rehearse=rehearse, rehearse_only=rehearse_only)
    return world.app.change("update", NAME, options, YES)


def rehearsals(world: World) -> Mapping[int, Rehearsal]:
    return ledger_of(world.journal, NAME).rehearsals


def state(world: World) -> tuple[object, ...]:
    """The service and its data, and everything that may be left beside it."""
    host = world.engine.host
    containers = [(c.id, c.name, c.state, c.started_at, c.policy) for c in host.containers.values()]
    volumes = {name: dict(one.files) for name, one in host.volumes.items()}
    return containers, volumes, set(host.networks), world.files


def nothing_beside(world: World) -> bool:
    """Whether nothing of a rehearsal is there."""
    known = {labels.HELPER: ""}
    host = world.engine.host
    beside = [name for name in host.networks | set(host.volumes) if "rehearsal" in name]
    return not world.engine.containers(known) and not beside and world.files == []


def test_a_version_that_passes_is_rehearsed_and_then_replaces(tmp_path: Path) -> None:
    world = made(tmp_path)
    outcome = update(world, rehearse=True)
    operation = outcome.operation
    assert operation is not None
    names = [step.plan.name for step in operation.steps]
    assert [name for name in names if name in STEPS] == list(STEPS)
    assert names.index("judge_rehearsal") < names.index("create_container")
    last = rehearsals(world)[2]
    assert (last.event.verdict, last.event.copy, last.event.data_of) == ("passed", "paused", 1)
    assert last.event.after_ms >= 100
    assert (last.event.of > 0, last.event.reported) == (True, "2.0")
    assert operation.rehearsed == operation.number
    assert nothing_beside(world)
    assert world.serves() == "2.0"


def test_a_version_that_fails_costs_no_outage_and_is_bad(tmp_path: Path) -> None:
    world = made(tmp_path, "bad")
    before = state(world)
    with pytest.raises(RehearsalError) as failed:
        update(world, rehearse=True)
    assert "version 2 failed beside the service, which was not stopped" in failed.value.message
    assert failed.value.exit_status == 6
    assert state(world) == before
    operation = operation_of(world.journal, world.journal.last_operation())
    assert (operation.ending, operation.downtime_ms) == ("undone", None)
    assert rehearsals(world)[2].event.verdict == "failed"
    assert ledger_of(world.journal, NAME).versions[2].standing == "bad"
    assert world.serves() == "1.0"


def test_where_the_old_one_fails_too_the_copy_is_to_blame(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = made(tmp_path, "bad")
    running = world.engine.host.find(NAME)
    assert running is not None

    real = world.engine.probe

    def none_beside(container: str, question: Question) -> Answer | NoAnswer:
        beside = world.engine.host.there(container).id != running.id
        return NoAnswer() if beside else real(container, question)

    monkeypatch.setattr(world.engine, "probe", none_beside)
    before = state(world)
    with pytest.raises(RehearsalError, match="this copy cannot be judged by"):
        update(world, rehearse=True)
    assert state(world) == before
    assert rehearsals(world)[2].event.verdict == "unknown"
    assert ledger_of(world.journal, NAME).versions[2].standing == "unproven"


def test_only_a_rehearsal_that_serves_the_next_update_for_a_day(tmp_path: Path) -> None:
    world = made(tmp_path)
    before = state(world)
    outcome = update(world, rehearse_only=True)
    assert outcome.operation is not None
    assert (outcome.operation.ending, outcome.operation.activated) == ("done", False)
    tried = outcome.operation.number
    assert state(world) == before
    world.clock.sleep(23 * 3_600_000)
    again = update(world, rehearse=True).operation
    assert again is not None
    assert not {step.plan.name for step in again.steps} & set(STEPS)
    assert (again.rehearsed, world.serves()) == (tried, "2.0")


def test_a_day_later_it_is_made_again(tmp_path: Path) -> None:
    world = made(tmp_path)
    update(world, rehearse_only=True)
    world.clock.sleep(24 * 3_600_000)
    again = update(world, rehearse=True).operation
    assert again is not None
    assert again.rehearsed == again.number


def test_what_is_not_isolated_is_refused_when_typed_and_said_when_configured(
    tmp_path: Path,
) -> None:
    world = made(tmp_path)
    config = world.folder / "config.toml"
    world.engine.host.folders["/srv"] = {}
    text = config.read_text().replace('volumes = ["', 'mounts = ["/srv:/srv"]\nvolumes = ["')
    config.write_text(text)
    before = state(world)
    with pytest.raises(RefusedError, match="it mounts /srv of the host"):
        update(world, rehearse=True)
    assert state(world) == before
    config.write_text(text.replace("mounts =", "rehearse = true\nmounts ="))
    outcome = update(world)
    assert any(
        "it was not rehearsed: the new version cannot run isolated" in one
        for one in outcome.warnings
    )
    assert world.serves() == "2.0"


@pytest.mark.parametrize("way", ["resume", "abort"])
@pytest.mark.parametrize("points", POINTS)
@pytest.mark.parametrize("which", ["two", "bad"])
def test_it_dies_at_every_append_and_call_and_nothing_is_left(
    which: str, points: str, way: str, tmp_path: Path
) -> None:
    for n in count(1):
        world = made(tmp_path / f"{n}", which)
        number = world.journal.last_operation() + 1
        status = world.occ("update", points.format(n), options=TRY)
        if status != DEAD:
            break
        begun = world.journal.last_operation() == number
        typed = world.occ(way)
        assert typed in ({0} if which == "two" or way == "abort" else {0, 6}), (n, world.said)
        assert unfinished_of(world.journal, NAME, aside=True) is None
        assert nothing_beside(world), f"at {n}: {state(world)}"
        ended = operation_of(world.journal, number).ending if begun else None
        serves = "2.0" if ended == "done" else "1.0"
        assert world.serves() == serves, f"at {n}"
        if which == "bad":
            assert serves == "1.0"
        there = world.engine.inspect(NAME)
        assert there is not None
        assert there.state == "running"
        world.journal.verify()
    assert n > (25 if points.startswith("engine") else 12)


def test_it_dies_in_the_middle_of_a_frozen_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = made(tmp_path)
    read = world.engine.read_folder

    def dying(container: str, path: str, take: object, **more: object) -> None:
        there = world.engine.inspect(NAME)
        assert there is not None
        assert there.state == "paused"
        raise PowerCutError

    with monkeypatch.context() as patched:
        patched.setattr(world.engine, "read_folder", dying)
        patched.setattr(world.engine, "unpause", lambda _: None)
        with pytest.raises(PowerCutError):
            update(world, rehearse=True)
    assert read is not dying
    there = world.engine.inspect(NAME)
    assert there is not None
    assert there.state == "paused"
    assert world.occ("abort") == 0
    assert world.serves() == "1.0"
    assert nothing_beside(world)


def resumed(world: World, point: str) -> list[str]:
    """The calls of a resume of the rehearsed update that was killed at this point."""
    assert world.occ("update", point, options=TRY) == DEAD
    (world.folder / "calls").unlink()
    world.occ("resume")
    return (world.folder / "calls").read_text().splitlines()


def test_a_resume_after_the_verdict_copies_nothing_and_freezes_nobody(tmp_path: Path) -> None:
    world = made(tmp_path)
    calls = resumed(world, "engine:31:after")  # the replacement is made
    assert not {"engine pause", "engine read_folder", "engine close_network"} & set(calls)
    assert calls.count("engine start") == 1
    assert world.serves() == "2.0"


def test_a_version_that_passed_is_not_tried_again_for_want_of_a_control(tmp_path: Path) -> None:
    world = made(tmp_path)
    calls = resumed(world, "journal:6:after")  # its passing is written, and no control is
    assert "engine pause" not in calls
    assert world.serves() == "2.0"


def test_after_a_resume_the_control_is_on_the_copy_that_the_version_failed_on(
    tmp_path: Path,
) -> None:
    world = made(tmp_path, "bad")
    calls = resumed(world, "engine:43:after")  # the old one was just started on the copy
    assert calls.count("engine pause") == 1
    assert calls.count("engine start") == 2
    assert ledger_of(world.journal, NAME).versions[2].standing == "bad"


DRILL = SnapshotWish(verb="drill")


def test_a_drill_shows_that_the_newest_snapshot_can_be_restored(tmp_path: Path) -> None:
    world = made(tmp_path)
    taken = world.journal.last_operation() + 1
    assert world.take() == 0
    before = state(world)
    assert world.occ("snapshot", wish=DRILL) == 0, world.said
    assert state(world) == before
    drill = world.known[taken].drill
    assert drill is not None
    assert drill.passed
    status = world.app.status(NAME)
    assert (status.drilled, status.drill_passed) == (taken, True)


def test_a_damaged_snapshot_does_not_pass_its_drill(tmp_path: Path) -> None:
    world = made(tmp_path)
    taken = world.journal.last_operation() + 1
    assert world.take() == 0
    file = next((world.folder / "snapshots").rglob("*.tar.zst"))
    file.write_bytes(file.read_bytes()[:-9] + b"\0" * 9)
    assert world.occ("snapshot", wish=DRILL) == 4
    assert "damaged" in world.said
    drill = world.known[taken].drill
    assert drill is not None
    assert not drill.passed


def test_a_snapshot_whose_version_is_sick_on_it_does_not_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = made(tmp_path)
    taken = world.journal.last_operation() + 1
    assert world.take() == 0
    running, real = world.engine.host.there(NAME), world.engine.probe

    def none_beside(container: str, question: Question) -> Answer | NoAnswer:
        beside = world.engine.host.there(container).id != running.id
        return NoAnswer() if beside else real(container, question)

    monkeypatch.setattr(world.engine, "probe", none_beside)
    before = state(world)
    assert world.occ("snapshot", wish=DRILL) == 6
    assert f"version 1 does not pass on snapshot {taken}" in world.said
    drill = world.known[taken].drill
    assert drill is not None
    assert not drill.passed
    assert state(world) == before


@pytest.mark.parametrize("way", ["resume", "abort"])
@pytest.mark.parametrize("points", POINTS)
def test_a_drill_dies_at_every_append_and_call_and_leaves_nothing(
    points: str, way: str, tmp_path: Path
) -> None:
    for n in count(1):
        world = made(tmp_path / f"{n}")
        assert world.take() == 0
        before, number = state(world), world.journal.last_operation() + 1
        if world.occ("snapshot", points.format(n), wish=DRILL) != DEAD:
            break
        begun = world.journal.last_operation() == number
        assert world.occ(way) == 0, world.said
        assert unfinished_of(world.journal, NAME, aside=True) is None
        assert state(world) == before, f"at {n}"
        drill = world.known[number - 1].drill
        passed = drill is not None and drill.passed
        assert passed or not (begun and way == "resume")
    assert n > 4


def test_doctor_tells_how_far_a_rehearsal_reaches_on_this_engine(tmp_path: Path) -> None:
    world = made(tmp_path)
    config = world.folder / "config.toml"
    assert not [one for one in world.app.doctor(NAME) if one.code == "rehearsal_reaches"]
    config.write_text(config.read_text().replace('volumes = ["', 'rehearse = true\nvolumes = ["'))
    (told,) = [one for one in world.app.doctor(NAME) if one.code == "rehearsal_reaches"]
    assert "through its network's gateway: docker0 and all others" in told.says
    assert told.note


def test_what_an_abandoned_rehearsal_left_is_named_and_removed(tmp_path: Path) -> None:
    kinds = set[str]()
    for n in count(1):
        world = made(tmp_path / f"{n}")
        if world.occ("update", f"engine:{n}:after", options=TRY) != DEAD:
            break
        if world.occ("abandon"):
            continue
        left = [one.says for one in world.app.doctor(NAME) if one.code == "rehearsal_left"]
        kinds |= {
            word for word in ("container", "volume", "network") if f"{word} {NAME}" in str(left)
        }
        if not left:
            continue
        assert world.occ("repair") == 0, world.said
        assert not [one for one in world.app.doctor(NAME) if one.code == "rehearsal_left"]
        beside = world.engine.host.networks | set(world.engine.host.volumes)
        assert not [name for name in beside if "rehearsal" in name]
    assert kinds == {"container", "volume", "network"}


def test_a_socket_in_a_folder_that_is_mounted_is_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "note").write_text("x")
    assert list(ways_out(tmp_path)) == []
    (tmp_path / "elsewhere").symlink_to("/proc")
    said = f"{tmp_path / 'elsewhere'}, which is /proc"
    assert list(ways_out(tmp_path / "elsewhere")) == [said]
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(tmp_path / "run" / "db"))
        assert list(ways_out(tmp_path)) == [f"{tmp_path}, in which db is a socket"]
