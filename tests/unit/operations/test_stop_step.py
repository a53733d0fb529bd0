"""The step that stops a container, and the way back from it: as it was found."""

from dataclasses import replace
from pathlib import Path

import pytest

from occ.domain.request import Found
from occ.domain.spec import Spec
from occ.errors import EngineUnreachableError, NotFoundError, UnhealthyError
from occ.operations.accounts import SHADOW
from occ.operations.step_context import StepContext
from occ.operations.steps.containers import StopContainer
from tests.doubles.engine.life import Life
from tests.doubles.engine.wire import Loss
from tests.unit.operations.house import CRASHES, DEAF, GATE, OLD_REFERENCE, SICK, House
from tests.unit.operations.inside import IMAGE, VERSION

ENDED = 1_700_000_000_000
HINT = "mend the data, then: occ resume. To leave it as it is: occ abandon"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(folder=tmp_path)


def stop(house: House) -> StopContainer:
    return StopContainer(house.web, 10_000)


def planned(context: StepContext, found: Found, *, current: int = 1) -> StepContext:
    plan = replace(context.operation.planned, found=found, current=current)
    return replace(context, operation=replace(context.operation, planned=plan))


def test_a_stop_tells_when_and_how_the_container_ended(house: House) -> None:
    assert stop(house).seen(house.fitted()) is None
    told = stop(house).apply(house.fitted())
    there = house.engine.inspect(house.web)
    assert there is not None
    assert told == {"said": "exit code 0", "finished_at": there.finished_at, "exit_code": 0}
    assert house.state() == ("exited", "unless-stopped")
    assert stop(house).seen(house.fitted()) == told


def test_a_stop_waits_out_its_grace_and_no_longer(tmp_path: Path) -> None:
    house = House(DEAF, folder=tmp_path)
    before = house.engine.host.agenda.at
    told = StopContainer(house.web, 7_000).apply(house.fitted())
    assert told["said"] == "killed after 7 s: it does not hear SIGTERM"
    assert told["warning"] == (
        "web was killed after 7 s: it does not hear SIGTERM; a first process without a handler "
        "hears no signal: occ config set services.web.engine.Init true, then occ apply"
    )
    assert 7_000 <= house.engine.host.agenda.at - before < 7_100


def test_one_that_has_an_init_is_to_be_given_longer(tmp_path: Path) -> None:
    house = House(DEAF, folder=tmp_path)
    context = house.fitted()
    version = replace(context.versions[1], spec=Spec(engine={"Init": True}))
    context = replace(context, versions={**context.versions, 1: version})
    told = StopContainer(house.web, 7_000).apply(context)
    assert str(told["warning"]).endswith(
        "give it longer: occ config set services.web.stop_timeout 60s"
    )


def test_one_that_was_killed_by_somebody_else_within_its_grace_is_not_deaf(house: House) -> None:
    house.engine.host.agenda.spend(60_000)
    house.inside.image = replace(DEAF, stop_signal="SIGKILL")
    told = StopContainer(house.web, 30_000).apply(house.fitted())
    assert told["said"] == "exit code 137 (SIGKILL)"
    assert "warning" not in told


def test_a_container_that_is_gone_is_stopped(house: House) -> None:
    house.gone()
    assert stop(house).seen(house.fitted()) == {"said": "it is gone"}
    stop(house).settle(house.fitted())


def test_a_container_that_goes_with_its_stop_was_stopped_then(house: House) -> None:
    engine = house.engine

    def auto_remove(verb: str) -> None:
        if verb == "inspect" and engine.host.there(house.web).state == "exited":
            engine.host.remove(engine.host.there(house.web))

    engine.wire.watch = auto_remove
    told = stop(house).apply(house.fitted())
    assert told == {"said": "it is gone", "finished_at": house.engine.clock.now() - 1}


def test_nothing_that_is_gone_can_be_stopped(house: House) -> None:
    house.gone()
    with pytest.raises(NotFoundError, match="of web is gone"):
        stop(house).apply(house.fitted())


