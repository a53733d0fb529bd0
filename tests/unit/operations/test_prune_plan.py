"""The plan of a prune, and the last steps of a replacement."""

from dataclasses import replace

from occ.domain.kept_names import Name
from occ.domain.retention import Item, Retention, Verdict
from occ.domain.rules import Retain, Rules
from occ.operations.kinds.prune import plan_prune
from occ.operations.plan import Plan, Unchanged
from tests.unit.operations.test_plans import REQUEST, given
from tests.unit.operations.test_replace import BARE, extension
from tests.unit.operations.test_replacement_snapshot import TAKING, names

RETAIN = Retain(folder="/snapshots/web", rules=Rules(min_free=5), spared=("shared",))


def gone(*numbers: int) -> Retention:
    """So many snapshots that go."""
    items = (Item(name=Name("snapshot", number), at=number) for number in numbers)
    return Retention(
        gone=tuple(Verdict(item=one, why="beyond keep_last 5", bytes=1) for one in items), kept=()
    )


def test_exactly_that_goes_which_is_shown_and_nothing_leads_back_from_the_first() -> None:
    plan = plan_prune(given(), RETAIN, gone(1, 2, 3, 4))
    assert isinstance(plan, Plan)
    (step,) = plan.steps
    assert (step.name, plan.commits_at) == ("prune_data", 0)
    assert step.title == "Remove snapshot 1, snapshot 2, snapshot 3 and 1 more, for good"
    assert step.inputs == {
        "folder": "/snapshots/web",
        "chosen": [f"snapshot {number}: beyond keep_last 5" for number in range(1, 5)],
        "spared": ["shared"],
    }
    assert not step.disrupts


def test_the_oldest_sixty_go_at_a_time() -> None:
    plan = plan_prune(given(), RETAIN, gone(*range(1, 100)))
    assert isinstance(plan, Plan)
    chosen = plan.steps[0].inputs["chosen"]
    assert isinstance(chosen, list)
    assert (len(chosen), chosen[-1]) == (60, "snapshot 60: beyond keep_last 5")


def test_where_nothing_goes_there_is_nothing_to_do() -> None:
    assert plan_prune(given(), RETAIN, gone()) == Unchanged("nothing goes by the rules")


def test_a_replacement_prunes_after_the_manifests_and_only_where_it_took_a_snapshot() -> None:
    taking = replace(TAKING, packed=400)
    made = extension(BARE, request=replace(REQUEST, taking=taking, retain=RETAIN))
    assert made is not None
    assert names(made)[-3:] == ["describe_snapshot", "choose_prunable", "prune_data"]
    choose, prune = made.steps[-2:]
    assert (choose.inputs["room"], choose.inputs["min_free"]) == (500, 5)
    assert (prune.inputs["chosen"], prune.inputs["spared"]) == ([], ["shared"])
    assert len(made.steps) - 2 >= made.commits_at
    none = replace(TAKING, why="Podman")
    without = names(extension(BARE, request=replace(REQUEST, taking=none, retain=RETAIN)))
    assert {"choose_prunable", "prune_data"}.isdisjoint(without)
