"""A hold keeps newer images away from updates, and nothing else from anything."""

from dataclasses import replace
from pathlib import Path

import pytest

from occ.app.app import App
from occ.app.ledgers import ledger_of, unfinished_of
from occ.app.operator import Operator
from occ.app.options import Options
from occ.app.results import Outcome, Proposal
from occ.domain.reasons import in_the_way
from occ.errors import CautionError, DeclinedError, EngineUnreachableError
from occ.operations.kinds.hold import HoldWish
from tests.contract.memory_lab import built
from tests.doubles.engine.engine import MemoryEngine
from tests.faults.cells import HEALTH, PATIENT
from tests.faults.memory import IMAGE, NAME, PORT, MemoryWorld
from tests.people import YES, do

DAY = 86_400_000


@pytest.fixture
def world(tmp_path: Path) -> MemoryWorld:
    """A service of version 1.0 that runs, held, while 2.0 is published."""
    made = MemoryWorld(tmp_path)
    made.prepare("restart", "one")
    publish(made, "2.0")
    made.app.hold(NAME, HoldWish(why="the fair"))
    return made


def publish(world: MemoryWorld, version: str) -> None:
    world.engine.host.registry.publish(IMAGE, built("good", version))


def people(answer: str) -> tuple[Operator, list[Proposal]]:
    asked: list[Proposal] = []

    def confirm(proposal: Proposal) -> bool:
        asked.append(proposal)
        return answer == "y"

    return replace(YES, confirm=confirm), asked


def test_it_is_in_the_history_with_who_when_and_why(world: MemoryWorld) -> None:
    operation = world.app.show(2)
    assert (operation.planned.kind, operation.ending) == ("hold", "done")
    assert (operation.planned.reason, operation.planned.current) == ("the fair", 1)
    ledger = ledger_of(world.journal, NAME)
    assert ledger.hold is not None
    assert (ledger.hold.operation, ledger.hold.why) == (2, "the fair")
    assert ledger.hold.operator == operation.planned.actor.operator
    world.journal.verify()


def test_it_asks_no_engine_and_takes_no_lock(world: MemoryWorld) -> None:
    def silent() -> MemoryEngine:
        raise EngineUnreachableError("the engine does not answer")

    desk = world.desk()
    desk.open_engine = silent
    world.journal.locked.add(NAME)
    assert App(desk).unhold(NAME, "").operation is not None
    assert App(desk).hold(NAME, HoldWish()).operation is not None


def test_it_is_a_question_of_its_own(world: MemoryWorld) -> None:
    nobody, asked = people("n")
    with pytest.raises(DeclinedError):
        do(world.app, "update", NAME, Options(), nobody)
    assert [reason.name for reason in asked[0].reasons] == ["held"]
    assert asked[0].caution is None
    assert world.serves() == "1.0"


def test_whoever_agrees_overrides_it_and_the_journal_says_that(world: MemoryWorld) -> None:
    somebody, _ = people("y")
    outcome = do(world.app, "update", NAME, Options(), somebody)
    assert isinstance(outcome, Outcome)
    assert outcome.operation is not None
    assert outcome.operation.planned.request.overridden == ("held",)
    assert world.serves() == "2.0"
    publish(world, "3.0")
    assert "held" in [reason.name for reason in world.app.why(NAME).reasons]  # it goes on


def test_it_is_overridden_by_name(world: MemoryWorld) -> None:
    plan = world.app.change("update", NAME, Options(plan=True, overridden=("held",)), YES)
    assert plan.proposal is not None
    assert plan.proposal.due
    other = world.app.change("update", NAME, Options(plan=True, overridden=("too_young",)), YES)
    assert other.proposal is not None
    assert not other.proposal.due


@pytest.mark.parametrize("verb", ["stop", "start", "restart", "apply", "repair"])
def test_nothing_else_is_kept_away(world: MemoryWorld, verb: str) -> None:
    colour = 'env = { COLOUR = "red" }\n' if verb == "apply" else ""
    world.box.configure(IMAGE, PORT, health=HEALTH.format(timeout=PATIENT), more=colour)
    somebody, asked = people("y")
    do(world.app, verb, NAME, Options(), somebody)
    assert all(not proposal.reasons for proposal in asked)


def test_a_rollback_is_not_kept_away(world: MemoryWorld) -> None:
    world.app.unhold(NAME, "")
    assert world.occ("update") == 0, world.said
    world.app.hold(NAME, HoldWish())
    assert world.occ("rollback") == 0, world.said
    assert world.serves() == "1.0"


def test_an_interrupted_update_is_resumed_all_the_same(world: MemoryWorld) -> None:
    world.app.unhold(NAME, "")
    assert world.occ("update", "engine:12:after", "kill") == -9
    number = world.journal.last_operation()
    world.app.hold(NAME, HoldWish())
    there = unfinished_of(world.journal, NAME)
    assert there is not None
    assert there.number == number  # the hold does not hide it
    assert world.occ("resume") == 0, world.said
    assert world.serves() == "2.0"


def test_a_new_config_comes_with_the_image_that_runs(world: MemoryWorld) -> None:
    publish(world, "1.0")
    red = 'env = { COLOUR = "red" }\n'
    world.box.configure(IMAGE, PORT, health=HEALTH.format(timeout=PATIENT), more=red)
    somebody, asked = people("y")
    do(world.app, "update", NAME, Options(), somebody)
    assert asked[0].reasons == ()
    assert world.serves() == "1.0"


