"""What a repair that is broken off has done, and what is said of it."""

from pathlib import Path

import pytest

from occ.app.app import App
from occ.app.results import Closed, Outcome
from occ.operations import labels
from tests.model.faults import Fault
from tests.model.world import IMAGE, NAME, World
from tests.people import YES


def configured(folder: Path) -> World:
    world = World(folder)
    world.configure(env="a", policy="unless-stopped", volume="", timeout="8s")
    world.publish("good", "1.0")
    assert world.typed("start") == 0, world.said
    return world


def littered(folder: Path) -> World:
    """Without its restart policy, and with two replacements that are left over."""
    world = configured(folder)

    def abandon(app: App) -> object:
        return app.end("abandon", NAME, YES)

    for version in ("2.0", "3.0"):
        world.publish("good", version)
        killed_at = Fault(12, "before")
        assert world.typed("update", fault=killed_at) < 0
        world.read(abandon)
    assert [(c.name, c.policy) for c in world.ours()] == [
        ("web", "no"),
        ("web.occ-next", "no"),
        ("web.occ-next.3", "no"),
    ]
    return world


def names(world: World) -> list[str]:
    return [c.name for c in world.ours()]


@pytest.mark.parametrize("at", range(1, 12))
def test_a_refusal_between_two_removals_is_not_said_to_be_put_back(tmp_path: Path, at: int) -> None:
    world = littered(tmp_path)
    status = world.typed("repair", fault=Fault(at, "refused"))
    policy = world.ours()[0].policy
    if status == 6:
        assert (len(names(world)), policy) == (3, "no")
        assert "it is as it was found" in world.said
        return
    assert (status, policy) in {(0, "unless-stopped"), (7, "unless-stopped")}
    if status:
        assert world.said.startswith("not everything of web could be mended: ")
        assert world.typed("resume") == 0
    assert names(world) == ["web"]


def test_it_is_finished_once_the_first_was_removed_whoever_asks_for_an_end(tmp_path: Path) -> None:
    world = littered(tmp_path)
    assert world.typed("repair", fault=Fault(8, "refused")) == 7
    assert names(world) == ["web", "web.occ-next"]

    def abort(app: App) -> Closed | Outcome:
        return app.end("abort", NAME, YES)

    outcome: Outcome = world.read(abort)
    assert outcome.warnings == ("what cannot be undone was begun already; the repair is done",)
    assert [(c.name, c.policy) for c in world.ours()] == [("web", "unless-stopped")]
    assert world.typed("repair") == 0
    assert [str(one.ending) for one in world.recorded()[-2:]] == ["done", "unchanged"]


def test_a_second_container_that_went_is_named_where_all_else_is_put_back(tmp_path: Path) -> None:
    told = 0
    for at in range(1, 40):
        world = configured(tmp_path / str(at))
        (there,) = world.ours()
        second = world.engine.host.there(world.engine.run_foreign("second", IMAGE))
        second.labels = {**there.labels, labels.OPERATION: "0"}
        there.labels = {**there.labels, labels.SPEC: "another"}
        status = world.typed("repair", fault=Fault(at, "refused"))
        gone = "second" not in names(world)
        if status == 6:
            assert (f"container {second.id[:12]} was removed" in world.said) == gone
            told += gone
    assert told
