"""Plans are values: the order of steps is what keeps a service safe, so it is written out here."""

from dataclasses import replace

import pytest

from occ.domain.events import OperationExtended, OperationPlanned
from occ.domain.operation import Operation, StepState
from occ.domain.operation_fold import apply_event
from occ.domain.request import Found, Request, StepPlan, Version
from occ.domain.spec import Health, Spec
from occ.domain.step_events import StepDone, StepStarted
from occ.domain.values import Actor, Json
from occ.domain.versions import Ledger, Record
from occ.errors import NotRunningError
from occ.operations.kinds.already import already_said
from occ.operations.kinds.apply import plan_apply
from occ.operations.kinds.replace import plan_replace
from occ.operations.kinds.rollback import plan_rollback
from occ.operations.kinds.start import plan_start
from occ.operations.kinds.stop import plan_restart, plan_stop
from occ.operations.kinds.update import plan_update
from occ.operations.plan import Decision, Plan, PlanInput, Unchanged
from occ.operations.steps import STEPS, planned, step_for
from occ.operations.steps.containers import StopContainer

SPEC = Spec(health=Health(path="/health", port=80))
ONE = Version(number=1, image="sha256:one", reference="example.test/web:1", spec=SPEC)
TWO = replace(ONE, number=2, image="sha256:two", digests=("example.test/web@sha256:2",))
LEDGER = Ledger(
    versions={
        1: Record(version=ONE, created_at=1, standing="proven"),
        2: Record(version=TWO, created_at=2, standing="proven", replaced=1),
    },
    current=2,
    highest=2,
    users=("ann",),
)
RUNNING = Found(
    container="c-two",
    image="sha256:two",
    version=2,
    spec=SPEC.digest(),
    state="running",
    healthy=True,
    policy="unless-stopped",
)
STOPPED = replace(RUNNING, state="exited", healthy=False)
REQUEST = Request(reference="example.test/web:latest", spec=SPEC, users=("ann",))


def given(found: Found = RUNNING, request: Request = REQUEST, ledger: Ledger = LEDGER) -> PlanInput:
    return PlanInput(journal="j" * 32, service="web", found=found, request=request, ledger=ledger)


def text(steps: tuple[StepPlan, ...]) -> list[str]:
    told = []
    for plan in steps:
        inputs = {k: v for k, v in plan.inputs.items() if v not in ("", [], False)}
        told.append(" ".join([plan.name, *(f"{k}={v}" for k, v in sorted(inputs.items()))]))
    return told


def planned_as(decision: Decision, kind: str = "update", found: Found = RUNNING) -> Operation:
    assert isinstance(decision, Plan)
    event = OperationPlanned(
        kind=kind,  # type: ignore[arg-type]
        actor=Actor(operator="ann"),
        request=REQUEST,
        found=found,
        steps=decision.steps,
        current=2,
        stages=decision.stages,
        shown=decision.shown,
    )
    return Operation(
        number=9,
        service="web",
        planned=event,
        at=0,
        steps=tuple(StepState(plan=plan) for plan in decision.steps),
        driver=event.actor,
    )


def pulled(operation: Operation, image: str, volumes: tuple[str, ...] = ()) -> Operation:
    result: dict[str, Json] = {"image": image, "volumes": list(volumes), "digests": []}
    for index, there in enumerate(operation.steps):
        done = StepDone(index, result if there.plan.name == "pull_image" else {"said": "x"})
        operation = apply_event(apply_event(operation, StepStarted(index), 0), done, 0)
    return operation


def test_an_update_keeps_and_pulls_before_anything_that_serves_is_touched() -> None:
    decision = plan_update(given())
    assert isinstance(decision, Plan)
    assert text(decision.steps) == [
        "keep_image image=sha256:two keep=occ.local/jjjjjjjj/web:v2",
        "pull_image pull=always reference=example.test/web:latest",
    ]
    assert (decision.stages, decision.shown) == (2, 7)
    assert not any(plan.disrupts for plan in decision.steps)


