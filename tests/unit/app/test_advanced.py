"""After an advance the container carries a version that the journal does not have."""

import copy
from dataclasses import replace
from pathlib import Path

import pytest

from occ.app.ledgers import ledger_of
from occ.app.options import AdoptWish, Options
from occ.domain.events import Event, VersionJudged
from occ.errors import HostAheadError
from occ.operations import labels
from tests.contract.memory_lab import built
from tests.faults.memory import IMAGE, NAME, MemoryWorld
from tests.people import YES


@pytest.fixture
def older(tmp_path: Path) -> MemoryWorld:
    """Version 2 runs, and the journal is a copy of before it."""
    made = MemoryWorld(tmp_path)
    made.prepare("update", "one")
    copied = copy.deepcopy(made.journal)
    assert made.occ("update") == 0, made.said
    made.journal = copied
    return made


@pytest.fixture
def world(older: MemoryWorld) -> MemoryWorld:
    """As `older`, advanced."""
    older.app.journal_advance(NAME, YES)
    assert older.serves() == "2.0"
    return older


def judged(world: MemoryWorld) -> list[Event]:
    """The verdicts of versions since the advance, which came after operation 1."""
    entries = world.journal.entries()
    return [e.event for e in entries if e.operation > 1 and isinstance(e.event, VersionJudged)]


@pytest.mark.parametrize("verbs", [("restart",), ("stop", "start")])
def test_what_is_not_in_the_journal_runs_again_and_is_not_judged(
    world: MemoryWorld, verbs: tuple[str, ...]
) -> None:
    for verb in verbs:
        assert world.occ(verb) == 0, world.said
    assert world.serves() == "2.0"
    assert judged(world) == []
    assert set(ledger_of(world.journal, NAME).versions) == {1}


def test_one_that_does_not_come_up_is_not_judged_either(world: MemoryWorld) -> None:
    assert world.occ("stop") == 0
    there = world.engine.host.there(NAME)
    there.image = replace(
        there.image, behaviour=replace(there.image.behaviour, ends_after=0, listens_after=None)
    )
    assert world.occ("start") == 6
    assert "failed" in world.said
    assert judged(world) == []
    assert set(ledger_of(world.journal, NAME).versions) == {1}


def test_an_update_from_it_that_fails_is_put_back(world: MemoryWorld) -> None:
    world.engine.host.registry.publish(IMAGE, built("sick", "3.0"))
    assert world.occ("update") == 6
    assert "it is as it was found" in world.said
    assert world.serves() == "2.0"
    assert judged(world) == [VersionJudged(3, "bad", data_of=1)]
    world.engine.host.registry.publish(IMAGE, built("good", "4.0"))
    assert world.occ("update") == 0, world.said
    assert world.serves() == "4.0"


def test_an_abort_of_an_update_from_it_puts_it_back(world: MemoryWorld) -> None:
    world.engine.host.registry.publish(IMAGE, built("good", "3.0"))
    assert world.occ("update", "engine:6:after") == -9
    assert world.serves() == ""
    assert world.occ("abort") == 0, world.said
    assert world.serves() == "2.0"


@pytest.fixture
def two(tmp_path: Path) -> MemoryWorld:
    """Services web and db; the journal is a copy of before the last operation of web."""
    made = MemoryWorld(tmp_path)
    made.prepare("update", "one")
    config = made.box.folder / "config.toml"
    other = config.read_text().replace("services.web", "services.db").replace("web-data", "db-data")
    config.write_text(f"{config.read_text()}{other.replace(':3000:', ':3001:')}")
    made.app.change("start", "db", Options(), YES)
    older = copy.deepcopy(made.journal)
    assert made.occ("update") == 0, made.said
    made.journal = older
    return made


def test_numbers_that_a_container_of_another_service_carries_are_not_given_again(
    two: MemoryWorld,
) -> None:
    app, written = two.app, two.journal.head()
    with pytest.raises(HostAheadError, match="the host has operation 3 and version 1 of this"):
        app.change("stop", "db", Options(), YES)
    assert "host_ahead" in {f.code for f in app.doctor("db")}
    assert "journal_damaged" not in {f.code for f in app.doctor("db")}
    assert two.journal.head() == written
    app.journal_advance("db", YES)
    assert app.change("stop", "db", Options(), YES).operation is not None
    assert two.journal.last_operation() == 4
    assert two.occ("update") == 4
    assert "and version 2 of this journal" in two.said


def test_a_helper_that_is_left_over_has_a_number_too(world: MemoryWorld) -> None:
    there = world.engine.host.there(NAME)
    mark = {labels.JOURNAL: there.labels[labels.JOURNAL], labels.HELPER: "copy of a volume"}
    helper = world.engine.host.there(world.engine.run_foreign("helper", IMAGE))
    helper.labels = {**mark, labels.OPERATION: "9"}
    assert world.occ("stop") == 4
    assert "the host has operation 9" in world.said


def test_a_number_that_another_service_was_given_again_makes_no_sound_journal_damaged(
    two: MemoryWorld,
) -> None:
    """As a journal is that an earlier occ went on from."""
    there = two.engine.host.there(NAME)
    mine, there.labels = there.labels, {}
    app = two.app
    app.change("stop", "db", Options(), YES)
    app.change("start", "db", Options(), YES)
    there.labels = mine
    assert two.journal.last_operation() >= labels.number(mine, labels.OPERATION)
    app.journal_advance(NAME, YES)
    assert app.journal_verify().noted == 1


def test_an_older_copy_forgets_and_adopts_nothing_either(older: MemoryWorld) -> None:
    with pytest.raises(HostAheadError):
        older.app.change("forget", NAME, Options(), YES)
    with pytest.raises(HostAheadError):
        older.app.change("adopt", None, Options(wish=AdoptWish(container=NAME)), YES)
