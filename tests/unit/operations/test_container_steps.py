"""The steps that start, prove, name and remove containers, each with its way back."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from occ.domain.events import VersionJudged
from occ.domain.request import Found
from occ.domain.spec import Spec
from occ.errors import (
    EngineRefusedError,
    EngineUnreachableError,
    FailedError,
    NoProgramError,
    NotFoundError,
    PortTakenError,
    UnhealthyError,
)
from occ.operations.step_context import StepContext
from occ.operations.steps.containers import (
    RemoveContainer,
    RenameContainer,
    SetPolicy,
    StartContainer,
)
from occ.operations.steps.proof import ProveHealth
from tests.doubles.engine.image import Behaviour, BuiltImage
from tests.doubles.engine.wire import Loss
from tests.unit.operations.house import DEAF, GATE, SICK, TWO, House

if TYPE_CHECKING:
    from occ.domain.values import Json


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(folder=tmp_path)


def test_a_policy_is_set_and_the_one_before_put_back(house: House) -> None:
    step = SetPolicy(house.web, "no", back="unless-stopped")
    assert step.seen(house.context()) is None
    assert step.apply(house.context()) == {"said": "no"}
    assert house.state() == ("running", "no")
    assert step.seen(house.context()) == {"said": "no"}
    assert step.revert(house.context()) == {}
    assert house.state() == ("running", "unless-stopped")


@pytest.mark.parametrize(
    ("back", "exit_code", "state"),
    [
        ("always", 0, "running"),
        ("unless-stopped", 1, "running"),
        ("on-failure:3", 1, "running"),
        ("on-failure:3", 0, "exited"),
    ],
)
def test_what_ended_by_itself_without_a_policy_is_started_under_its_own(
    house: House, back: str, exit_code: int, state: str
) -> None:
    step = SetPolicy(house.web, "no", back=back)
    step.apply(house.context())
    house.engine.stop(house.web, 1_000)
    house.engine.host.there(house.web).exit_code = exit_code
    said = step.revert(house.context()).get("said", "")
    assert house.state() == (state, back)
    assert bool(said) == (state == "running")


def test_what_ended_before_its_policy_was_taken_stays_as_it_is(house: House) -> None:
    step = SetPolicy(house.web, "no", back="always")
    house.engine.stop(house.web, 1_000)
    assert step.revert(house.context()) == {}
    assert house.state() == ("exited", "always")


def test_a_policy_without_one_to_go_back_to_stays(house: House) -> None:
    SetPolicy(house.web, "always").apply(house.context())
    SetPolicy(house.web, "always").revert(house.context())
    assert house.state() == ("running", "always")


def test_a_policy_in_doubt_is_set_before_it_is_undone(house: House) -> None:
    SetPolicy(house.web, "no", back="always").settle(house.context())
    assert house.state() == ("running", "no")


def test_a_policy_in_doubt_that_is_refused_is_no_obstacle_to_undoing(house: House) -> None:
    SetPolicy(house.web, "sometimes", back="always").settle(house.context())
    assert house.state() == ("running", "unless-stopped")


def test_an_engine_that_does_not_answer_leaves_a_policy_in_doubt(house: House) -> None:
    house.engine.wire.lose("set_policy", Loss("never"))
    with pytest.raises(EngineUnreachableError):
        SetPolicy(house.web, "no").settle(house.context())


def test_the_policy_of_what_is_gone_needs_no_undoing(house: House) -> None:
    step = SetPolicy(house.web, "no", back="always")
    house.gone()
    assert step.seen(house.context()) is None
    step.settle(house.context())
    assert step.revert(house.context()) == {}
    with pytest.raises(NotFoundError, match=f"^the container {house.web[:12]} of web is gone$"):
        step.apply(house.context())


def test_a_container_is_started_and_stopped_again(house: House) -> None:
    house.replacement()
    step = StartContainer("replacement")
    assert step.seen(house.context()) is None
    assert step.apply(house.context()) == {"said": "web.occ-next"}
    assert step.seen(house.context()) == {"said": "web.occ-next"}
    assert step.revert(house.context()) == {"said": "stopped"}
    assert house.state("web.occ-next") == ("exited", "no")


def test_a_start_of_what_is_gone_fails_and_its_undoing_does_nothing(house: House) -> None:
    step = StartContainer("replacement")
    assert step.seen(house.context()) is None
    assert step.revert(house.context()) == {}
    with pytest.raises(NotFoundError, match=r"^the replacement of web is gone$") as told:
        step.apply(house.context())
    assert told.value.hint == "occ abort"


def made(house: House, container: str) -> StepContext:
    """The context in which the journal has the result of the replacement's making."""
    result: dict[str, Json] = {"container": container, "name": "web.occ-next"}
    return house.context(results={"create_container": result})


