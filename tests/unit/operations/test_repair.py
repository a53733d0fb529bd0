"""What is wrong, whether a service should run, and what repair does about it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from occ.domain.events import (
    Entry,
    Event,
    Kind,
    OperationDone,
    OperationPlanned,
    OperationUnchanged,
    OperationUndone,
    VersionActivated,
)
from occ.domain.operation import Operation
from occ.domain.operation_fold import fold
from occ.domain.request import Found, Request, StepPlan
from occ.domain.values import Actor
from occ.domain.versions import Standing
from occ.engine.values import Container
from occ.operations.kinds.repair import plan_repair
from occ.operations.plan import Plan, Unchanged
from occ.operations.problems import Problems, Untagged, asked_to_run
from occ.operations.steps import planned
from occ.operations.steps.containers import StartContainer
from tests.unit.operations.test_plans import LEDGER, RUNNING, STOPPED, given, text

OTHER = Container(id="o" * 64, name="web.occ-next", image="i", state="exited", labels={})


def test_an_image_that_a_registry_alone_has_is_pulled_under_its_keep_tag() -> None:
    one, two = LEDGER.versions[1], LEDGER.versions[2]
    plan = plan_repair(given(), Problems(absent=(one, two)))
    assert isinstance(plan, Plan)
    assert text(plan.steps) == [
        (
            "restore_image image=sha256:one keep=occ.local/jjjjjjjj/web:v1 "
            "reference=example.test/web:1"
        ),
        (
            "restore_image digests=['example.test/web@sha256:2'] image=sha256:two "
            "keep=occ.local/jjjjjjjj/web:v2 reference=example.test/web:1"
        ),
    ]
    assert plan.stages == 1


def test_the_image_of_a_container_that_is_made_again_is_fetched_for_it() -> None:
    wrong = Problems(missing=True, absent=(LEDGER.versions[2], LEDGER.versions[1]))
    plan = plan_repair(given(Found()), wrong)
    assert isinstance(plan, Plan)
    assert [line.split(" ")[0] for line in text(plan.steps)] == ["restore_image", "pull_image"]
    assert plan.steps[1].inputs["image"] == "sha256:two"


def ended(kind: Kind, found: Found, *events: Event, steps: tuple[StepPlan, ...] = ()) -> Operation:
    planned = OperationPlanned(
        kind=kind, actor=Actor(operator="ann"), request=Request(), found=found, steps=steps
    )
    story = (planned, *events, *(() if events else (OperationDone(),)))
    entries = [
        Entry(
            position=n + 1,
            operation=1,
            seq=n,
            at=n,
            service="web",
            operator="ann",
            hash="",
            event=event,
        )
        for n, event in enumerate(story)
    ]
    operation = fold(entries)
    assert operation is not None
    return operation


STARTS = (planned(StartContainer("replacement")),)
INSTALLED = ended("update", Found(), steps=STARTS)


@pytest.mark.parametrize(
    ("newest_first", "runs"),
    [
        ([], False),
        ([INSTALLED], True),
        ([ended("stop", RUNNING), INSTALLED], False),
        ([ended("update", STOPPED), ended("stop", RUNNING), INSTALLED], False),
        ([ended("update", RUNNING), INSTALLED], True),
        ([ended("start", STOPPED), ended("stop", RUNNING)], True),
        ([ended("stop", RUNNING, OperationUndone()), INSTALLED], True),
        ([ended("remove", RUNNING), INSTALLED], False),
        ([ended("restart", STOPPED), ended("stop", RUNNING)], True),
        ([ended("update", STOPPED, VersionActivated(2, 1, "update"), OperationDone())], False),
        ([ended("repair", Found(), VersionActivated(1, 1, "repair"), OperationDone())], False),
        ([ended("repair", Found(), steps=STARTS)], True),
        ([ended("rollback", STOPPED, steps=STARTS), ended("stop", RUNNING)], True),
        (
            [ended("rollback", STOPPED, OperationUndone(), steps=STARTS), ended("stop", RUNNING)],
            False,
        ),
        ([ended("stop", STOPPED, OperationUnchanged()), INSTALLED], False),
        ([ended("start", RUNNING, OperationUnchanged()), ended("stop", RUNNING)], True),
        ([ended("update", RUNNING, OperationUnchanged()), ended("stop", RUNNING)], False),
        ([ended("adopt", STOPPED), ended("forget", RUNNING), INSTALLED], False),
        ([ended("adopt", RUNNING), ended("forget", STOPPED)], True),
    ],
)
def test_whether_it_was_last_asked_to_run(newest_first: Sequence[Operation], *, runs: bool) -> None:
    assert asked_to_run(newest_first) is runs


def test_nothing_wrong_is_nothing_to_do() -> None:
    assert not Problems()
    assert isinstance(plan_repair(given(), Problems()), Unchanged)


def test_what_can_fail_comes_before_what_cannot_be_undone() -> None:
    wrong = Problems(
        stopped=True,
        name="web.occ-next",
        policy="always",
        leftovers=(OTHER,),
        untagged=(Untagged(version=1, image="sha256:one"),),
    )
    plan = plan_repair(given(replace(STOPPED, policy="no")), wrong)
    assert isinstance(plan, Plan)
    assert [line.split(" ")[0] for line in text(plan.steps)] == [
        "keep_image",
        "set_policy",
        "start_container",
        "prove_health",
        "remove_container",
        "rename_container",
    ]
    assert plan.stages == 1
    assert plan.shown == len(plan.steps)
    assert plan.commits_at == 4


def test_a_removal_makes_no_version_the_current_one() -> None:
    none = replace(LEDGER, current=0)
    plan = plan_repair(given(ledger=none), Problems(leftovers=(OTHER,)))
    assert isinstance(plan, Plan)
    assert (plan.commits_at, plan.version) == (0, 0)


def test_without_a_removal_all_of_it_can_be_undone() -> None:
    plan = plan_repair(
        given(replace(STOPPED, policy="no")), Problems(policy="always", name="web.old")
    )
    assert isinstance(plan, Plan)
    assert plan.commits_at == -1


@pytest.mark.parametrize("wrong", [Problems(missing=True), Problems(different=("another image",))])
def test_a_container_that_is_not_the_current_version_is_made_again(wrong: Problems) -> None:
    plan = plan_repair(given(request=Request(reference="example.test/web:1", version=2)), wrong)
    assert isinstance(plan, Plan)
    assert plan.stages == 2
    assert plan.steps[-1].inputs["image"] == LEDGER.versions[2].version.image


def test_a_second_container_that_runs_goes_before_another_one_is_started() -> None:
    running = replace(OTHER, state="running")
    wrong = Problems(different=("another spec",), second=(running,))
    plan = plan_repair(given(request=Request(reference="example.test/web:1", version=2)), wrong)
    assert isinstance(plan, Plan)
    assert plan.steps[-1].inputs["container"] == OTHER.id


@pytest.mark.parametrize(("standing", "lenient"), [("proven", True), ("unproven", False)])
def test_only_a_version_that_was_proven_may_take_long(standing: Standing, *, lenient: bool) -> None:
    known = {2: replace(LEDGER.versions[2], standing=standing)}
    plan = plan_repair(
        given(STOPPED, ledger=replace(LEDGER, versions=known)), Problems(stopped=True)
    )
    assert isinstance(plan, Plan)
    assert plan.version == 2
    assert plan.steps[-1].inputs["lenient"] is lenient


def test_a_version_that_nothing_is_known_of_is_proven_as_a_new_one() -> None:
    plan = plan_repair(given(replace(STOPPED, version=9)), Problems(stopped=True))
    assert isinstance(plan, Plan)
    assert plan.steps[-1].inputs["lenient"] is False


def test_the_restart_policy_that_is_mended_is_known_to_who_undoes_it() -> None:
    plan = plan_repair(given(replace(RUNNING, policy="no")), Problems(policy="always"))
    assert isinstance(plan, Plan)
    assert (plan.steps[0].inputs["policy"], plan.steps[0].inputs["back"]) == ("always", "no")
