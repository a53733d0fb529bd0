"""A step as data and back: what a plan holds of it."""

from dataclasses import dataclass
from typing import ClassVar

import pytest

from occ.domain.request import StepPlan
from occ.errors import JournalNewerError
from occ.operations.step_context import StepContext
from occ.operations.steps import planned, step_for
from occ.operations.steps.containers import StopContainer
from occ.operations.steps.images import PullImage
from occ.operations.steps.step import Result, Step
from tests.unit.operations.inside import Inn


@dataclass(frozen=True, slots=True)
class Odd(Step):
    """A step with a field that no plan can hold."""

    name: ClassVar[str] = "odd"
    odd: float

    def seen(self, context: StepContext) -> Result | None:
        return {"service": context.service}

    def apply(self, context: StepContext) -> Result:
        return {"service": context.service}


def test_a_plan_holds_the_fields_of_a_step_by_name() -> None:
    pull = PullImage("a/b:1", "always", digests=("one", "two"))
    assert planned(pull) == StepPlan(
        name="pull_image",
        inputs={
            "reference": "a/b:1",
            "pull": "always",
            "image": "",
            "digests": ["one", "two"],
            "keep": "",
            "tag": "",
        },
        title="",
        disrupts=False,
    )


def test_a_plan_says_what_people_read_and_whether_it_disrupts() -> None:
    plan = planned(StopContainer("c", 5, once=True), title="Stop it", disrupts=True)
    assert plan == StepPlan(
        name="stop_container",
        inputs={"container": "c", "grace_ms": 5, "once": True},
        title="Stop it",
        disrupts=True,
    )
    assert step_for(plan) == StopContainer("c", 5, once=True)


def test_a_field_that_a_plan_cannot_hold_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="a step's field cannot be float"):
        planned(Odd(0.5))


def test_a_step_of_a_newer_occ_is_not_carried_out() -> None:
    with pytest.raises(JournalNewerError, match="has a step fly_container") as told:
        step_for(StepPlan(name="fly_container", inputs={}))
    assert told.value.hint == "install the occ that planned it, then: occ resume"


def test_a_step_that_says_nothing_of_it_needs_no_undoing_and_no_further_facts() -> None:
    context, odd = Inn().context(), Odd(0.5)
    odd.settle(context)
    assert odd.revert(context) == {}
    assert odd.facts({}) == ()
    assert odd.blame(context, JournalNewerError("no")) == ()
