"""How long a service was down is told of an operation that was put back, too."""

from pathlib import Path

import pytest

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
