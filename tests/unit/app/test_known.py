"""What the journal knows is used: failures, rollbacks, and that nothing is new."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from occ.app.options import Options
from occ.app.results import Caution, Closed, Outcome, Proposal
from occ.domain.operation_fold import fold
from occ.errors import CautionError, DeclinedError, RegistryError, UnhealthyError
from occ.operations.steps.images import VERSION_LABEL
from tests.contract.memory_lab import built
from tests.faults.memory import IMAGE, NAME, MemoryWorld
from tests.people import YES, do

SICK = ("sick", "3.0")


@dataclass
class Known:
    """A world, and somebody who answers as the test wants and remembers what was proposed."""

    world: MemoryWorld
    agrees: bool = True
    asked: list[Proposal] = field(default_factory=list)

    def type(self, verb: str, **options: object) -> Outcome:
        def confirm(proposal: Proposal) -> bool:
            self.asked.append(proposal)
            return self.agrees

        people = replace(YES, confirm=confirm)
        wanted = replace(Options(), **options)  # type: ignore[arg-type]
        self.asked.clear()
        outcome = do(self.world.app, verb, NAME, wanted, people)
        assert not isinstance(outcome, Closed)
        return outcome

    def plan(self, **options: object) -> Proposal:
        outcome = self.type("update", plan=True, **options)
        assert outcome.proposal is not None
        return outcome.proposal

    def publish(self, kind: str, version: str) -> str:
        return self.world.engine.host.registry.publish(IMAGE, built(kind, version))

    def caution(self) -> Caution | None:
        return self.plan().caution

    def edit(self, old: str, new: str) -> None:
        config = self.world.box.folder / "config.toml"
        text = config.read_text()
        assert old in text
        config.write_text(text.replace(old, new, 1))


@pytest.fixture
def known(tmp_path: Path) -> Known:
    """A service of version 1.0 that runs."""
    world = MemoryWorld(tmp_path)
    world.prepare("restart", "one")
    return Known(world)


@pytest.fixture
def failed(known: Known) -> Known:
    """The same after an update, operation 2, to an image that was not healthy."""
    known.publish(*SICK)
    known.edit('timeout = "', 'timeout = "2s" # "')
    with pytest.raises(UnhealthyError):
        known.type("update")
    return known


@pytest.fixture
def left(known: Known) -> Known:
    """The same after an update to 2.0 and a rollback from it, operation 3."""
    known.publish("good", "2.0")
    known.type("update")
    known.type("rollback", reason="it is slow")
    return known


# Bad


def test_an_image_that_failed_is_asked_about_with_cause_and_operation(failed: Known) -> None:
    failed.agrees = False
    with pytest.raises(DeclinedError):
        failed.type("update")
    caution = failed.asked[0].caution
    assert caution is not None
    assert (caution.why, caution.operation) == ("bad", 2)
    assert "is not healthy" in caution.cause
    assert caution.says.startswith("it failed here in operation 2, configured as it is now: ")
    assert failed.world.journal.last_operation() == 2


def test_agreed_to_it_is_tried_again_and_the_journal_says_that_it_was_known(failed: Known) -> None:
    with pytest.raises(UnhealthyError):
        failed.type("update")
    operation = fold(failed.world.journal.entries(operation=3))
    assert operation is not None
    assert operation.planned.request.overridden == ("known_bad",)
    caution = failed.caution()
    assert caution is not None
    assert caution.operation == 3


@pytest.mark.parametrize("exact", [False, True])
def test_with_retry_or_exactly_that_image_it_is_a_note(failed: Known, *, exact: bool) -> None:
    named = f"{IMAGE.partition(':')[0]}@{built(*SICK).digest}"
    plan = failed.plan(image=named) if exact else failed.plan(overridden=("known_bad",))
    assert plan.caution is None
    assert plan.due
    assert any("failed here in operation 2" in note for note in plan.warnings)
    assert failed.plan(image=IMAGE).caution is not None  # a tag moves, and names no one image


def test_a_plan_says_so_and_has_nothing_due(failed: Known) -> None:
    plan = failed.plan()
    assert (plan.pending, plan.due) == (True, False)


def test_check_says_so(failed: Known) -> None:
    checked = failed.world.app.check(NAME)
    assert checked.available
    assert checked.caution == failed.caution()


def test_a_change_of_config_lifts_it(failed: Known) -> None:
    failed.edit("volumes = ", 'env = { COLOUR = "red" }\nvolumes = ')
    assert failed.caution() is None
    assert failed.world.app.check(NAME).caution is None


def test_a_newer_image_is_taken(failed: Known) -> None:
    failed.publish("good", "2.0")
    assert failed.caution() is None
    assert failed.world.app.check(NAME).caution is None
    failed.type("update")
    assert failed.world.serves() == "2.0"


def test_the_image_is_known_after_a_prune_took_it(failed: Known) -> None:
    failed.world.engine.host.prune("all images")
    assert failed.caution() is not None


def test_neither_apply_nor_a_rollback_to_it_is_refused(failed: Known) -> None:
    with pytest.raises(UnhealthyError):
        failed.type("rollback", to=2)
    assert failed.asked[0].caution is None
    failed.edit('image = "', f'image = "{IMAGE.replace("latest", "copy")}" # "')
    failed.world.engine.tag(built(*SICK).id, IMAGE.replace("latest", "copy"))
    with pytest.raises(UnhealthyError):
        failed.type("apply")
    assert failed.asked[0].caution is None


@pytest.mark.parametrize("fault", ["int", "engine9"])
def test_what_was_not_its_own_doing_is_not_held_against_it(known: Known, fault: str) -> None:
    known.publish("good", "2.0")
    assert known.world.occ("update", "engine:7:after", fault) in {6, 130}, known.world.said
    assert known.caution() is None


def test_a_full_disk_is_not_held_against_it(known: Known) -> None:
    crash = built("crash", "2.0")
    said = (b"cannot write /data/x: No space left on device",)
    behaviour = replace(crash.behaviour, says=said)
    known.world.engine.host.registry.publish(IMAGE, replace(crash, behaviour=behaviour))
    with pytest.raises(UnhealthyError, match="a disk that it writes to is full"):
        known.type("update")
    assert known.caution() is None
    assert known.plan().due


@pytest.mark.parametrize(
    ("which", "did", "way"),
    [
        ("failed", "failed here in operation 2", "--retry"),
        ("left", "was rolled back from in operation 3", "--override left_by_rollback"),
    ],
)
def test_an_image_that_only_the_pull_shows_is_refused_before_anything_stops(
    which: str, did: str, way: str, request: pytest.FixtureRequest
) -> None:
    known: Known = request.getfixturevalue(which)
    engine = known.world.engine
    there = engine.containers({})
    engine.host.registry.mood = "down"
    if which == "left":  # what failed was lifted by another gate
        known.edit('timeout = "', 'timeout = "3s" # "')
    assert known.plan().due  # the changed gate is to be had, whatever the image is

    def opened(_: Proposal) -> bool:
        engine.host.registry.mood = "open"
        return True

    people = replace(YES, confirm=opened)
    with pytest.raises(CautionError) as refused:
        do(known.world.app, "update", NAME, Options(), people)
    assert f"{did}; it is as it was found" in refused.value.message
    assert f"occ update {way}" in refused.value.hint
    assert refused.value.exit_status == 4
    assert [c.id for c in engine.containers({})] == [c.id for c in there]


# Left


def test_an_image_that_was_rolled_back_from_is_asked_about_with_the_reason(left: Known) -> None:
    caution = left.caution()
    assert caution == Caution(
        why="left",
        operation=3,
        cause="it is slow",
        says="operation 3 rolled back from it: it is slow",
    )
    assert left.world.app.check(NAME).caution == caution


def test_a_change_of_config_does_not_lift_it(left: Known) -> None:
    left.edit("volumes = ", 'env = { COLOUR = "red" }\nvolumes = ')
    caution = left.caution()
    assert caution is not None
    assert caution.why == "left"


def test_back_on_it_by_hand_nothing_is_said_any_more(left: Known) -> None:
    left.type("rollback", to=2)
    left.type("rollback", to=1)
    left.type("update", overridden=("left_by_rollback",))
    left.publish("good", "1.0")
    left.type("update")
    left.publish("good", "2.0")
    assert left.caution() is None


# Nothing new


def test_an_update_with_nothing_new_asks_nothing_and_says_which_version_runs(known: Known) -> None:
    there = known.world.engine.containers({})
    outcome = known.type("update")
    assert (outcome.unchanged, known.asked) == ("already the newest: 1.0", [])
    assert known.world.engine.containers({}) == there
    assert known.plan().summary == outcome.unchanged
    assert known.type("apply").unchanged == "what was asked for runs already"
    assert known.asked == []


def test_a_stopped_one_is_said_to_be_stopped(known: Known) -> None:
    known.type("stop")
    assert known.type("update").unchanged == "already the newest: 1.0; it is stopped: occ start"
    assert known.asked == []
    said = known.type("apply").unchanged
    assert said == "what was asked for is there already; it is stopped: occ start"


@pytest.mark.parametrize("pull", ["never", "missing"])
def test_what_need_not_be_pulled_asks_no_registry(known: Known, pull: str) -> None:
    known.edit("volumes = ", f'pull = "{pull}"\nvolumes = ')
    known.world.engine.host.registry.mood = "down"
    assert known.type("update").unchanged == "already the newest: 1.0"


def test_a_registry_that_does_not_answer_is_a_failure_and_in_the_history(known: Known) -> None:
    known.world.engine.host.registry.mood = "down"
    with pytest.raises(RegistryError):
        known.plan()
    with pytest.raises(RegistryError) as failed:
        known.type("update")
    assert failed.value.exit_status == 6
    assert any("nobody told what is newest: " in note for note in known.asked[0].warnings)
    operation = fold(known.world.journal.entries(operation=2))
    assert operation is not None
    assert operation.ending == "undone"
    assert known.world.serves() == "1.0"


# Where it leads


def test_a_plan_names_both_versions_and_the_digest_where_they_are_known(left: Known) -> None:
    to = left.plan().destination
    assert to is not None
    assert (to.before, to.after, to.digest) == ("1.0", "2.0", built("good", "2.0").digest)


def labelled(known: Known, version: str, label: str) -> str:
    """Publish a version with this label; its digest."""
    built_at = known.world.clock.now() - 2 * 86_400_000
    image = replace(built("good", version), labels={VERSION_LABEL: label}, created_at=built_at)
    return known.world.engine.host.registry.publish(IMAGE, image)


def test_an_image_that_was_never_here_is_named_as_its_registry_tells(known: Known) -> None:
    labelled(known, "2.0", "v2.0")
    known.type("update")
    digest = labelled(known, "3.0", "v3.0")
    to = known.plan().destination
    assert to is not None
    assert (to.before, to.after, to.digest, to.reference) == ("2.0", "v3.0", digest, IMAGE)
    assert (to.age_ms or 0) // 86_400_000 == 2


def test_a_label_that_was_inherited_is_no_version(known: Known) -> None:
    labelled(known, "2.0", "24.04")
    known.type("update")
    labelled(known, "3.0", "24.04")
    to = known.plan().destination
    assert to is not None
    assert (to.before, to.after) == ("2.0", "")
    declared = f'version_field = "version"\nversion_label = "{VERSION_LABEL}"'
    known.edit('version_field = "version"', declared)
    told = known.plan().destination
    assert told is not None
    assert told.after == "24.04"  # declared to be the version