def test_a_restart_does_not_stop_what_was_started_since(house: House) -> None:
    context = house.fitted()
    step = replace(stop(house), once=True)
    assert step.seen(context) is None
    house.engine.stop(house.web, 1_000)
    told = step.seen(context)
    assert told is not None
    assert told["said"] == "exit code 0"
    house.engine.start(house.web)
    assert step.seen(context) == {"said": "was started since"}
    assert stop(house).seen(context) is None


def test_a_stop_under_way_is_waited_for_by_another(tmp_path: Path) -> None:
    house = House(DEAF, folder=tmp_path)
    Life(house.engine.host).stop(house.inside, 3_000)
    StopContainer(house.web, 9_000).settle(house.fitted())
    assert house.state() == ("exited", "unless-stopped")
    assert house.inside.exit_code == 137


def test_found_healthy_it_must_pass_its_gate_again(house: House) -> None:
    context = house.gated()
    stop(house).apply(context)
    began = house.now()
    told = stop(house).revert(context)
    assert told["said"] == "healthy again"
    good = told["first_good_at"]
    assert isinstance(good, int)
    assert began < good < began + 1_000
    assert house.now() - good >= 3_000
    assert house.state() == ("running", "unless-stopped")


def test_its_gate_is_that_of_the_version_it_was_found_as(house: House) -> None:
    context = house.gated()
    context = replace(context, versions={1: VERSION, 2: context.versions[2]})
    stop(house).apply(context)
    other = replace(context.operation.planned.found, version=2)
    context = planned(context, other)
    began = house.now()
    stop(house).revert(context)
    assert 3_000 <= house.now() - began < 5_000


def test_the_gate_of_a_version_that_was_not_known_is_that_of_the_current_one(
    house: House,
) -> None:
    context = house.gated()
    stop(house).apply(context)
    context = planned(context, replace(context.operation.planned.found, version=0), current=2)
    context = replace(context, versions={2: context.versions[2]})
    assert stop(house).revert(context)["said"] == "healthy again"


def test_found_healthy_and_sick_now_it_is_said_and_left_running(house: House) -> None:
    context = house.gated()
    stop(house).apply(context)
    house.inside.image = SICK
    with pytest.raises(UnhealthyError) as failed:
        stop(house).revert(
            planned(context, replace(context.operation.planned.found, deadline_ms=500))
        )
    assert failed.value.message == (
        "web is not healthy: /health answered 503, not 200 (after 0.5 s: its starts before were "
        "quicker, proven_timeout). The new version never ran on these volumes"
    )
    assert failed.value.hint == HINT
    assert failed.value.log_tail[-2:] == ("too new for me", "ready")
    assert house.state() == ("running", "unless-stopped")


@pytest.mark.parametrize("ended", [True, False])
def test_how_long_the_new_version_ran_on_the_volumes_is_said(house: House, *, ended: bool) -> None:
    context = house.gated()
    stop(house).apply(context)
    house.inside.image = SICK
    made = house.replacement()
    house.engine.start(made)
    new = house.engine.host.there(made)
    if ended:
        new.state, new.finished_at = "exited", new.started_at + 2_500
    else:
        new.started_at -= 1_000_000
    with pytest.raises(UnhealthyError) as failed:
        stop(house).revert(
            planned(context, replace(context.operation.planned.found, deadline_ms=0))
        )
    ran = 2_500 if ended else house.now() - new.started_at
    assert f"The new version ran on these volumes for {ran / 1000:.1f} s" in failed.value.message


def test_a_clock_that_was_put_back_makes_no_time_negative(house: House) -> None:
    context = house.gated()
    stop(house).apply(context)
    house.inside.image = SICK
    made = house.replacement()
    house.engine.start(made)
    house.engine.host.there(made).started_at += 1_000_000
    with pytest.raises(UnhealthyError, match=r"ran on these volumes for 0\.0 s"):
        stop(house).revert(
            planned(context, replace(context.operation.planned.found, deadline_ms=0))
        )


