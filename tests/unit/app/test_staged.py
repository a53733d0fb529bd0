"""A staged update: everything that costs no outage now, the replacement later, by that digest."""

from pathlib import Path
from typing import Any

import pytest

from occ.app.ledgers import ledger_of, operation_of
from occ.app.options import Options
from occ.app.results import Outcome
from occ.domain.staging import Staged
from occ.errors import CautionError, NotFoundError, RefusedError, RehearsalError
from occ.operations import labels
from tests.contract.memory_lab import built
from tests.faults.memory import IMAGE, NAME, MemoryWorld
from tests.people import YES
from tests.unit.app.snapshot_world import World
from tests.unit.app.snapshot_world import made as with_data
from tests.unit.app.test_prune import change, configure, nights
from tests.unit.app.test_pruned_images import images, tags

KEPT = "occ.local/{journal}/web:v2"


@pytest.fixture
def world(tmp_path: Path) -> MemoryWorld:
    """1.0 runs, and 2.0 is at the registry."""
    made = MemoryWorld(tmp_path)
    made.prepare("update", "one")
    return made


def stage(world: MemoryWorld, **more: Any) -> Outcome:
    return world.app.change("stage", NAME, Options(**more), YES)


def update(world: MemoryWorld, **more: Any) -> Outcome:
    return world.app.change("update", NAME, Options(**more), YES)


def staged(world: MemoryWorld) -> Staged | None:
    return ledger_of(world.journal, NAME).staged


def service(world: MemoryWorld) -> object:
    there = world.engine.containers({})
    return [(one.id, one.name, one.state, one.started_at, one.policy) for one in there]


def publish(world: MemoryWorld, version: str) -> None:
    world.engine.host.registry.publish(IMAGE, built("good", version))


def test_staging_costs_no_outage_and_is_recorded(world: MemoryWorld) -> None:
    before = service(world)
    operation = stage(world).operation
    assert operation is not None
    assert service(world) == before
    assert (operation.ending, operation.planned.kind, operation.downtime_ms) == (
        "done",
        "stage",
        None,
    )
    digest = built("good", "2.0").digest
    found = staged(world)
    assert found == Staged(
        number=2, digest=digest, at=found.at if found else 0, operation=operation.number
    )
    keep = world.engine.image(labels.keep_reference(world.journal.id, NAME, 2))
    assert keep is not None
    assert keep.id == built("good", "2.0").id
    row = world.app.row(operation)
    assert (row.before, row.after, row.wanted, row.outcome) == (1, 1, 1, "done")


def test_the_replacement_takes_exactly_that_image(world: MemoryWorld) -> None:
    stage(world)
    publish(world, "3.0")
    world.engine.host.registry.mood = "down"
    operation = update(world, staged=True).operation
    assert operation is not None
    assert world.serves() == "2.0"
    assert (operation.version, operation.planned.request.staged) == (2, 2)
    assert staged(world) is None
    world.engine.host.registry.mood = "open"
    here = world.engine.image(IMAGE)
    assert here is not None
    assert here.id == built("good", "2.0").id


def test_it_is_pulled_again_by_its_digest_where_a_prune_took_it(world: MemoryWorld) -> None:
    stage(world)
    publish(world, "3.0")
    world.engine.host.prune("all images")
    assert world.engine.image(built("good", "2.0").id) is None
    update(world, staged=True)
    assert world.serves() == "2.0"


def test_a_stage_leaves_a_newer_tag_where_it_is(world: MemoryWorld) -> None:
    stage(world)
    publish(world, "3.0")
    world.engine.pull(IMAGE, lambda _: None)
    update(world, staged=True)
    here = world.engine.image(IMAGE)
    assert here is not None
    assert (world.serves(), here.id) == ("2.0", built("good", "3.0").id)


def test_a_newer_stage_takes_the_place_of_the_one_before(world: MemoryWorld) -> None:
    stage(world)
    publish(world, "3.0")
    stage(world)
    found = staged(world)
    assert found is not None
    assert (found.number, found.digest) == (3, built("good", "3.0").digest)
    update(world, staged=True)
    assert world.serves() == "3.0"


def test_it_is_thrown_away_by_a_word_and_its_image_goes_by_the_rules(world: MemoryWorld) -> None:
    stage(world)
    operation = stage(world, unstage=True).operation
    assert operation is not None
    assert (operation.ending, operation.steps, staged(world)) == ("done", (), None)
    row = world.app.row(operation)
    assert (row.before, row.after, row.wanted) == (1, 1, 1)
    assert stage(world, unstage=True).unchanged == "nothing is staged for web"
    with pytest.raises(NotFoundError, match="nothing is staged for web"):
        update(world, staged=True)


@pytest.mark.parametrize("verb", ["update", "apply", "rollback"])
def test_it_counts_until_another_version_becomes_current(world: MemoryWorld, verb: str) -> None:
    if verb == "rollback":
        assert world.occ("update") == 0
        publish(world, "3.0")
    stage(world)
    assert staged(world) is not None
    config = world.box.folder / "config.toml"
    config.write_text(config.read_text().replace("volumes = ", 'user = "7"\nvolumes = ', 1))
    assert world.occ(verb) == 0, world.said
    assert staged(world) is None


@pytest.mark.parametrize("verb", ["stop", "restart", "snapshot"])
def test_it_stays_where_the_version_stays(tmp_path: Path, verb: str) -> None:
    from tests.unit.app.snapshot_world import CREATE  # noqa: PLC0415 - one test's

    world = World(tmp_path)
    world.prepare("update", "one")
    stage(world)
    wish = CREATE if verb == "snapshot" else None
    assert world.occ(verb, wish=wish) == 0, world.said
    assert staged(world) is not None


