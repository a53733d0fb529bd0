"""The step that makes the replacement, and what it checks before anything is stopped."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from occ.domain.request import Request
from occ.domain.spec import Health, Login, Mount, Spec, Volume
from occ.engine.values import ContainerRequest, File
from occ.errors import (
    EngineRefusedError,
    EngineUnreachableError,
    FailedError,
    NameTakenError,
    NoProbeError,
    SecretMissingError,
    UserClashError,
)
from occ.operations.step_context import StepContext
from occ.operations.steps.create import CreateContainer
from occ.operations.steps.step import Result
from tests.doubles.engine.wire import Loss, When
from tests.unit.operations.house import NEW, TWO, House
from tests.unit.operations.inside import Heard

NAME = "web.occ-next"
SPEC = Spec(
    env={"A": "1"},
    secrets=("TOKEN",),
    volumes=(
        Volume(name="web.new", path="/new"),
        Volume(name="web.old", path="/old"),
        Volume(name="web.tried", path="/tried"),
        Volume(name="web.copied", path="/copied"),
        Volume(name="web.theirs", path="/theirs"),
    ),
)
OURS = {"occ.journal": "0123456789abcdef", "occ.service": "web", "occ.operation": "7"}
STEP = CreateContainer(NAME, 2)
ASKED = Spec(health=Health(path="/health", port=3000))


@pytest.fixture
def house(tmp_path: Path) -> House:
    return with_new(House(folder=tmp_path))


@pytest.fixture
def far(tmp_path: Path) -> House:
    """Its engine is not on this machine: a service is asked from inside its container."""
    return with_new(House(engine=Heard(local=False), folder=tmp_path))


def with_new(house: House) -> House:
    house.engine.host.images.add(NEW)
    house.engine.requests.clear()
    return house


def context(
    house: House, spec: Spec | None = None, *, probe: bool = False, users: tuple[str, ...] = ()
) -> StepContext:
    found = house.fitted(request=Request(probe=probe, users=users))
    return replace(found, versions={2: replace(TWO, spec=spec or Spec())})


def knowing(house: House, told: Result) -> StepContext:
    """The context of a resumed operation, in which the step was done."""
    context = house.context(results={STEP.name: told})
    return replace(context, versions={2: replace(TWO, spec=Spec())})


def made(house: House) -> str:
    there = house.engine.inspect(NAME)
    assert there is not None
    return there.id


def test_the_replacement_is_made_as_its_version_says_and_not_started(house: House) -> None:
    for name, mark in {
        "web.old": {**OURS, "occ.operation": "6"},
        "web.tried": OURS,
        "web.copied": {**OURS, "occ.copy": "ab"},
        "web.theirs": {**OURS, "occ.journal": "another"},
    }.items():
        house.engine.create_volume(name, mark)
    works_on = replace(context(house, SPEC), secrets={"TOKEN": "hunter22", "OTHER": "x"})
    told = STEP.apply(works_on)
    assert told == {
        "container": made(house),
        "name": NAME,
        "said": f"{NAME} ({made(house)[:12]})",
    }
    assert house.engine.requests == [
        ContainerRequest(
            name=NAME,
            image=NEW.id,
            spec=SPEC,
            labels={
                **OURS,
                "occ.role": "replacement",
                "occ.version": "2",
                "occ.spec": SPEC.digest(),
                "occ.owner": "ann@here:journal",
                "occ.head": "1:ab",
            },
            alias="web",
            secrets={"TOKEN": "hunter22"},
            fresh=frozenset({"web.new", "web.tried"}),
        )
    ]
    there = house.engine.inspect(NAME)
    assert there is not None
    assert (there.state, there.policy) == ("created", "no")


def test_a_volume_that_is_not_there_is_made_with_our_labels(house: House) -> None:
    STEP.apply(context(house, Spec(volumes=SPEC.volumes[:1])))
    assert house.engine.volume("web.new") == {**OURS, "occ.version": "2"}


def test_a_replacement_of_this_operation_is_not_made_twice(house: House) -> None:
    assert STEP.seen(context(house)) is None
    told = STEP.apply(context(house))
    assert STEP.seen(knowing(house, told)) == told
    assert STEP.apply(context(house)) == told
    assert len(house.engine.requests) == 1


def test_a_replacement_that_no_result_names_is_not_taken_for_whole(house: House) -> None:
    told = STEP.apply(context(house))
    assert STEP.seen(context(house)) is None
    assert STEP.seen(knowing(house, {**told, "container": "of another"})) is None


@pytest.mark.parametrize("networks", [("front", "back"), ("front", "back", "side")])
@pytest.mark.parametrize("verb", ["create", "connect"])
@pytest.mark.parametrize("how", ["never", "now", "later"])
def test_one_that_was_left_between_two_networks_joins_the_rest(
    house: House, verb: str, how: When, networks: tuple[str, ...]
) -> None:
    house.engine.host.networks |= set(networks)
    works_on = context(house, Spec(networks=networks))
    house.engine.wire.lose(verb, Loss(how, 15))
    with pytest.raises(EngineUnreachableError):
        STEP.apply(works_on)
    house.engine.host.agenda.spend(50)
    assert STEP.seen(works_on) is None
    STEP.apply(works_on)
    there = house.engine.inspection(made(house))
    assert there is not None
    assert set(there.networks) == set(networks)


def test_one_of_a_single_network_has_it_from_the_start_and_costs_no_look_at_it(
    house: House,
) -> None:
    house.engine.host.networks.add("front")
    STEP.apply(context(house, Spec(networks=("front",))))
    looks: list[int] = []
    for spec in (Spec(), Spec(networks=("front",))):
        asked: list[str] = []
        house.engine.wire.watch = asked.append
        STEP.apply(context(house, spec))
        looks.append(asked.count("inspect"))
    assert looks[0] == looks[1]


def test_one_that_was_left_before_its_checks_is_checked(far: House) -> None:
    works_on = context(far, ASKED, probe=True)
    far.engine.wire.lose("create", Loss("now"))
    with pytest.raises(EngineUnreachableError):
        STEP.apply(works_on)
    assert made(far)
    assert STEP.seen(works_on) is None
    with pytest.raises(NoProbeError):
        STEP.apply(works_on)


def test_a_replacement_is_removed_and_its_volumes_stay(house: House) -> None:
    works_on = context(house, Spec(volumes=SPEC.volumes[:1]))
    STEP.apply(works_on)
    assert STEP.revert(works_on) == {"said": "removed"}
    assert house.engine.inspect(NAME) is None
    assert house.engine.volume("web.new") is not None
    assert STEP.revert(works_on) == {}


def test_a_creation_in_doubt_is_made_before_it_is_undone(house: House) -> None:
    STEP.settle(context(house))
    assert made(house)
    assert house.engine.requests[0].labels["occ.role"] == "replacement"


def test_a_creation_in_doubt_is_made_without_the_secrets_that_have_no_value(
    house: House,
) -> None:
    STEP.settle(context(house, Spec(secrets=("TOKEN", "KEY"))))
    assert [asked.secrets for asked in house.engine.requests] == [{"TOKEN": "hunter22", "KEY": ""}]
    assert made(house)


def test_what_cannot_be_created_needs_no_removal(house: House) -> None:
    house.put(NAME)
    STEP.settle(context(house))
    assert set(house.engine.names()) == {"web", NAME}


def test_an_engine_that_does_not_answer_leaves_a_creation_in_doubt(house: House) -> None:
    house.engine.wire.lose("create", Loss("never"))
    with pytest.raises(EngineUnreachableError):
        STEP.settle(context(house))


def test_a_secret_without_a_value_makes_no_container(house: House) -> None:
    spec = Spec(secrets=("TOKEN", "KEY", "PIN"))
    with pytest.raises(SecretMissingError, match="the secret KEY has no value") as told:
        STEP.apply(context(house, spec))
    assert told.value.hint == "occ secret set KEY --service web, then: occ resume"
    assert house.engine.requests == []


def test_a_name_that_somebody_has_is_a_refusal(house: House) -> None:
    house.put(NAME)
    with pytest.raises(NameTakenError):
        STEP.apply(context(house))


def test_our_own_earlier_call_that_comes_late_is_the_replacement(house: House) -> None:
    house.engine.wire.lose("create", Loss("later", 15))
    with pytest.raises(EngineUnreachableError):
        STEP.apply(context(house))
    told = STEP.apply(context(house))
    assert told["container"] == made(house)
    assert len(house.engine.requests) == 2


def test_a_container_that_is_gone_right_after_its_creation_is_a_failure(house: House) -> None:
    host = house.engine.host

    def pruned(verb: str) -> None:
        if verb == "inspect" and (there := host.find(NAME)):
            host.remove(there)

    house.engine.wire.watch = pruned
    with pytest.raises(FailedError, match=r"web\.occ-next was created and is gone again"):
        STEP.apply(context(house))


def test_what_the_engine_refuses_fails_the_step(house: House) -> None:
    spec = Spec(mounts=(Mount(source="/nowhere", path="/data"),))
    with pytest.raises(EngineRefusedError, match="bind source path does not exist"):
        STEP.apply(context(house, spec))


def test_a_container_that_nobody_can_ask_is_refused_before_anything_is_stopped(
    far: House,
) -> None:
    with pytest.raises(NoProbeError, match=r"no way to ask /health of web\.occ-next$") as told:
        STEP.apply(context(far, ASKED, probe=True))
    ways = "publish its port, have curl or wget in the image, or go without: --no-probe"
    assert told.value.hint == ways


@pytest.mark.parametrize("more", [{"scheme": "https"}, {"auth": Login(user="ann", secret="TOKEN")}])
def test_what_no_program_inside_may_ask_is_not_helped_by_one(
    far: House, more: dict[str, Any]
) -> None:
    asked = Spec(health=replace(ASKED.health, **more))
    with pytest.raises(NoProbeError, match=r"web\.occ-next with a login or over TLS") as told:
        STEP.apply(context(far, asked, probe=True))
    assert told.value.hint == "publish its port, or go without: --no-probe"


def test_a_container_that_can_be_asked_is_none_the_worse_for_it(house: House) -> None:
    assert STEP.apply(context(house, ASKED, probe=True))["container"] == made(house)


@pytest.mark.parametrize(("spec", "probe"), [(ASKED, False), (Spec(), True)])
def test_where_nothing_is_asked_no_way_is_needed(far: House, spec: Spec, *, probe: bool) -> None:
    assert STEP.apply(context(far, spec, probe=probe))["container"] == made(far)


def test_a_user_that_clashes_is_found_before_anything_is_stopped(house: House) -> None:
    eve = replace(NEW, files=(File(path="/etc/passwd", data=b"eve:x:1004:5::/:/bin/sh\n"),))
    house.engine.host.images.add(eve)
    works_on = context(house, users=("ann",))
    works_on = replace(works_on, versions={2: replace(TWO, image=eve.id, spec=Spec())})
    with pytest.raises(UserClashError, match="uid 1004 of ann belongs to eve"):
        replace(STEP, source=house.web).apply(works_on)
    assert STEP.apply(works_on)["container"] == made(house)


def test_without_users_no_account_files_are_needed(house: House) -> None:
    bare = replace(NEW, files=())
    house.engine.host.images.add(bare)
    works_on = context(house)
    works_on = replace(works_on, versions={2: replace(TWO, image=bare.id, spec=Spec())})
    assert STEP.apply(works_on)["container"] == made(house)