def test_found_running_but_unhealthy_it_must_run(house: House) -> None:
    context = house.gated()
    context = planned(context, replace(context.operation.planned.found, healthy=False))
    stop(house).apply(context)
    house.inside.image = SICK
    ended = house.inside.finished_at
    told = stop(house).revert(context)
    assert told == {
        "said": "runs as it was found",
        "first_good_at": house.engine.clock.now() - 1,  # then the engine was asked the time
        "finished_at": ended,
    }
    assert house.state() == ("running", "unless-stopped")


@pytest.mark.parametrize(
    ("started", "told"),
    [(0, False), (1, True), (ENDED - 1, True), (ENDED, False), (ENDED + 1, False)],
    ids=["never", "at the first", "just before", "at once", "after"],
)
def test_only_an_end_after_the_start_that_was_found_is_the_stops(
    house: House, started: int, *, told: bool
) -> None:
    context = house.gated()
    stop(house).apply(context)
    house.inside.finished_at = ENDED
    context = planned(context, replace(context.operation.planned.found, started_at=started))
    assert stop(house).revert(context).get("finished_at") == (ENDED if told else None)


def test_found_running_but_unhealthy_it_may_not_end(house: House) -> None:
    context = house.gated()
    found = replace(context.operation.planned.found, healthy=False, policy="no")
    context = planned(context, found)
    stop(house).apply(context)
    house.inside.image = CRASHES
    house.engine.set_policy(house.web, "no")
    with pytest.raises(UnhealthyError, match=r"^web is not healthy: it does not run any more$"):
        stop(house).revert(context)


def test_found_in_a_crash_loop_it_is_started_under_its_policy_and_need_not_run(
    house: House,
) -> None:
    context = house.gated()
    found = replace(context.operation.planned.found, healthy=False, state="restarting")
    context = planned(context, found)
    stop(house).apply(context)
    house.inside.image = CRASHES
    house.engine.set_policy(house.web, "no")
    ended = house.inside.finished_at
    assert stop(house).revert(context) == {
        "said": "started under its policy, as it was found",
        "finished_at": ended,
    }
    house.engine.host.agenda.spend(5_000)
    assert house.state() in {("running", "unless-stopped"), ("restarting", "unless-stopped")}
    assert house.inside.restarts >= 2


@pytest.mark.parametrize("policy", ["unless-stopped", "no"])
def test_found_unwell_it_may_end_at_once_where_its_policy_starts_it_again(
    house: House, policy: str
) -> None:
    context = house.gated()
    found = replace(context.operation.planned.found, healthy=False, state="running", policy=policy)
    context = planned(context, found)
    stop(house).apply(context)
    house.inside.image = CRASHES
    house.engine.set_policy(house.web, "no")
    house.engine.wire.watch = lambda verb: (
        house.engine.host.agenda.spend(50) if verb == "inspect" else None
    )
    if policy == "no":
        with pytest.raises(UnhealthyError, match="it does not run any more"):
            stop(house).revert(context)
        return
    stop(house).revert(context)
    house.engine.wire.watch = lambda _: None
    house.engine.host.agenda.spend(5_000)
    assert house.state() in {("running", "unless-stopped"), ("restarting", "unless-stopped")}
    assert house.inside.restarts >= 2


@pytest.mark.parametrize("stopped", [True, False])
def test_found_paused_it_is_paused_again_without_a_gate(house: House, *, stopped: bool) -> None:
    house.engine.pause(house.web)
    context = house.gated()
    found = replace(context.operation.planned.found, healthy=False, state="paused")
    context = planned(context, found)
    if stopped:
        stop(house).apply(context)
        house.inside.image = SICK
    ended = {"finished_at": house.inside.finished_at} if stopped else {}
    for _ in range(2):
        assert stop(house).revert(context) == {"said": "paused again", **ended}
        assert house.state() == ("paused", "unless-stopped")


def test_found_paused_it_may_not_end(house: House) -> None:
    context = house.gated()
    found = replace(context.operation.planned.found, healthy=False, state="paused")
    context = planned(context, found)
    stop(house).apply(context)
    house.inside.image = CRASHES
    house.engine.set_policy(house.web, "no")
    with pytest.raises(UnhealthyError, match="does not run any more"):
        stop(house).revert(context)