def test_a_replacement_that_a_result_names_is_started_without_a_look(house: House) -> None:
    context = made(house, house.replacement())
    house.engine.looks.clear()
    assert StartContainer("replacement").apply(context) == {"said": "web.occ-next"}
    assert house.engine.looks == []
    assert house.state("web.occ-next") == ("running", "no")


def test_a_replacement_that_a_result_names_is_found_by_its_id(house: House) -> None:
    new = house.replacement()
    context = made(house, new)
    house.engine.looks.clear()
    found = context.find("replacement")
    assert found is not None
    assert (found.id, house.engine.looks) == (new, [new])


def test_where_the_one_that_a_result_names_is_gone_its_labels_tell(house: House) -> None:
    context = made(house, "f" * 64)
    with pytest.raises(NotFoundError, match=r"^the replacement of web is gone$"):
        StartContainer("replacement").apply(context)
    new = house.replacement()
    assert context.there("replacement").id == new
    assert StartContainer("replacement").apply(context) == {"said": "web.occ-next"}
    assert house.state("web.occ-next") == ("running", "no")


@pytest.mark.parametrize(("version", "grace"), [(2, 3_000), (9, 10_000)])
def test_a_start_is_undone_within_the_grace_of_its_version(
    house: House, version: int, grace: int
) -> None:
    house.engine.start(house.replacement(DEAF))
    context = house.gated(spec=Spec(stop_timeout_ms=3_000))
    context = replace(context, operation=replace(context.operation, version=version))
    before = house.engine.host.agenda.at
    StartContainer("replacement").revert(context)
    assert grace <= house.engine.host.agenda.at - before < grace + 100


def prove(deadline_ms: int = 60_000, *, lenient: bool = False) -> ProveHealth:
    return ProveHealth("replacement", 2, deadline_ms, lenient)


def test_a_container_that_passes_its_gate_proves_its_version(house: House) -> None:
    context = house.gated()
    house.engine.start(house.replacement())
    assert prove().seen(context) is None
    began = house.now()
    told = prove().apply(context)
    good = told["first_good_at"]
    assert isinstance(good, int)
    assert began < good < began + 1_000
    after = told["good_after_ms"]
    assert isinstance(after, int)
    assert 100 <= after < 200
    assert told == {
        "healthy": True,
        "first_good_at": good,
        "good_after_ms": after,
        "reported": "2",
        "said": "reports version 2",
    }
    assert prove().facts(told) == (VersionJudged(2, "proven", "2"),)


def test_a_service_that_reports_no_version_is_healthy_all_the_same(house: House) -> None:
    context = house.gated(spec=Spec(health=replace(GATE, version_field="")))
    house.engine.start(house.replacement())
    told = prove().apply(context)
    assert (told["said"], told["reported"]) == ("healthy", "")
    assert prove().facts(told) == (VersionJudged(2, "proven", ""),)
    assert prove().facts({}) == (VersionJudged(2, "proven", ""),)


def test_the_gate_is_that_of_the_version(house: House) -> None:
    context = house.gated()
    context = replace(context, versions={**context.versions, 2: TWO})
    house.engine.start(house.replacement(SICK))
    assert str(prove().apply(context)["said"]).startswith("runs steadily (no health path")


def test_a_container_that_fails_its_gate_makes_its_version_bad(house: House) -> None:
    house.engine.start(house.replacement(SICK))
    began = house.now()
    with pytest.raises(UnhealthyError, match="answered 503") as failed:
        prove(5_000).apply(house.gated())
    assert 5_000 < house.now() - began < 15_000
    assert prove().blame(house.gated(), failed.value) == (VersionJudged(2, "bad"),)


def test_what_is_not_its_own_doing_does_not_make_a_version_bad(house: House) -> None:
    context = house.gated()
    assert prove().blame(context, EngineRefusedError("no")) == ()
    assert prove().blame(context, UnhealthyError("the engine restarted", own=False)) == ()


def test_a_program_that_cannot_be_run_makes_the_version_bad_and_a_taken_port_does_not(
    house: House,
) -> None:
    context = house.gated()
    context = replace(context, operation=replace(context.operation, version=2))
    start = StartContainer("replacement")
    assert start.blame(context, NoProgramError("no")) == (VersionJudged(2, "bad"),)
    assert start.blame(context, PortTakenError("no")) == ()
    assert StartContainer("c-two").blame(context, NoProgramError("no")) == ()