def test_the_replacement_is_made_before_the_stop_and_proven_before_activation() -> None:
    operation = pulled(planned_as(plan_update(given())), "sha256:three")
    extension = plan_replace(operation, LEDGER, "j" * 32, {})
    assert extension is not None
    assert (extension.version.number, extension.new) == (3, True)
    before = extension.commits_at - len(operation.steps)
    assert text(extension.steps[:before]) == [
        "keep_image image=sha256:three keep=occ.local/jjjjjjjj/web:v3",
        "create_container called=web.occ-next source=c-two version=3",
        "set_policy back=unless-stopped container=c-two policy=no",
        "stop_container container=c-two grace_ms=10000",
        "recreate_users source=c-two users=['ann']",
        "start_container container=replacement",
        "prove_health container=replacement deadline_ms=120000 version=3",
    ]
    assert text(extension.steps[before:]) == [
        "set_policy container=replacement policy=unless-stopped",
        "remove_container container=c-two",
        "rename_container called=web container=replacement",
        "tag_previous ask=True image=sha256:two tag=example.test/web:previous",
    ]
    extended = OperationExtended(steps=extension.steps, version=3, commits_at=extension.commits_at)
    titled = [s for s in apply_event(operation, extended, 0).steps if s.plan.title]
    assert len(titled) == operation.planned.shown


def test_the_same_image_spec_and_secrets_are_unchanged_whatever_a_label_says() -> None:
    same = pulled(planned_as(plan_update(given())), "sha256:two")
    assert plan_replace(same, LEDGER, "j" * 32, {}) is None
    rebuilt = pulled(planned_as(plan_update(given())), "sha256:two-rebuilt")
    assert plan_replace(rebuilt, LEDGER, "j" * 32, {}) is not None
    assert plan_replace(same, replace(LEDGER, users=("ann", "ben")), "j" * 32, {}) is not None


def test_secrets_are_compared_with_those_that_run_and_not_with_those_recorded() -> None:
    operation = pulled(planned_as(plan_update(given())), "sha256:two")
    request = replace(REQUEST, fingerprints={"TOKEN": "k:new"})
    operation = replace(operation, planned=replace(operation.planned, request=request))
    recorded = replace(TWO, fingerprints={"TOKEN": "k:new"})
    ledger = replace(LEDGER, versions={2: Record(version=recorded, created_at=2)})
    assert plan_replace(operation, ledger, "j" * 32, {"TOKEN": "k:new"}) is None
    assert plan_replace(operation, LEDGER, "j" * 32, {"TOKEN": "k:new"}) is None
    again = plan_replace(operation, ledger, "j" * 32, {"TOKEN": "k:old"})
    assert again is not None
    assert (again.version.number, again.new) == (2, False)


def test_an_image_known_from_before_is_that_version_again() -> None:
    back = plan_replace(
        pulled(planned_as(plan_update(given())), "sha256:one"), LEDGER, "j" * 32, {}
    )
    assert back is not None
    assert (back.version.number, back.new) == (1, False)


def test_a_stopped_service_is_replaced_stopped() -> None:
    operation = planned_as(plan_update(given(STOPPED)), found=STOPPED)
    extension = plan_replace(pulled(operation, "sha256:three"), LEDGER, "j" * 32, {})
    assert extension is not None
    names = [plan.name for plan in extension.steps]
    assert "start_container" not in names
    assert "stop_container" not in names
    assert operation.planned.shown == 4


def test_a_rollback_wants_exactly_the_recorded_image() -> None:
    request = Request(reference=ONE.reference, pull="missing", version=1)
    decision = plan_rollback(given(request=request), LEDGER.versions[1])
    assert isinstance(decision, Plan)
    assert text(decision.steps)[1] == (
        "pull_image image=sha256:one keep=occ.local/jjjjjjjj/web:v1 pull=missing "
        "reference=example.test/web:1"
    )


def test_a_rollback_is_carried_out_and_proven_by_the_same_steps_as_an_update() -> None:
    forward = plan_replace(
        pulled(planned_as(plan_update(given())), "sha256:three"), LEDGER, "j" * 32, {}
    )
    request = Request(reference=ONE.reference, pull="missing", version=1)
    given_back = given(request=request)
    decision = plan_rollback(given_back, LEDGER.versions[1])
    planned = replace(
        planned_as(decision, "rollback"),
        planned=replace(planned_as(decision, "rollback").planned, request=request),
    )
    back = plan_replace(pulled(planned, "sha256:one"), LEDGER, "j" * 32, {})
    assert forward is not None
    assert back is not None
    assert "prove_health" in [step.name for step in back.steps]
    assert [s.name for s in back.steps] == [s.name for s in forward.steps]
    assert (back.version.number, back.commits_at) == (1, forward.commits_at)