def test_found_stopped_it_is_left_so(house: House) -> None:
    context = planned(house.gated(), Found(container=house.web, version=1, state="exited"))
    stop(house).apply(context)
    assert stop(house).revert(context) == {}
    assert house.state() == ("exited", "unless-stopped")


def test_an_old_one_that_is_gone_is_made_again_under_its_policy(house: House) -> None:
    context = house.gated(spec=Spec(health=GATE, restart="on-failure:3", env={"A": "1"}))
    house.gone()
    house.engine.requests.clear()
    told = stop(house).revert(context)
    assert told["said"] == "healthy again"
    assert "warning" not in told
    assert house.state() == ("running", "on-failure:3")
    (asked,) = house.engine.requests
    assert (asked.name, asked.image, asked.spec.env) == ("web", IMAGE.id, {"A": "1"})
    assert asked.labels["occ.role"] == "restored"
    assert asked.labels["occ.version"] == "1"


def shadow(house: House) -> list[str]:
    """The lines of /etc/shadow in `web`, but for root's."""
    there = house.engine.read_file("web", SHADOW)
    return there.data.decode().splitlines()[1:] if there else []


def test_users_of_one_that_is_there_keep_their_passwords_and_nothing_is_said(
    house: House,
) -> None:
    context = replace(house.gated(), users=("ann", "bob"))
    stop(house).apply(context)
    before = shadow(house)
    assert "warning" not in stop(house).revert(context)
    assert shadow(house) == before


@pytest.mark.parametrize("healthy", [True, False])
def test_users_of_one_made_again_are_there_without_a_password_and_that_is_said(
    house: House, *, healthy: bool
) -> None:
    context = replace(house.gated(), users=("bob", "eve"))
    context = planned(context, replace(context.operation.planned.found, healthy=healthy))
    house.gone()
    assert stop(house).revert(context)["warning"] == (
        "the old container is made again, and its users have lost their passwords. "
        "locked until they have a password: "
        "occ user passwd bob --service web, occ user passwd eve --service web"
    )
    assert shadow(house)[1:] == ["bob:!::0:99999:7:::", "eve:!::0:99999:7:::"]


def test_a_user_that_the_image_itself_has_is_locked_in_one_made_again(
    tmp_path: Path,
) -> None:
    twin = b"twin:x:1004:100::/:/bin/sh\nann:x:1004:100::/:/bin/sh\n"
    image = replace(IMAGE, files=(replace(IMAGE.files[0], data=twin), *IMAGE.files[1:]))
    house = House(image, folder=tmp_path)
    version = replace(VERSION, image=image.id)
    context = replace(house.fitted(), users=("ann", "bob"), versions={1: version})
    house.gone()
    told = str(stop(house).revert(context)["warning"])
    assert "could not be written" not in told
    assert shadow(house) == ["ann:!:1::::::", "bob:!::0:99999:7:::"]


def test_the_image_of_an_old_one_that_is_gone_is_fetched_by_its_digest(house: House) -> None:
    house.engine.host.registry.publish(OLD_REFERENCE, IMAGE)
    context = house.gated()
    digest = f"example.test/web@{IMAGE.digest}"
    context = replace(context, versions={1: replace(context.versions[1], digests=(digest,))})
    house.gone()
    house.engine.host.prune("all images")
    assert house.engine.image(IMAGE.id) is None
    assert stop(house).revert(context)["said"] == "healthy again"


def test_an_old_one_that_is_gone_and_never_was_a_version_is_lost(house: House) -> None:
    context = planned(house.gated(), Found(container=house.web, state="running"))
    house.gone()
    with pytest.raises(NotFoundError, match="the old container of web is gone") as told:
        stop(house).revert(context)
    assert told.value.hint == "occ abandon"


def test_one_made_again_by_a_way_back_that_broke_off_gets_its_policy(house: House) -> None:
    context = house.gated(spec=Spec(health=GATE, restart="always"))
    house.gone()
    house.engine.wire.lose("set_policy", Loss("never"))
    with pytest.raises(EngineUnreachableError):
        stop(house).revert(context)
    assert house.state() == ("created", "no")
    assert stop(house).revert(context)["said"] == "healthy again"
    assert house.state() == ("running", "always")
