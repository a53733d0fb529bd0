"""Removal: what goes in which order, and that a crash after the point of no return goes on."""

from dataclasses import replace

import pytest

from occ.domain.events import OperationDone, OperationResumed, ServiceForgotten, VersionActivated
from occ.domain.moves import Activate, Apply, Finish, next_move
from occ.domain.operation import Operation
from occ.domain.operation_fold import apply_event
from occ.domain.request import Found, Request
from occ.domain.step_events import StepDone, StepFailed, StepStarted
from occ.domain.values import Actor
from occ.domain.versions import Ledger
from occ.operations.kinds.remove import Belongings, plan_remove
from occ.operations.plan import Plan, Unchanged
from occ.operations.steps import step_for
from tests.unit.operations.test_plans import LEDGER, RUNNING, STOPPED, given, planned_as, text

THERE = Belongings(containers=("c-two", "c-next"), volumes=("web-cache", "web-data"))
ANN = Actor(operator="ann")


def plan(*, running: bool = True, ledger: Ledger = LEDGER) -> Plan:
    found = RUNNING if running else STOPPED
    decided = plan_remove(given(found, Request(), ledger), THERE)
    assert isinstance(decided, Plan)
    return decided


def test_stop_then_nothing_leads_back() -> None:
    decided = plan()
    assert text(decided.steps) == [
        "stop_container container=c-two grace_ms=10000",
        "remove_container container=c-two",
        "remove_container container=c-next",
        "remove_volume volume=web-cache",
        "remove_volume volume=web-data",
        "forget_service containers=['c-two', 'c-next']",
    ]
    assert (decided.commits_at, decided.version, decided.shown) == (1, 2, 5)
    assert decided.steps[0].disrupts
    assert decided.steps[4].title == "Remove volume web-data, with its data"


def test_of_a_stopped_or_forgotten_one_nothing_needs_to_be_stopped() -> None:
    assert (plan(running=False).commits_at, plan(running=False).steps[0].name) == (
        0,
        "remove_container",
    )
    assert plan(running=False, ledger=replace(LEDGER, current=0)).version == 2


@pytest.mark.parametrize(
    ("ledger", "there"),
    [(Ledger(), THERE), (replace(LEDGER, current=0), Belongings())],
)
def test_nothing_there_is_nothing_to_do(ledger: Ledger, there: Belongings) -> None:
    assert isinstance(plan_remove(given(STOPPED, Request(), ledger), there), Unchanged)


def test_a_missing_container_of_a_current_version_is_forgotten_all_the_same() -> None:
    decided = plan_remove(given(STOPPED, Request()), Belongings())
    assert isinstance(decided, Plan)
    assert [one.name for one in decided.steps] == ["forget_service"]


def opened() -> Operation:
    return replace(planned_as(plan(), "remove"), commits_at=1, version=2)


def _until_removal_failed() -> Operation:
    operation = opened()
    for event in (
        StepStarted(0),
        StepDone(0, {"said": "exit code 0"}),
        VersionActivated(2, 2, "remove"),
        StepStarted(1),
        StepDone(1, {"said": "removed"}),
        StepStarted(2),
        StepFailed(index=2, code="engine_refused", message="no"),
    ):
        operation = apply_event(operation, event, 1)
    return operation


def test_after_the_stop_comes_the_point_of_no_return() -> None:
    operation = opened()
    for event in (StepStarted(0), StepDone(0, {"said": "exit code 0"})):
        operation = apply_event(operation, event, 1)
    assert next_move(operation) == Activate(2, 2)


def test_what_failed_is_tried_again_by_whoever_resumes_and_never_undone() -> None:
    operation = apply_event(_until_removal_failed(), OperationResumed(ANN), 2)
    assert next_move(operation) == Apply(1, in_doubt=True, attempt=2)
    for index in range(1, 6):
        operation = apply_event(operation, StepStarted(index), 2)
        operation = apply_event(operation, StepDone(index, {}), 2)
    assert next_move(operation) == Finish(OperationDone())


def test_the_last_step_says_that_it_is_forgotten() -> None:
    last = step_for(plan().steps[-1])
    assert last.facts({}) == (ServiceForgotten(("c-two", "c-next")),)


@pytest.mark.parametrize(
    "left", [Belongings(containers=("c-two",)), Belongings(volumes=("web-data",))]
)
def test_what_is_left_of_a_service_without_a_version_goes_too(left: Belongings) -> None:
    decided = plan_remove(given(Found(), Request(), replace(LEDGER, current=0)), left)
    assert isinstance(decided, Plan)
    assert len(decided.steps) == 2
