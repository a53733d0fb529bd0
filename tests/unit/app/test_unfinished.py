"""An unfinished operation: where it is taken up, and what abort says where nothing leads back."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from occ.app.options import AdoptWish, Options
from occ.app.results import Outcome
from occ.domain.operation_fold import fold
from occ.errors import NotCurrentError, UnfinishedError
from tests.doubles.engine.engine import MemoryEngine
from tests.faults.memory import MemoryWorld
from tests.model.faults import Fault
from tests.model.world import NAME, World
from tests.people import YES

JUST_STOPPED, JUST_ACTIVATED = "engine:6:after", "engine:8:before"  # of an update


@pytest.mark.parametrize("verb", ["resume", "abort", "update", "stop", "rollback"])
def test_on_another_engine_nothing_is_taken_up(tmp_path: Path, verb: str) -> None:
    world = MemoryWorld(tmp_path)
    world.prepare("update", "one")
    assert world.occ("update", JUST_STOPPED) == -9
    written = world.journal.head()

    home, world.engine = world.engine, MemoryEngine(world.clock, number="ANOTHER")
    world.engine.host.registry = home.host.registry
    assert world.occ(verb) == 4
    assert "web lives on the engine unix:///memory/docker.sock (MEMO:RYEN:GINE, " in world.said
    assert "answers (ANOTHER, " in world.said
    assert world.journal.head() == written
    assert world.engine.names() == {}

    world.engine = home
    assert world.occ("resume") == 0
    assert world.serves() == "2.0"


def test_abort_after_the_activation_finishes_and_offers_rollback(tmp_path: Path) -> None:
    world = MemoryWorld(tmp_path)
    world.prepare("update", "one")
    points = (f"journal:{number}:after" for number in range(1, 40))
    for point in points:
        assert world.occ("update", point) == -9, "it ended before it was activated"
        if activated(world):
            break
        assert world.occ("abort") == 0
        assert world.serves() == "1.0"
    assert world.occ("abort") == 0
    assert world.notes == (
        "version 2 was current already; the change is done. To go back: occ rollback",
    )
    assert world.serves() == "2.0"


@pytest.mark.parametrize(
    ("point", "verb"),
    [
        (JUST_STOPPED, "resume"),
        (JUST_STOPPED, "abort"),
        (JUST_STOPPED, "start"),
        (JUST_ACTIVATED, "abort"),
    ],
)
def test_every_way_out_says_that_the_engine_restarted(
    tmp_path: Path, point: str, verb: str
) -> None:
    world = MemoryWorld(tmp_path)
    world.prepare("update", "one")
    assert world.occ("update", point) == -9
    world.engine.restart("killed")
    assert world.occ(verb) == 0
    said = r"the engine restarted at \S+ \S+, after operation 2 began"
    assert re.fullmatch(said, world.notes[0])
    assert world.occ(verb) == 0
    assert world.notes == ()


def activated(world: MemoryWorld) -> bool:
    """Whether the newest operation has passed the point of no return."""
    entries = world.journal.entries(operation=world.journal.last_operation())
    operation = fold(entries)
    return operation is not None and operation.activated


def test_with_yes_it_is_resumed_first_and_what_was_asked_comes_after(tmp_path: Path) -> None:
    world = MemoryWorld(tmp_path)
    world.prepare("update", "one")
    assert world.occ("update", JUST_STOPPED) == -9
    assert world.occ("stop") == 0
    assert ended(world) == [("start", "done"), ("update", "done"), ("stop", "done")]
    assert world.occ("start") == 0
    assert world.serves() == "2.0"


def test_what_cannot_be_brought_to_an_end_lets_nothing_begin(tmp_path: Path) -> None:
    world = MemoryWorld(tmp_path)
    world.prepare("update", "one")
    assert world.occ("update", JUST_STOPPED) == -9
    for what in ("containers", "volumes", "all images"):
        world.engine.host.prune(what)
    world.engine.host.registry.mood = "down"
    assert world.occ("abort") == 7
    for verb in ("stop", "update", "rollback", "restart", "start"):
        assert world.occ(verb) == 7
    assert ended(world) == [("start", "done"), ("update", None)]


@pytest.mark.parametrize("verb", ["resume", "abort", "abandon"])
@pytest.mark.parametrize("point", ["journal:1:after", JUST_STOPPED])
def test_a_table_taken_out_of_the_config_keeps_nobody_from_ending_it(
    tmp_path: Path, verb: str, point: str
) -> None:
    world = MemoryWorld(tmp_path)
    world.prepare("update", "one")
    assert world.occ("update", point) == -9
    config = tmp_path / "config.toml"
    config.write_text(config.read_text().replace("[services.web", "[services.renamed"))
    assert world.occ("update") == 3
    assert world.occ(verb) == 0, world.said
    assert ended(world)[-1][1] in {"done", "undone", "abandoned"}


def test_what_turns_out_to_run_already_is_told_so_by_a_resume_too(tmp_path: Path) -> None:
    world = MemoryWorld(tmp_path)
    world.prepare("restart", "one")
    world.engine.host.registry.mood = "down"  # so that only the pull finds it out
    assert world.occ("update", "journal:1:after") == -9
    world.engine.host.registry.mood = "open"
    assert world.occ("resume") == 0
    assert world.unchanged == "already the newest: 1.0"


@pytest.mark.parametrize("verb", ["adopt", "forget"])
def test_forget_and_adopt_heed_it_too(tmp_path: Path, verb: str) -> None:
    world = MemoryWorld(tmp_path)
    world.prepare("update", "one")
    assert world.occ("update", JUST_STOPPED) == -9

    def typed(options: Options) -> Outcome:
        if verb == "forget":
            return world.app.change("forget", "web", options, YES)
        return world.app.change(
            "adopt", "web", replace(options, wish=AdoptWish(container="web")), YES
        )

    with pytest.raises(UnfinishedError):
        typed(Options())
    with pytest.raises(NotCurrentError, match="version 2 is current, not 1"):
        typed(Options(resume_first=True, if_current=1))
    assert ended(world) == [("start", "done"), ("update", "done")]
    if verb == "forget":
        assert typed(Options(if_current=2, reason="see https://me:hunter2@host")).operation
        last = fold(world.journal.entries(operation=3))
        assert last is not None
        assert last.planned.reason == "see https://me:***@host"


def ended(world: MemoryWorld) -> list[tuple[str, str | None]]:
    """Every operation's kind and end, oldest first."""
    numbers = range(1, world.journal.last_operation() + 1)
    there = [fold(world.journal.entries(operation=number)) for number in numbers]
    return [(one.planned.kind, one.ending) for one in there if one]


