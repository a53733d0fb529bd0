"""The second stage: which version is made of what the first found out, and how long it may take."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from occ.domain.events import Kind, OperationExtended, OperationPlanned, VersionRecorded
from occ.domain.operation import Operation, StepState
from occ.domain.request import Adoption, Found, Request, StepPlan, Version
from occ.domain.spec import Build, Mount, Spec, Volume
from occ.domain.values import Actor, Json
from occ.domain.versions import Ledger
from occ.operations.kinds.replace import grace, plan_replace, with_image_volumes, with_volumes_of
from occ.operations.kinds.update import keep_current, likely, newest
from occ.operations.plan import Extension
from tests.unit.operations.test_plans import LEDGER, ONE, REQUEST, RUNNING, SPEC, TWO, given, text

JOURNAL = "j" * 32
BROUGHT: Mapping[str, Json] = {
    "image": "sha256:three",
    "volumes": ["/data"],
    "digests": ["example.test/web@sha256:3"],
    "labelled": "3.0",
    "check": {
        "interval_ms": 30_000,
        "timeout_ms": 20_000,
        "start_period_ms": 100_000,
        "retries": 2,
    },
}
BARE: Mapping[str, Json] = {"image": "sha256:three"}


def extension(
    brought: Mapping[str, Json] = BROUGHT,
    *,
    kind: Kind = "update",
    request: Request = REQUEST,
    found: Found = RUNNING,
    step: str = "pull_image",
    ledger: Ledger = LEDGER,
    measured: Mapping[str, Json] | None = None,
) -> Extension | None:
    """The second stage after a first of one step, which found this out."""
    plan = StepPlan(name=step)
    ann = Actor(operator="ann")
    event = OperationPlanned(
        kind=kind, actor=ann, request=request, found=found, steps=(plan,), current=2, stages=2
    )
    done = StepState(plan=plan, state="done", result=brought)
    size = StepState(plan=StepPlan(name="measure_data"), state="done", result=measured or {})
    steps = (done, size) if measured else (done,)
    return plan_replace(
        Operation(number=9, service="web", planned=event, at=0, steps=steps, driver=ann),
        ledger,
        JOURNAL,
        request.fingerprints,
    )


def version(made: Extension | None) -> Version:
    assert made is not None
    return made.version


@pytest.mark.parametrize("step", ["pull_image", "build_image"])
def test_a_new_version_holds_all_that_was_found_out_and_asked_for(step: str) -> None:
    request = replace(REQUEST, fingerprints={"TOKEN": "ab12:cd34"})
    made = version(extension(request=request, step=step))
    assert made == Version(
        number=3,
        image="sha256:three",
        reference="example.test/web:latest",
        spec=replace(SPEC, volumes=(Volume(name="web.data", path="/data"),)),
        digests=("example.test/web@sha256:3",),
        fingerprints={"TOKEN": "ab12:cd34"},
        labelled="3.0",
    )


def test_what_a_step_did_not_find_out_is_left_empty() -> None:
    made = version(extension(BARE))
    assert (made.spec, made.digests, made.fingerprints, made.labelled) == (SPEC, (), {}, "")


def test_a_new_version_is_written_before_what_makes_it() -> None:
    made = extension()
    assert made is not None
    assert made.events() == (
        VersionRecorded(made.version),
        OperationExtended(steps=made.steps, version=3, commits_at=made.commits_at),
    )


def test_a_version_that_is_known_is_not_written_again() -> None:
    request = Request(reference="example.test/web:1", version=1)
    made = extension({"image": "sha256:one"}, kind="rollback", request=request)
    assert made is not None
    assert made.events() == (
        OperationExtended(steps=made.steps, version=1, commits_at=made.commits_at),
    )


@pytest.mark.parametrize(("kind", "again"), [("update", False), ("apply", False), ("start", True)])
def test_what_runs_already_is_replaced_only_by_who_puts_it_right(
    kind: Kind, *, again: bool
) -> None:
    made = extension({"image": "sha256:two"}, kind=kind)
    assert (made is not None) is again


@pytest.mark.parametrize("reset", [True, False])
def test_users_have_no_password_afterwards_where_that_was_asked_for(*, reset: bool) -> None:
    made = extension(request=replace(REQUEST, reset=reset))
    assert made is not None
    (users,) = (step for step in made.steps if step.name == "recreate_users")
    assert (users.inputs["users"], users.inputs["source"]) == (["ann"], "c-two")
    assert users.inputs["reset"] is reset


def test_the_service_may_be_down_from_the_stop_on() -> None:
    made = extension()
    assert made is not None
    assert [step.name for step in made.steps if step.disrupts] == ["stop_container"]


@pytest.mark.parametrize(
    ("state", "policy", "steps"),
    [
        ("running", "always", ["set_policy", "stop_container"]),
        ("running", "no", ["set_policy", "stop_container"]),
        ("exited", "always", ["set_policy"]),
        ("exited", "no", []),
    ],
)
def test_the_old_one_is_stopped_and_kept_from_coming_back(
    state: str, policy: str, steps: list[str]
) -> None:
    made = extension(found=replace(RUNNING, state=state, policy=policy))
    assert made is not None
    assert [step.name for step in made.steps if step.inputs.get("container") == "c-two"] == [
        *steps,
        "remove_container",
    ]


@pytest.mark.parametrize(
    ("brought", "deadline"), [(BROUGHT, 100_000 + 3 * 50_000), (BARE, SPEC.health.timeout_ms)]
)
def test_the_gate_gives_an_image_the_time_that_its_own_check_may_need(
    brought: Mapping[str, Json], deadline: int
) -> None:
    made = extension(brought)
    assert made is not None
    (prove,) = (step for step in made.steps if step.name == "prove_health")
    assert prove.inputs["deadline_ms"] == deadline


def test_a_container_gets_the_time_to_stop_that_its_own_version_declared() -> None:
    slow = replace(LEDGER.versions[2], version=replace(TWO, spec=Spec(stop_timeout_ms=90_000)))
    known = replace(LEDGER, versions={**LEDGER.versions, 2: slow})
    request = replace(REQUEST, spec=Spec(stop_timeout_ms=40_000))
    assert grace(given(request=request, ledger=known)) == 90_000
    unknown = replace(RUNNING, version=7)
    assert grace(given(unknown, request=request, ledger=known)) == 40_000
    assert grace(given(unknown, request=replace(REQUEST, spec=None), ledger=known)) == 10_000


WAITING = replace(
    LEDGER,
    adoption=Adoption(container="c-two", version=2, volumes={"ab12": "web.data", "cd34": "web.x"}),
)


@pytest.mark.parametrize(
    ("found", "image"), [(RUNNING, "sha256:two"), (Found(), "sha256:three")], ids=["there", "gone"]
)
def test_data_that_waits_is_copied_while_nothing_runs_by_an_image_that_is_there(
    found: Found, image: str
) -> None:
    made = extension(found=found, ledger=WAITING)
    assert made is not None
    told = [line for line in text(made.steps) if "volume" in line]
    assert told == [
        "reserve_volume source=ab12 version=3 volume=web.data",
        f"copy_volume image={image} source=ab12 target=web.data",
    ]
    names = [step.name for step in made.steps]
    after = "stop_container" if found.running else "create_container"
    assert names.index("copy_volume") == names.index(after) + 1


def tagged(made: Extension | None) -> list[tuple[Json, Json, Json]]:
    assert made is not None
    steps = [step.inputs for step in made.steps if step.name == "tag_previous"]
    return [(step["image"], step["tag"], step["ask"]) for step in steps]


def test_the_image_that_was_replaced_is_tagged_previous_where_it_is_another() -> None:
    previous = "example.test/web:previous"
    assert tagged(extension()) == [("sha256:two", previous, True)]
    offline = replace(REQUEST, pull="never")
    assert tagged(extension(request=offline)) == [("sha256:two", previous, False)]
    assert tagged(extension({"image": "sha256:two"}, kind="start")) == []
    assert tagged(extension(found=Found())) == []


def test_an_image_that_is_built_is_asked_for_with_all_that_was_declared() -> None:
    build = Build(context="/srv/web", args={"A": "1", "B": "2"}, target="slim", pull=True)
    step = newest(given(request=Request(reference="local/web:1", build=build)))
    assert step.inputs == {
        "reference": "local/web:1",
        "context": "/srv/web",
        "dockerfile": "Dockerfile",
        "args": ["A=1", "B=2"],
        "target": "slim",
        "pull": True,
    }
    assert step.title == "Build local/web:1 from /srv/web"


@pytest.mark.parametrize(
    ("pull", "title"),
    [
        ("always", "Pull example.test/web:latest"),
        ("missing", "Pull example.test/web:latest"),
        ("never", "Find example.test/web:latest"),
    ],
)
def test_an_image_that_is_never_pulled_is_found(pull: str, title: str) -> None:
    assert newest(given(request=replace(REQUEST, pull=pull))).title == title


@pytest.mark.parametrize("found", [replace(RUNNING, version=0), Found(version=2)])
def test_only_the_image_of_a_container_of_a_version_is_kept(found: Found) -> None:
    assert keep_current(given(found)) == ()


@pytest.mark.parametrize(("wanted", "shown"), [("web.data", 2), ("web.other", 0)])
def test_the_steps_that_are_likely_are_those_of_the_version_that_a_rollback_wants(
    wanted: str, shown: int
) -> None:
    spec = Spec(volumes=(Volume(name=wanted, path="/data"),))
    one = replace(LEDGER.versions[1], version=replace(ONE, spec=spec))
    ledger = replace(WAITING, versions={**LEDGER.versions, 1: one})
    back = given(request=Request(reference=ONE.reference, version=1), ledger=ledger)
    usual = [
        "Create the replacement",
        "Stop the old version",
        "Recreate users",
        "Start the new version",
        "Prove it healthy",
    ]
    told = [step.title for step in likely(back) if step.title]
    assert [title for title in told if title in usual] == usual
    assert len(told) == len(usual) + shown


def test_every_volume_of_the_image_gets_a_name_that_never_changes() -> None:
    spec = Spec(
        volumes=(Volume(name="mine", path="/data"),),
        mounts=(Mount(source="/srv", path="/etc/web"),),
    )
    full = with_image_volumes(spec, ["/var/lib/web", "/data", "/etc/web", "/var/lib-web"], "web")
    assert [(v.name, v.path) for v in full.volumes] == [
        ("mine", "/data"),
        ("web.var-lib-web.90e33798", "/var/lib-web"),
        ("web.var-lib-web", "/var/lib/web"),
    ]
    alone = with_image_volumes(spec, ["/var/lib/web"], "web")
    assert alone.volumes[-1] == full.volumes[-1]


def test_volumes_that_an_image_brought_are_those_of_todays_spec_too() -> None:
    data, mine = Volume(name="web.data", path="/data"), Volume(name="mine", path="/m")
    today, recorded = Spec(env={"A": "1"}), Spec(volumes=(mine, data))
    assert with_volumes_of(today, recorded, "web") == replace(today, volumes=(data,))
