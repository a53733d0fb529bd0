"""The rule on images in a world in memory: which keep tags go, and which never do."""

from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from occ.app.ledgers import ledger_of, operation_of
from occ.app.options import Options
from occ.domain.events import VersionRecorded
from occ.errors import NoTargetError
from occ.journal.port import Stamp
from tests.faults.memory import NAME
from tests.people import YES
from tests.unit.app.snapshot_world import DEAD, World, made
from tests.unit.app.test_prune import POINTS, change, configure, nights


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A service that runs, and takes a snapshot with each change."""
    there = made(tmp_path)
    configure(there, "keep_last = 2")
    return there


def tags(world: World) -> list[str]:
    """The keep tags on the host, by their versions."""
    found = (image.references for image in map(world.engine.host.images.told, ids(world)) if image)
    return sorted(tag.rpartition(":v")[2] for tags in found for tag in tags if ":v" in tag)


def ids(world: World) -> list[str]:
    """The images of all versions, each once."""
    known = ledger_of(world.journal, NAME).versions.values()
    return list(dict.fromkeys(record.version.image for record in known))


def images(world: World) -> dict[int, str]:
    """The answer of the rules on images: `goes`, or why one stays."""
    proposal = change(world, plan=True).proposal
    assert proposal is not None
    told = {one.number: "goes" for one in proposal.goes if one.what == "image"}
    return told | {one.number: one.why for one in proposal.stays if one.what == "image"}


def test_images_of_old_versions_stay_until_a_rule_says_otherwise(world: World) -> None:
    nights(world, 4)
    assert tags(world) == ["1", "2", "3", "4", "5"]
    old = ids(world)
    configure(world, "keep_images = 1")
    assert images(world) == {
        1: "goes",
        2: "goes",
        3: "goes",
        4: "what occ rollback means",
        5: "the current version's",
    }
    assert change(world).unchanged == ""
    assert tags(world) == ["4", "5"]
    assert [world.engine.image(one) is not None for one in old] == [False] * 3 + [True] * 2
    rows = {row.number: row for row in world.app.versions(NAME, ask_registry=False)}
    assert sorted(rows) == [1, 2, 3, 4, 5]
    assert [rows[n].pruned for n in (1, 3, 4)] == ["beyond keep_images 1"] * 2 + [""]
    assert [rows[n].here for n in (1, 3, 4)] == [False, False, True]
    assert world.app.doctor(NAME) == ()


def test_a_rollback_to_a_pruned_version_pulls_it_by_digest_and_says_so(world: World) -> None:
    nights(world, 3)
    configure(world, "keep_images = 1")
    change(world)
    proposal = change(world, "rollback", plan=True, to=1).proposal
    assert proposal is not None
    digest = ledger_of(world.journal, NAME).versions[1].version.digests[0]
    (note,) = [one for one in proposal.warnings if "pruned" in one]
    assert note.startswith("its image was pruned on ")
    assert note.endswith(f" (beyond keep_images 1); it is pulled again: {digest}")
    assert change(world, "rollback", to=1).unchanged == ""
    assert ledger_of(world.journal, NAME).versions[1].pruned == ""
    assert "1" in tags(world)


def test_a_rollback_to_a_pruned_version_whose_registry_has_it_no_more_says_that(
    world: World,
) -> None:
    nights(world, 3)
    configure(world, "keep_images = 1")
    change(world)
    version = ledger_of(world.journal, NAME).versions[1].version
    world.engine.host.registry.withdraw(version.digests[0])
    with pytest.raises(NoTargetError) as refused:
        change(world, "rollback", to=1)
    assert "version 1 cannot be had: its image was pruned on " in refused.value.message
    assert "its image is gone, here and at its registry" in refused.value.message


def test_an_image_that_no_registry_answers_for_is_never_removed(world: World) -> None:
    nights(world, 3)
    registry = world.engine.host.registry
    first, second, _, _ = ids(world)
    registry.withdraw(ledger_of(world.journal, NAME).versions[1].version.digests[0])
    configure(world, "keep_images = 1")
    assert images(world)[1] == "its registry has it no more"
    change(world)
    assert tags(world) == ["1", "3", "4"]
    registry.mood = "down"
    configure(world, "keep_images = 1", "keep_last = 1")
    assert images(world)[1].startswith("its registry cannot be asked: ")
    assert world.engine.image(first) is not None
    assert world.engine.image(second) is None


def test_a_registry_that_ends_between_the_plan_and_the_removal_keeps_the_image(
    world: World,
) -> None:
    nights(world, 3)
    configure(world, "keep_images = 1", "keep_last = 0")

    def ends(_proposal: object) -> bool:
        world.engine.host.registry.mood = "down"
        return True

    outcome = world.app.change("prune", NAME, Options(), replace(YES, confirm=ends))
    (warning,) = outcome.warnings
    assert warning.count("its registry cannot be asked: ") == 2
    assert tags(world) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("whose", ["tag", "container", "built here"])
def test_an_image_that_somebody_needs_stays(world: World, whose: str) -> None:
    nights(world, 3)
    host, (first, second, _, _) = world.engine.host, ids(world)
    configure(world, "keep_images = 1")
    if whose == "tag":
        host.images.tag(first, "mine:1")
    if whose == "container":
        host.foreign("theirs", first)
    if whose == "built here":
        stamp = Stamp(service=NAME, operator="ann", at=world.clock.now())
        operation = operation_of(world.journal, world.journal.last_operation())
        version = replace(ledger_of(world.journal, NAME).versions[1].version, digests=())
        event = VersionRecorded(version)
        world.journal.append(operation.number, operation.next_seq, (event,), stamp)
    why = {
        "tag": "it is tagged mine:1",
        "container": "the container theirs is of it",
        "built here": "no registry ever had it",
    }
    assert images(world)[1] == why[whose]
    change(world)
    assert tags(world) == ["1", "3", "4"]
    assert world.engine.image(first) is not None
    assert world.engine.image(second) is None


def test_an_update_removes_the_images_beyond_the_rule_also_where_it_takes_no_snapshot(
    world: World,
) -> None:
    configure(world, "keep_images = 2", 'snapshot = "never"', "keep_last = 1")
    nights(world, 4)
    assert tags(world) == ["4", "5"]
    last = operation_of(world.journal, world.journal.last_operation())
    assert [step.plan.name for step in last.steps][-2:] == ["choose_prunable", "prune_data"]


@pytest.mark.parametrize("points", POINTS)
def test_a_prune_of_images_that_dies_is_carried_on(points: str, tmp_path: Path) -> None:
    for n in count(1):
        world = made(tmp_path / f"{n}")
        nights(world, 3)
        first = ids(world)[0]
        configure(world, "keep_images = 1")
        number = world.journal.last_operation() + 1
        if world.occ("prune", points.format(n)) != DEAD:
            break
        begun = world.journal.last_operation() == number
        configure(world, "keep_images = 0")
        assert world.occ("resume") == 0, world.said
        assert tags(world) == (["3", "4"] if begun else ["1", "2", "3", "4"]), f"at {n}"
        assert (world.engine.image(first) is None) is begun
        pruned = [bool(one.pruned) for one in ledger_of(world.journal, NAME).versions.values()]
        assert pruned == [begun, begun, False, False]
        world.journal.verify()
    assert n > 1