def test_what_cannot_be_put_back_shows_the_last_words_of_the_old_one(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.configure(env="a", policy="always", volume="", timeout="3s")
    world.publish("good", "1.0")
    assert world.typed("start") == 0, world.said
    config = tmp_path / "config.toml"
    config.write_text(f'{config.read_text()}version_label = "none.such"\n')
    world.publish("migrates", "2.0")
    with world.app() as (app, _), pytest.raises(UnfinishedError) as error:
        app.change("update", NAME, Options(), YES)
    assert "ran on these volumes for" in error.value.message
    assert any("1.0" in line for line in error.value.log_tail)


def test_a_way_back_that_was_stuck_ends_with_why_it_was_gone(tmp_path: Path) -> None:
    stuck = 0
    for at in range(1, 60):
        world = World(tmp_path / str(at))
        world.configure(env="a", policy="always", volume="", timeout="2s")
        world.publish("good", "1.0")
        assert world.typed("start") == 0, world.said
        world.publish("sick", "2.0")
        if world.typed("update", fault=Fault(at, "refused")) != 7:
            continue
        stuck += 1
        assert "something broke in the engine" in world.said
        assert world.typed("resume") == 6
        assert "answered 503, not 200; it is as it was found" in world.said
        (told,) = [one.stuck for one in world.recorded()[-1].steps if one.stuck]
        assert told.message == "the engine refused: something broke in the engine"
    assert stuck >= 3
