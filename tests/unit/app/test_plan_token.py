"""A plan's token: carried out once, exactly, or refused with every point that moved."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from occ.app.options import Options
from occ.app.results import Outcome
from occ.domain.events import Kind
from occ.domain.operation import Operation
from occ.domain.operation_fold import fold
from occ.domain.plan_token import LABELS, PlanToken, hash_of
from occ.errors import (
    CautionError,
    OccError,
    PlanExpiredError,
    PlanForeignError,
    PlanMovedError,
    PlanTokenError,
    RegistryError,
    UnfinishedError,
    UnhealthyError,
)
from tests.contract.memory_lab import built
from tests.faults.memory import IMAGE, NAME, VOLUME, MemoryWorld
from tests.faults.plans import points
from tests.people import YES
from tests.unit.domain.test_plan_token import OTHERS

DAY_MS, HOUR_MS = 86_400_000, 3_600_000


@pytest.fixture
def world(tmp_path: Path) -> MemoryWorld:
    """1.0 runs, and 2.0 is at the registry."""
    made = MemoryWorld(tmp_path)
    made.prepare("update", "one")
    return made


def planned(world: MemoryWorld, kind: Kind = "update", **more: Any) -> str:
    """The token of a plan, which leaves nothing behind."""
    written, there = world.journal.head(), world.engine.containers({})
    outcome = world.app.change(kind, NAME, Options(plan=True, **more), YES)
    assert (world.journal.head(), world.engine.containers({})) == (written, there)
    assert outcome.proposal is not None
    return outcome.proposal.token


def carried(world: MemoryWorld, token: str, kind: Kind = "update", **more: Any) -> Outcome:
    """The plan is carried out, or the error that is raised."""
    return world.app.change(kind, NAME, Options(if_plan=token, **more), YES)


def moved(world: MemoryWorld, token: str, kind: Kind = "update", **more: Any) -> dict[str, str]:
    """The points in which a plan is refused; nothing was touched."""
    written, there = world.journal.head(), world.engine.containers({})
    with pytest.raises(PlanMovedError) as told:
        carried(world, token, kind, **more)
    assert (world.journal.head(), world.engine.containers({})) == (written, there)
    assert (told.value.code, told.value.exit_status) == ("plan_moved", 4)
    points = told.value.differences
    assert told.value.message == f"it is not as it was planned: {'; '.join(map(str, points))}"
    return {one.field: f"{one.planned} -> {one.now}" for one in points}  # type: ignore[attr-defined]


def operations(world: MemoryWorld) -> list[Operation]:
    numbers = range(1, world.journal.last_operation() + 1)
    found = (fold(world.journal.entries(operation=number)) for number in numbers)
    return [one for one in found if one is not None]


def test_a_plan_is_carried_out_by_its_token_and_that_is_recorded(world: MemoryWorld) -> None:
    token = planned(world)
    outcome = carried(world, token)
    assert outcome.operation is not None
    assert (outcome.operation.ending, outcome.repeated) == ("done", False)
    assert world.serves() == "2.0"
    said = outcome.operation.planned
    assert said.token == hash_of(token)
    assert said.planner == PlanToken.parse(token).planner
    assert said.planner == f"{said.actor.operator} on {said.actor.machine}"


def test_the_fields_of_a_token_are_facts(world: MemoryWorld) -> None:
    token = PlanToken.parse(planned(world))
    there = next(iter(world.engine.containers({})))
    assert (token.journal, token.service, token.kind) == (world.journal.id, NAME, "update")
    assert token.position == world.journal.head().position
    assert (token.current, token.container, token.state) == (1, there.id, "running")
    assert token.digest == built("good", "2.0").digest
    assert (token.image, token.users, token.data, token.does) == ("", (), "keep", "all")
    assert 0 <= world.clock.now() - token.at < 1_000
    assert token.until == token.at + DAY_MS


KINDS: dict[Kind, tuple[Callable[[MemoryWorld], object], dict[str, Any], str]] = {
    "update": (lambda _: None, {}, "2.0"),
    "apply": (lambda world: env(world, "changed"), {}, "1.0"),
    "rollback": (lambda world: world.occ("update"), {}, "1.0"),
    "start": (lambda world: world.occ("stop"), {}, "1.0"),
    "stop": (lambda _: None, {}, ""),
    "restart": (lambda _: None, {}, "1.0"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_carried_out_once_and_answered_again(world: MemoryWorld, kind: Kind) -> None:
    before, more, serves = KINDS[kind]
    before(world)
    token = planned(world, kind, **more)
    assert PlanToken.parse(token).kind == kind
    first = carried(world, token, kind, **more)
    assert first.operation is not None
    assert world.serves() == serves
    written = world.journal.head()
    again = carried(world, token, kind, **more)
    assert again.operation == first.operation
    assert (again.repeated, again.served) == (True, first.served)
    told = f"operation {first.operation.number} carried this plan out already"
    assert again.warnings == (told, *first.warnings)
    assert world.journal.head() == written


def env(world: MemoryWorld, value: str) -> None:
    config = world.box.folder / "config.toml"
    text = config.read_text()
    config.write_text(text.replace("volumes = ", f'env = {{ MODE = "{value}" }}\nvolumes = ', 1))


@pytest.mark.parametrize("name", sorted(LABELS.keys() - {"journal", "service", "kind"}))
def test_a_field_that_alone_moved_is_named(world: MemoryWorld, name: str) -> None:
    others = OTHERS | {"rehearsal": "live"}  # here none was planned
    other = replace(PlanToken.parse(planned(world)), **{name: others[name]})
    found = moved(world, other.text())
    assert [field.partition(".")[0] for field in found] == [name]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("journal", f"the plan is of journal {'f' * 32}, and this is "),
        ("service", "the plan is of service api, and this is web"),
        ("kind", "the plan is of kind apply, and this is update"),
    ],
)
def test_a_foreign_token_is_refused_by_its_name(world: MemoryWorld, name: str, said: str) -> None:
    other = replace(PlanToken.parse(planned(world)), **{name: OTHERS[name]})
    written = world.journal.head()
    with pytest.raises(PlanForeignError) as told:
        carried(world, other.text())
    assert told.value.message.startswith(said)
    assert (told.value.code, told.value.exit_status) == ("plan_foreign", 4)
    assert world.journal.head() == written


@pytest.mark.parametrize("text", ["occ1.", "occ1.e30", "hunter22", "occ1.\0"])
def test_a_malformed_token_is_refused(world: MemoryWorld, text: str) -> None:
    with pytest.raises(PlanTokenError):
        carried(world, text)


def test_a_tag_that_moved_since_is_refused_by_digest(world: MemoryWorld) -> None:
    token = planned(world)
    world.engine.host.registry.publish(IMAGE, built("good", "3.0"))
    old, new = (built("good", one).digest[:19] for one in ("2.0", "3.0"))
    assert moved(world, token) == {"digest": f"{old} -> {new}"}


def test_a_tag_that_moves_after_the_comparison_changes_nothing(world: MemoryWorld) -> None:
    """The image is pulled by its digest, and gets the name that a pull by name would give it."""
    token = planned(world)
    registry = world.engine.host.registry

    def confirm(_: object) -> bool:
        registry.publish(IMAGE, built("good", "3.0"))
        return True

    people = replace(YES, confirm=confirm)
    outcome = world.app.change("update", NAME, Options(if_plan=token), people)
    assert outcome.operation is not None
    pull = next(s.plan.inputs for s in outcome.operation.steps if s.plan.name == "pull_image")
    digest = built("good", "2.0").digest
    assert pull["digests"] == [f"example.test/web@{digest}"]
    assert world.serves() == "2.0"
    here = world.engine.image(IMAGE)
    assert here is not None
    assert here.id == built("good", "2.0").id
    assert world.app.status(NAME).update == ""


def test_an_image_that_is_here_is_taken_by_its_id(world: MemoryWorld) -> None:
    config = world.box.folder / "config.toml"
    text = config.read_text().replace("volumes = ", 'pull = "missing"\nvolumes = ', 1)
    config.write_text(text)
    host = world.engine.host
    world.engine.pull(IMAGE, lambda _: None)
    token = planned(world)
    assert PlanToken.parse(token).digest == built("good", "2.0").digest
    host.registry.mood = "down"
    outcome = carried(world, token)
    assert outcome.operation is not None
    assert world.serves() == "2.0"


def test_a_registry_that_is_silent_moves_nothing_and_promises_nothing(world: MemoryWorld) -> None:
    token = planned(world)
    world.engine.host.registry.mood = "down"
    with pytest.raises(RegistryError):
        carried(world, token)
    env(world, "changed")
    outcome = world.app.change("update", NAME, Options(plan=True), YES)
    assert outcome.proposal is not None
    assert (outcome.proposal.pending, outcome.proposal.token) == (True, "")
    assert "spec" in moved(world, token)


def test_a_config_that_changed_since_is_refused(world: MemoryWorld) -> None:
    token = planned(world)
    env(world, "changed")
    assert list(moved(world, token)) == ["spec"]


def test_a_service_that_was_stopped_since_is_refused(world: MemoryWorld) -> None:
    token = planned(world)
    assert world.occ("stop") == 0
    assert {"position", "state"} <= moved(world, token).keys()


def test_a_container_that_somebody_else_stopped_is_refused(world: MemoryWorld) -> None:
    token = planned(world)
    world.engine.stop(next(iter(world.engine.containers({}))).id, 1_000)
    assert moved(world, token)["state"] == "running -> exited"


def test_another_change_meanwhile_is_refused(world: MemoryWorld) -> None:
    token = planned(world)
    assert world.occ("update") == 0
    found = moved(world, token)
    assert found["current"] == "1 -> 2"
    assert found["does"] == "all -> nothing"
    assert {"position", "container", "steps"} <= found.keys()


def test_another_choice_of_data_or_rehearsal_is_refused(world: MemoryWorld) -> None:
    token = planned(world)
    assert moved(world, token, rehearse=True) == {"rehearsal": "none -> paused"}
    only = moved(world, token, rehearse_only=True)
    assert only == {"rehearsal": "none -> paused", "does": "all -> rehearse"}
    world.engine.host.volumes[VOLUME].files.clear()
    config = world.box.folder / "config.toml"
    config.write_text(config.read_text().replace('snapshot = "never"', 'snapshot = "replace"'))
    assert moved(world, token)["snapshot"] == "none -> taken"


def test_a_token_has_its_time(world: MemoryWorld) -> None:
    token = planned(world, valid_ms=HOUR_MS)
    world.clock.sleep(HOUR_MS - 1)
    again = planned(world, valid_ms=HOUR_MS)
    world.clock.sleep(1)
    written = world.journal.head()
    with pytest.raises(PlanExpiredError, match="the plan was good until") as told:
        carried(world, token)
    assert (told.value.code, told.value.exit_status) == ("plan_expired", 4)
    assert world.journal.head() == written
    assert carried(world, again).operation is not None


def test_a_token_of_a_time_to_come_is_refused(world: MemoryWorld) -> None:
    token = PlanToken.parse(planned(world))
    later = replace(token, at=token.at + HOUR_MS, until=token.until + HOUR_MS)
    with pytest.raises(PlanExpiredError, match="which is still to come"):
        carried(world, later.text())


def test_a_plan_that_was_carried_out_answers_after_its_time_too(world: MemoryWorld) -> None:
    token = planned(world)
    first = carried(world, token)
    world.clock.sleep(2 * DAY_MS)
    assert carried(world, token).operation == first.operation


def test_the_answer_names_no_address_once_something_else_happened(world: MemoryWorld) -> None:
    token = planned(world)
    assert carried(world, token).served
    assert world.occ("stop") == 0
    assert carried(world, token).served == ()


def test_a_plan_that_was_put_back_answers_with_that_failure(world: MemoryWorld) -> None:
    world.engine.host.registry.publish(IMAGE, built("sick", "3.0"))
    token = planned(world)
    with pytest.raises(UnhealthyError) as first:
        carried(world, token)
    written = world.journal.head()
    with pytest.raises(UnhealthyError) as again:
        carried(world, token)
    number = world.journal.last_operation()
    told = f"operation {number} carried this plan out already: "
    assert again.value.message == f"{told}{first.value.message}"
    assert world.journal.head() == written


def test_a_plan_that_was_abandoned_says_so(world: MemoryWorld) -> None:
    token = planned(world)
    options = Options(if_plan=token, resume_first=True)
    assert world.occ("update", "engine:6:after", options=options) == -9
    assert world.occ("abandon") == 0
    with pytest.raises(OccError) as told:
        carried(world, token)
    assert told.value.message.endswith("carried this plan out already: it was abandoned")
    assert told.value.exit_status == 6


def test_nothing_to_do_and_an_image_that_nobody_knows_have_no_token(world: MemoryWorld) -> None:
    assert world.occ("update") == 0
    assert planned(world) == ""
    folder = world.box.folder
    (folder / "Dockerfile").write_text(f"FROM {IMAGE}\n")
    config = folder / "config.toml"
    config.write_text(
        config.read_text().replace(f'image = "{IMAGE}"', 'image = "occ.local/web:built"')
        + f'[services.web.build]\ncontext = "{folder}"\n'
    )
    assert planned(world) == ""


def test_a_plan_of_a_first_install_holds_until_then(tmp_path: Path) -> None:
    world = MemoryWorld(tmp_path)
    world._configure("one", "30s")
    token = planned(world, "start")
    assert PlanToken.parse(token).journal == ""
    assert PlanToken.parse(token).digest == built("good", "1.0").digest
    world.journal.id = "f" * 32  # a journal that is not there yet gets its name with each process
    first = carried(world, token, "start")
    assert world.serves() == "1.0"
    assert carried(world, token, "start").operation == first.operation


def test_an_image_that_failed_here_needs_its_own_word_with_a_token_too(world: MemoryWorld) -> None:
    world.engine.host.registry.publish(IMAGE, built("sick", "3.0"))
    assert world.occ("update") == 6
    token = planned(world)

    def confirm(proposal: Any) -> bool:
        if proposal.caution is not None:
            raise CautionError("as --yes does")
        return True

    people = replace(YES, confirm=confirm)
    with pytest.raises(CautionError):
        world.app.change("update", NAME, Options(if_plan=token), people)


def test_what_is_unfinished_and_not_of_the_plan_is_left_as_it_is(world: MemoryWorld) -> None:
    token = planned(world)
    assert world.occ("update", "engine:6:after") == -9
    written = world.journal.head()
    with pytest.raises(UnfinishedError):
        carried(world, token, resume_first=True)
    assert world.journal.head() == written


def test_a_snapshot_that_was_put_back_for_it_moves_no_plan(world: MemoryWorld) -> None:
    from tests.unit.app.snapshot_world import CREATE  # noqa: PLC0415 - one test's

    assert world.occ("snapshot", "journal:2:after", wish=CREATE) == -9
    token = planned(world)
    outcome = carried(world, token)
    assert outcome.operation is not None
    assert world.serves() == "2.0"


def test_a_plan_can_be_asked_whether_it_holds(world: MemoryWorld) -> None:
    token = planned(world)
    outcome = carried(world, token, plan=True)
    assert outcome.proposal is not None
    assert outcome.proposal.pending
    env(world, "changed")
    assert list(moved(world, token, plan=True)) == ["spec"]


@pytest.mark.parametrize("point", points("update"))
def test_a_call_that_died_anywhere_is_repeated_and_gives_one_operation(
    world: MemoryWorld, point: str
) -> None:
    token = planned(world)
    number = world.journal.last_operation()
    options = Options(if_plan=token, resume_first=True)
    status = world.occ("update", point, options=options)
    assert status == -9
    assert world.occ("update", options=options) == 0, world.said
    assert world.serves() == "2.0"
    made = [one for one in operations(world) if one.number > number]
    assert [(one.ending, one.planned.token) for one in made] == [("done", hash_of(token))]
    written = world.journal.head()
    assert world.occ("update", options=options) == 0, world.said
    assert world.journal.head() == written
    world.journal.verify()


@pytest.mark.parametrize("point", points("update"))
def test_without_yes_a_call_that_died_is_told_to_be_resumed(world: MemoryWorld, point: str) -> None:
    token = planned(world)
    number = world.journal.last_operation()
    assert world.occ("update", point, options=Options(if_plan=token, resume_first=True)) == -9
    begun = world.journal.last_operation() > number
    unfinished = begun and operations(world)[-1].ending is None
    options = Options(if_plan=token)
    assert world.occ("update", options=options) == (7 if unfinished else 0), world.said
    assert world.occ("resume") == 0
    assert world.occ("update", options=options) == 0
    assert world.serves() == "2.0"
    assert world.journal.last_operation() == number + 1