def test_a_replacement_that_is_put_back_leaves_it_staged(world: MemoryWorld) -> None:
    world.engine.host.registry.publish(IMAGE, built("sick", "3.0"))
    stage(world)
    options = Options(staged=True)
    assert world.occ("update", options=options) == 6
    assert staged(world) is not None
    proposal = world.app.change("update", NAME, Options(staged=True, plan=True), YES).proposal
    assert proposal is not None
    assert proposal.caution is not None
    assert proposal.caution.why == "bad"


def test_an_image_that_failed_here_is_not_staged_unasked(world: MemoryWorld) -> None:
    world.engine.host.registry.publish(IMAGE, built("sick", "3.0"))
    assert world.occ("update") == 6
    proposal = world.app.change("stage", NAME, Options(plan=True), YES).proposal
    assert proposal is not None
    assert proposal.caution is not None
    config, folder = world.box.folder / "config.toml", world.box.folder
    (folder / "Dockerfile").write_text(f"FROM {IMAGE}\n")
    config.write_text(config.read_text() + f'[services.web.build]\ncontext = "{folder}"\n')
    with pytest.raises(CautionError, match="failed here in operation"):
        stage(world)  # only the build shows that it is that image
    assert staged(world) is None


def test_with_nothing_new_nothing_is_staged(world: MemoryWorld) -> None:
    assert world.occ("update") == 0
    assert stage(world).unchanged == "already the newest: 2.0"
    assert staged(world) is None


def test_a_config_of_another_image_refuses_it_and_other_changes_are_taken(
    world: MemoryWorld,
) -> None:
    stage(world)
    config = world.box.folder / "config.toml"
    text = config.read_text()
    config.write_text(text.replace(IMAGE, "example.test/web:other"))
    with pytest.raises(
        RefusedError, match=r"version 2 is staged of example\.test/web:latest, and "
    ):
        update(world, staged=True)
    config.write_text(text.replace("volumes = ", 'user = "7"\nvolumes = ', 1))
    operation = update(world, staged=True).operation
    assert operation is not None
    assert (world.serves(), operation.version) == ("2.0", 3)


def test_the_rules_keep_what_is_staged(tmp_path: Path) -> None:
    world = with_data(tmp_path)
    nights(world, 3)
    publish(world, "9.0")
    stage(world)
    world.engine.remove_image(IMAGE)
    configure(world, "keep_images = 1")
    assert images(world)[5] == "staged: occ update --staged takes it"
    change(world)
    assert tags(world) == ["3", "4", "5"]
    stage(world, unstage=True)
    assert images(world)[5] == "keep_images 1"


def test_a_stage_can_be_rehearsed_and_the_replacement_need_not_be_again(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.prepare("update", "one")
    before = service(world)
    operation = stage(world, rehearse=True).operation
    assert operation is not None
    assert service(world) == before
    assert operation.passed_beside
    after = update(world, staged=True, rehearse=True).operation
    assert after is not None
    assert (after.rehearsed, after.begun("rehearse_version")) == (operation.number, False)
    assert world.serves() == "2.0"


def test_a_version_that_fails_beside_the_service_is_not_staged(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.prepare("update", "one")
    stage(world)
    world.engine.host.registry.publish(IMAGE, built("sick", "3.0"))
    with pytest.raises(RehearsalError):
        stage(world, rehearse=True)
    found = staged(world)
    assert found is not None
    assert found.number == 2


def test_status_tells_what_is_staged_and_since_when(world: MemoryWorld) -> None:
    assert world.app.status(NAME).staged is None
    operation = stage(world).operation
    assert operation is not None
    told = world.app.status(NAME).staged
    assert told == staged(world) == world.app.why(NAME).staged
    assert told is not None
    assert told.at >= operation.at


def test_what_is_built_here_is_staged_and_then_has_a_token(world: MemoryWorld) -> None:
    folder, config = world.box.folder, world.box.folder / "config.toml"
    (folder / "Dockerfile").write_text(f"FROM {IMAGE}\nLABEL a=b\n")
    config.write_text(
        config.read_text().replace(f'image = "{IMAGE}"', 'image = "occ.local/web:built"')
        + f'[services.web.build]\ncontext = "{folder}"\n'
    )
    stage(world)
    plan = Options(plan=True, staged=True)
    proposal = world.app.change("update", NAME, plan, YES).proposal
    assert proposal is not None
    (folder / "Dockerfile").write_text(f"FROM {IMAGE}\nLABEL a=c\n")
    options = Options(staged=True, if_plan=proposal.token)
    operation = world.app.change("update", NAME, options, YES).operation
    assert operation is not None
    assert operation.fetched.image == operation.planned.request.exact != ""
    assert operation.version == 2


def test_an_installation_can_be_staged(tmp_path: Path) -> None:
    world = MemoryWorld(tmp_path)
    world._configure("one", "30s")
    stage(world)
    assert world.engine.containers({}) == ()
    assert world.app.status(NAME).staged is not None
    update(world, staged=True)
    assert world.serves() == "1.0"


def test_an_end_that_was_asked_for_leaves_the_stage_before(world: MemoryWorld) -> None:
    """The record of the stage is its point of no return, so nothing is half staged."""
    stage(world)
    publish(world, "3.0")
    for number in range(1, 12):
        point = f"journal:{number}:before"
        status = world.occ("stage", point, "int")
        found = staged(world)
        assert found is not None
        assert found.number == (3 if status == 0 else 2), (point, status)
        if status == 0:
            break
        ended = operation_of(world.journal, world.journal.last_operation())
        assert (status, ended.ending) == (130, "undone")
    else:
        raise AssertionError("it was never staged")