def test_a_version_that_was_proven_is_left_running_and_that_is_said(house: House) -> None:
    house.engine.start(house.replacement(SICK))
    hasty = Spec(health=replace(GATE, timeout_ms=5_000))
    told = prove(5_000, lenient=True).apply(house.gated(spec=hasty))
    tail = told["log_tail"]
    assert isinstance(tail, list)
    assert tail[-2:] == ["too new for me", "ready"]
    assert told == {
        "healthy": False,
        "said": "web.occ-next is not healthy: /health answered 503, not 200",
        "log_tail": tail,
    }
    assert prove().facts(told) == ()
    assert house.state("web.occ-next") == ("running", "no")


def test_there_is_nothing_to_prove_of_what_is_gone(house: House) -> None:
    with pytest.raises(NotFoundError, match="the replacement of web is gone"):
        prove().apply(house.gated())


def with_volume(house: House, *, ours: bool) -> str:
    """A running container with an anonymous volume."""
    image = BuiltImage(volumes=("/data",), behaviour=Behaviour(stops_in=None))
    made = house.put("old", image, "replacement" if ours else None)
    house.engine.start(made)
    return made


@pytest.mark.parametrize("ours", [True, False])
def test_a_removed_container_takes_anonymous_volumes_only_if_they_were_ours(
    house: House, *, ours: bool
) -> None:
    made = with_volume(house, ours=ours)
    assert len(house.engine.host.volumes) == 1
    step = RemoveContainer(made)
    assert step.seen(house.fitted()) is None
    assert step.apply(house.fitted()) == {"said": "removed"}
    assert step.seen(house.fitted()) == {"said": "removed"}
    assert len(house.engine.host.volumes) == (0 if ours else 1)
    assert house.state() == ("running", "unless-stopped")


@pytest.mark.parametrize("found", ["running", "exited"])
@pytest.mark.parametrize("runs", [True, False])
@pytest.mark.parametrize("old", [True, False])
def test_only_of_the_old_one_that_was_found_stopped_it_is_said_that_it_ran_again(
    house: House, found: str, *, runs: bool, old: bool
) -> None:
    other = house.put("web.old")
    house.engine.start(other)
    one = house.web if old else other
    if not runs:
        house.engine.stop(one, 1_000)
    context = house.context(found=Found(container=house.web, version=1, state=found))
    told = {"said": "removed"}
    if old and runs and found == "exited":
        told["warning"] = "web was found stopped and ran again since: it was stopped and removed"
    assert RemoveContainer(one).apply(context) == told
    assert house.engine.inspect(one) is None


def test_a_container_of_another_journal_leaves_its_volumes(house: House) -> None:
    made = with_volume(house, ours=True)
    RemoveContainer(made).apply(replace(house.fitted(), journal="another"))
    assert len(house.engine.host.volumes) == 1


def test_what_is_to_be_removed_is_stopped_within_its_grace(house: House) -> None:
    made = with_volume(house, ours=True)
    before = house.engine.host.agenda.at
    context = house.gated(spec=Spec(stop_timeout_ms=4_000))
    RemoveContainer(made).apply(context)
    assert 4_000 <= house.engine.host.agenda.at - before < 4_100


def test_the_replacement_gets_the_services_name(house: House) -> None:
    house.gone()
    house.replacement()
    step = RenameContainer("replacement", "web")
    assert step.seen(house.context()) is None
    assert step.apply(house.context()) == {"said": "web"}
    assert set(house.engine.names()) == {"web"}
    assert step.seen(house.context()) == {"said": "web"}


def test_a_name_that_somebody_has_is_not_taken(house: House) -> None:
    house.replacement()
    with pytest.raises(FailedError, match="already in use"):
        RenameContainer("replacement", "web").apply(house.context())


def test_what_is_gone_has_no_name(house: House) -> None:
    step = RenameContainer("replacement", "web")
    assert step.seen(house.context()) is None
    with pytest.raises(NotFoundError, match="the replacement of web is gone"):
        step.apply(house.context())


def test_a_replacement_that_is_gone_when_nothing_leads_back_is_said(house: House) -> None:
    context = house.context()
    context = replace(context, operation=replace(context.operation, activated=True))
    assert RenameContainer("replacement", "web").apply(context) == {
        "said": "it is gone",
        "warning": "the new container of web is gone: occ start makes it again",
    }
    assert SetPolicy("replacement", "always").apply(context) == {"said": "it is gone"}