def test_a_rollback_to_what_runs_changes_nothing_and_to_what_is_stopped_starts_it() -> None:
    request = Request(reference=TWO.reference, version=2)
    assert isinstance(plan_rollback(given(request=request), LEDGER.versions[2]), Unchanged)
    decision = plan_rollback(given(STOPPED, request), LEDGER.versions[2])
    assert isinstance(decision, Plan)
    assert text(decision.steps)[0] == "start_container container=c-two"
    odd = replace(STOPPED, policy="no")
    mended = plan_rollback(given(odd, request), LEDGER.versions[2], named="odd")
    assert isinstance(mended, Plan)
    assert [step.name for step in mended.steps] == [
        "set_policy",
        "rename_container",
        "start_container",
        "prove_health",
    ]
    assert (mended.shown, mended.version) == (4, 2)


def test_a_rollback_to_the_current_one_mends_policy_and_name_without_a_stop() -> None:
    request = Request(reference=TWO.reference, version=2)
    odd = replace(given(request=request).found, policy="no")
    decision = plan_rollback(given(odd, request), LEDGER.versions[2], named="odd")
    assert isinstance(decision, Plan)
    assert [(step.title, step.disrupts) for step in decision.steps] == [
        ("Set the restart policy", False),
        ("Give it its name back", False),
    ]
    assert decision.steps[0].inputs["back"] == "no"
    assert (decision.shown, decision.version) == (2, 2)


def test_stopping_what_is_stopped_or_absent_is_what_was_asked_for() -> None:
    assert isinstance(plan_stop(given(STOPPED)), Unchanged)
    assert isinstance(plan_stop(given(Found())), Unchanged)


def test_a_start_of_a_proven_version_is_lenient_and_of_an_unproven_one_is_not() -> None:
    decision = plan_start(given(STOPPED))
    assert isinstance(decision, Plan)
    assert decision.steps[1].inputs["lenient"] is True
    assert (decision.shown, decision.version) == (2, 2)
    unproven = replace(LEDGER.versions[2], standing="unproven")
    ledger = replace(LEDGER, versions={**LEDGER.versions, 2: unproven})
    decision = plan_start(given(STOPPED, ledger=ledger))
    assert isinstance(decision, Plan)
    assert decision.steps[1].inputs["lenient"] is False


def test_what_somebody_paused_is_not_said_to_run() -> None:
    with pytest.raises(NotRunningError) as refused:
        plan_start(given(replace(RUNNING, state="paused")))
    assert refused.value.hint == "docker unpause web"


def test_a_missing_container_is_made_again_from_the_journal() -> None:
    request = Request(reference=TWO.reference, pull="missing", version=2)
    decision = plan_start(given(Found(), request))
    assert isinstance(decision, Plan)
    assert decision.steps[0].inputs["image"] == "sha256:two"


def test_a_restart_stops_and_starts_the_same_container() -> None:
    decision = plan_restart(given())
    assert isinstance(decision, Plan)
    assert [plan.name for plan in decision.steps] == [
        "stop_container",
        "start_container",
        "prove_health",
    ]
    stop, _, proof = decision.steps
    assert (stop.disrupts, stop.inputs["once"], proof.inputs["lenient"]) == (True, True, True)
    assert (decision.shown, decision.version) == (3, 2)


def test_a_stop_is_one_step_of_the_version_that_runs() -> None:
    decision = plan_stop(given())
    assert isinstance(decision, Plan)
    assert (decision.shown, decision.version, decision.steps[0].disrupts) == (1, 2, True)


def test_every_step_survives_being_data() -> None:
    stop = StopContainer("c", grace_ms=5, once=True)
    assert step_for(planned(stop, title="Stop")) == stop
    assert set(STEPS) == {kind.name for kind in STEPS.values()}


def test_apply_takes_the_current_image_by_id_and_pulls_nothing() -> None:
    request = replace(REQUEST, pull="never", image="sha256:two")
    decision = plan_apply(given(request=request))
    assert isinstance(decision, Plan)
    assert text(decision.steps)[1] == (
        "pull_image digests=['example.test/web@sha256:2'] image=sha256:two "
        "keep=occ.local/jjjjjjjj/web:v2 pull=missing reference=example.test/web:1"
    )
    other = plan_apply(given(request=replace(REQUEST, reference="example.test/web:9")))
    assert isinstance(other, Plan)
    assert text(other.steps)[1] == "pull_image pull=never reference=example.test/web:9"


def test_a_version_that_nobody_recorded_is_said_by_its_number() -> None:
    unknown = replace(RUNNING, version=9)
    assert already_said("update", "web", unknown, LEDGER) == "already the newest: version 9"
