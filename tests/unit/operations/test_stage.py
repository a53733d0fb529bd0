"""A stage: nothing that serves is touched, and its record is the point of no return."""

from dataclasses import replace

import pytest

from occ.domain.cautions import Cautions
from occ.domain.events import OperationPlanned
from occ.domain.operation import Operation, StepState
from occ.domain.rehearsal import Rehearsing
from occ.domain.request import StepPlan
from occ.domain.values import Actor
from occ.errors import CautionError
from occ.operations.kinds.stage import plan_stage, plan_staging, plan_unstage
from occ.operations.plan import Plan
from tests.unit.operations.test_plans import LEDGER, REQUEST, RUNNING, given
from tests.unit.operations.test_replace import BROUGHT, JOURNAL, extension

STAGING = replace(REQUEST, staging=True)


def staged(**more: object) -> Operation:
    """An update's first stage, as that of a stage."""
    plan, ann = StepPlan(name="pull_image"), Actor(operator="ann")
    request = replace(STAGING, **more)  # type: ignore[arg-type]
    event = OperationPlanned(
        kind="stage", actor=ann, request=request, found=RUNNING, steps=(plan,), stages=2, current=2
    )
    done = StepState(plan=plan, state="done", result=BROUGHT)
    return Operation(number=9, service="web", planned=event, at=0, steps=(done,), driver=ann)


def test_only_the_image_is_fetched_and_kept() -> None:
    plan = plan_stage(replace(given(request=STAGING), kind="stage"))
    assert isinstance(plan, Plan)
    assert [step.name for step in plan.steps] == ["pull_image"]
    assert (plan.stages, plan.shown, plan.commits_at) == (2, 2, -1)
    rehearsed = replace(STAGING, rehearsing=Rehearsing(copy="none"))
    assert plan_stage(replace(given(request=rehearsed), kind="stage")) == replace(
        plan, stages=3, shown=4
    )


def test_the_version_is_decided_as_an_update_would_and_recorded_at_the_end() -> None:
    extended = plan_staging(staged(), LEDGER, JOURNAL, REQUEST.fingerprints)
    update = extension()
    assert extended is not None
    assert update is not None
    assert (extended.version, extended.new) == (update.version, True)
    assert [(step.name, step.disrupts) for step in extended.steps] == [("keep_image", False)]
    assert extended.commits_at == 2


def test_a_bad_image_is_refused_when_only_the_pull_shows_it() -> None:
    version = plan_staging(staged(), LEDGER, JOURNAL, REQUEST.fingerprints)
    assert version is not None
    bad = Cautions().judged(version.version, None, 7, good=False, data_of=0)
    ledger = replace(LEDGER, cautions=bad)
    with pytest.raises(CautionError):
        plan_staging(staged(), ledger, JOURNAL, REQUEST.fingerprints)
    assert (
        plan_staging(staged(overridden=("known_bad",)), ledger, JOURNAL, REQUEST.fingerprints)
        is not None
    )


def test_the_end_of_a_stage_touches_nothing() -> None:
    plan = plan_unstage(given(request=replace(STAGING, staged=3)))
    assert plan == Plan(steps=(), commits_at=0)
