"""How long a service was down is told of an operation that was put back, too."""

from pathlib import Path

import pytest

from occ.app.app import App
from occ.app.view.history import HistoryFilter
from tests.model.faults import Fault
from tests.model.world import KILLED, World


@pytest.mark.parametrize("verb", ["update", "restart", "stop"])
@pytest.mark.parametrize("how", ["before", "after"])
def test_after_a_crash_at_any_call_abort_tells_the_downtime(
    tmp_path: Path, verb: str, how: str
) -> None:
    down = 0
    for at in range(1, 60):
        world = World(tmp_path / str(at))
        world.configure(env="a", policy="always", volume="", timeout="3s")
        world.publish("slow", "1.0")
        assert world.typed("start") == 0, world.said
        world.publish("good", "2.0")
        (old,) = world.ours()
        began = old.started_at
        died = world.typed(verb, fault=Fault(at, how))  # type: ignore[arg-type]
        if died != KILLED or world.recorded()[-1].planned.kind != verb:
            continue
        world.typed("abort")
        last = world.recorded()[-1]
        if last.ending != "undone":
            break
        (row, *_) = world.read(lambda app: app.history(HistoryFilter()))
        if old.started_at == began:
            assert row.downtime_ms is None, f"at call {at}"
        else:
            down += 1
            least = old.started_at - old.finished_at
            assert 0 < least <= row.downtime_ms < 10_000, f"at call {at}"
    assert down >= 1


TEN_YEARS = 10 * 365 * 24 * 3_600_000


@pytest.mark.parametrize("ahead", [TEN_YEARS, -TEN_YEARS])
def test_a_clock_of_the_engine_that_is_years_off_is_in_no_duration(
    tmp_path: Path, ahead: int
) -> None:
    world = World(tmp_path)
    world.engine.host.agenda.ahead = ahead
    world.configure(env="a", policy="always", volume="", timeout="3s")
    world.publish("good", "1.0")
    assert world.typed("start") == 0, world.said
    world.publish("good", "2.0")
    assert world.typed("update") == 0, world.said
    row, _ = world.read(lambda app: app.history(HistoryFilter()))
    assert 0 < row.downtime_ms < 10_000
    world.clock.sleep(60_000)
    status = world.read(lambda app: app.status("web"))
    assert 60_000 <= status.uptime_ms < 70_000
    world.publish("sick", "3.0")
    assert world.typed("update") == 6
    row, *_ = world.read(lambda app: app.history(HistoryFilter()))
    assert 0 < row.downtime_ms < 60_000


@pytest.mark.parametrize("ahead", [TEN_YEARS, -TEN_YEARS])
def test_an_engine_that_was_there_before_the_operation_is_not_said_to_have_restarted(
    tmp_path: Path, ahead: int
) -> None:
    world = World(tmp_path)
    world.engine.host.agenda.ahead = ahead
    world.engine.restart("terminated")
    world.configure(env="a", policy="always", volume="", timeout="3s")
    world.publish("good", "1.0")
    assert world.typed("start") == 0, world.said
    world.publish("good", "2.0")
    assert world.typed("update", fault=Fault(8, "after")) == KILLED
    status = world.read(lambda app: app.status("web"))
    assert status.unfinished is not None
    assert [note for note in status.notes if "engine restarted" in note] == []


@pytest.mark.parametrize("ahead", [TEN_YEARS, -TEN_YEARS])
def test_a_line_of_the_log_is_as_old_as_by_this_machines_clock(tmp_path: Path, ahead: int) -> None:
    world = World(tmp_path)
    world.engine.host.agenda.ahead = ahead
    world.configure(env="a", policy="always", volume="", timeout="3s")
    world.publish("good", "1.0")
    assert world.typed("start") == 0, world.said
    world.clock.sleep(60_000)

    def lines(since: int) -> list[bytes]:
        def look(app: App) -> list[bytes]:
            return list(app.logs("web", tail=None, since=since, timestamps=False, follow=False))

        found: list[bytes] = world.read(look)
        return found

    assert lines(world.clock.now() - 30_000) == []
    assert lines(world.clock.now() - 90_000) == lines(0) != []


def test_an_outage_goes_on_through_abandon_until_the_next_proof(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.configure(env="a", policy="always", volume="", timeout="3s")
    world.publish("good", "1.0")
    assert world.typed("start") == 0, world.said
    world.publish("good", "2.0")
    at = 1
    while world.serving() is not None:  # killed ever later, until the old one is stopped
        assert world.typed("update", fault=Fault(at, "after")) == KILLED
        at += 1
        if world.serving() is not None:
            world.typed("abort")
    assert world.typed("abandon") == 0
    world.clock.sleep(300_000)
    (row, *_) = world.read(lambda app: app.history(HistoryFilter()))
    assert (row.outcome, row.downtime_ms) == ("abandoned", None)
    assert (world.clock.now() - row.down_since) // 60_000 == 5, "it goes on, and is counted on"
    last = world.read(lambda app: app.status("web").last)
    assert (last.outcome, last.down_since) == ("abandoned", row.down_since)
    assert world.typed("start") == 0, world.said
    _, row, *_ = world.read(lambda app: app.history(HistoryFilter()))
    assert (row.outcome, row.downtime_ms // 60_000) == ("abandoned", 5)
    assert row.down_since is None