def test_an_image_that_comes_between_question_and_pull_is_not_taken(world: MemoryWorld) -> None:
    publish(world, "1.0")
    red = 'env = { COLOUR = "red" }\n'
    world.box.configure(IMAGE, PORT, health=HEALTH.format(timeout=PATIENT), more=red)

    def published(_: Proposal) -> bool:
        publish(world, "2.0")
        return True

    with pytest.raises(CautionError, match="means another image by now"):
        do(world.app, "update", NAME, Options(), replace(YES, confirm=published))
    assert world.serves() == "1.0"


def test_an_image_of_which_the_registry_says_nothing_counts_as_newer(world: MemoryWorld) -> None:
    world.engine.host.registry.mood = "down"
    red = 'env = { COLOUR = "red" }\n'
    world.box.configure(IMAGE, PORT, health=HEALTH.format(timeout=PATIENT), more=red)
    somebody, asked = people("n")
    with pytest.raises(DeclinedError):
        do(world.app, "update", NAME, Options(), somebody)
    assert [reason.name for reason in asked[0].reasons] == ["held"]


def test_it_ends_by_itself(world: MemoryWorld) -> None:
    world.app.hold(NAME, HoldWish(until=world.clock.now() + DAY))
    assert not world.app.why(NAME).due
    world.clock.sleep(DAY)
    assert world.app.why(NAME).due


def test_a_release_without_a_hold_writes_nothing(world: MemoryWorld) -> None:
    assert world.app.unhold(NAME, "over").operation is not None
    written = world.journal.head()
    outcome = world.app.unhold(NAME, "over")
    assert (outcome.operation, outcome.unchanged) == (None, "nobody holds it")
    assert world.journal.head() == written


def test_status_and_versions_show_it(world: MemoryWorld) -> None:
    status = world.app.status(NAME)
    assert [reason.name for reason in status.reasons] == ["held"]
    assert status.last is not None
    assert status.last.kind == "start"  # a hold changes nothing of the service
    (row,) = world.app.versions(NAME, ask_registry=False)
    assert (row.held, row.left) == (True, 0)
    world.app.unhold(NAME, "")
    assert world.occ("update") == 0
    assert world.occ("rollback") == 0
    newer, older = world.app.versions(NAME, ask_registry=False)
    assert (newer.held, newer.left) == (False, 5)
    assert (older.held, older.left) == (False, 0)


def test_a_service_that_is_forgotten_is_held_no_more(world: MemoryWorld) -> None:
    do(world.app, "forget", NAME, Options(), YES)
    assert ledger_of(world.journal, NAME).hold is None


def test_exactly_that_image_is_held_too(world: MemoryWorld) -> None:
    named = f"{IMAGE.partition(':')[0]}@{built('good', '2.0').digest}"
    plan = world.app.change("update", NAME, Options(plan=True, image=named), YES).proposal
    assert plan is not None
    assert [reason.name for reason in in_the_way(plan.reasons)] == ["held"]


def test_min_age_is_no_question_for_exactly_that_image(world: MemoryWorld) -> None:
    world.app.unhold(NAME, "")
    config = world.box.folder / "config.toml"
    config.write_text(f'{config.read_text()}\n[services.{NAME}.auto]\nmin_age = "3d"\n')
    named = f"{IMAGE.partition(':')[0]}@{built('good', '2.0').digest}"
    assert world.app.change("update", NAME, Options(image=named), YES).operation is not None
    assert world.serves() == "2.0"


def test_an_update_that_is_declined_notes_that_the_image_was_seen(world: MemoryWorld) -> None:
    world.app.unhold(NAME, "")
    config = world.box.folder / "config.toml"
    config.write_text(f'{config.read_text()}\n[services.{NAME}.auto]\nmin_age = "3d"\n')
    for _ in range(2):
        nobody, asked = people("n")
        with pytest.raises(DeclinedError):
            do(world.app, "update", NAME, Options(), nobody)
        assert [reason.name for reason in asked[0].reasons] == ["too_young"]
    (seen,) = world.journal.entries(service=NAME, names=("image.seen",))
    assert seen.operation == 0
    world.clock.sleep(3 * DAY)
    assert world.app.why(NAME).due
    world.journal.verify()


def young(world: MemoryWorld) -> None:
    """Have images wait for three days; 2.0 has waited for them."""
    world.app.unhold(NAME, "")
    config = world.box.folder / "config.toml"
    config.write_text(f'{config.read_text()}\n[services.{NAME}.auto]\nmin_age = "3d"\n')
    world.app.check(NAME)
    world.clock.sleep(3 * DAY)


def test_an_image_that_has_waited_is_taken_unasked(world: MemoryWorld) -> None:
    young(world)
    somebody, asked = people("y")
    do(world.app, "update", NAME, Options(), somebody)
    assert asked[0].reasons == ()
    assert world.serves() == "2.0"


def test_a_younger_one_in_its_place_is_not(world: MemoryWorld) -> None:
    young(world)

    def published(_: Proposal) -> bool:
        publish(world, "3.0")
        return True

    with pytest.raises(CautionError, match="means another image by now"):
        do(world.app, "update", NAME, Options(), replace(YES, confirm=published))
    assert world.serves() == "1.0"
