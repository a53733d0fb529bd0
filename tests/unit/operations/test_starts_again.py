"""What a gate does as an engine would: when a container is started again, and after which pause."""

from dataclasses import replace
from pathlib import Path

import pytest

from occ.domain.operation import StepState
from occ.domain.request import StepPlan
from occ.domain.spec import Spec
from occ.errors import UnhealthyError
from occ.operations.steps.proof import ProveHealth, pause_ms, starts_again
from occ.operations.steps.step import RepeatError
from tests.doubles.engine.image import BuiltImage
from tests.unit.operations.house import CRASHES, GATE, NEW, SICK, House

FULL = replace(
    CRASHES, behaviour=replace(CRASHES.behaviour, says=(b"write: no space left on device",))
)
SPEC = Spec(restart="always", health=replace(GATE, restarts_allowed=1))


def proof(folder: Path, image: BuiltImage, policy: str = "no", spec: Spec = SPEC) -> None:
    """A gate of 5 s over a replacement of this image, which it never passes."""
    house = House(folder=folder)
    container = house.replacement(image)
    house.engine.start(container)
    house.engine.host.agenda.spend(10)
    house.engine.set_policy(container, policy)
    ProveHealth("replacement", 2, 5_000).apply(house.gated(spec=spec))


def test_an_end_is_granted_as_often_as_it_is_allowed(tmp_path: Path) -> None:
    with pytest.raises(RepeatError) as again:
        proof(tmp_path, CRASHES)
    assert again.value.exited_at > 0
    assert again.value.said.startswith("web.occ-next is not healthy: it is exited")


@pytest.mark.parametrize(
    ("image", "policy", "spec"),
    [
        (CRASHES, "no", replace(SPEC, health=GATE)),
        (CRASHES, "no", replace(SPEC, restart="no")),
        (CRASHES, "unless-stopped", SPEC),
        (SICK, "no", SPEC),
        (FULL, "no", SPEC),
    ],
    ids=["none allowed", "no policy", "the engine's to start", "it runs", "a full disk"],
)
def test_any_other_failure_is_final(
    tmp_path: Path, image: BuiltImage, policy: str, spec: Spec
) -> None:
    with pytest.raises(UnhealthyError):
        proof(tmp_path, image, policy, spec)


def test_a_full_disk_is_told_and_is_not_the_versions_own_doing(tmp_path: Path) -> None:
    with pytest.raises(UnhealthyError) as failed:
        proof(tmp_path, FULL)
    assert failed.value.message.endswith(", exit code 1 (a disk that it writes to is full)")
    assert not failed.value.own


def unstarted(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_container: str) -> None:
        raise AssertionError("started again")

    monkeypatch.setattr(house.engine, "start", start)


def test_a_container_that_has_never_run_is_not_started_by_its_gate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(folder=tmp_path)
    house.replacement(NEW)
    unstarted(house, monkeypatch)
    with pytest.raises(UnhealthyError, match="it is created"):
        ProveHealth("replacement", 2, 5_000).apply(house.gated(spec=SPEC))


def test_a_container_that_was_started_again_before_a_crash_is_not_started_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(folder=tmp_path)
    container = house.replacement(NEW)
    house.engine.start(container)
    house.engine.stop(container, grace_ms=1)
    ended = house.engine.inspect(container)
    assert ended is not None
    house.engine.start(container)
    unstarted(house, monkeypatch)
    context = house.gated(spec=SPEC)
    plan = StepPlan(name="prove_health")
    repeated = StepState(plan=plan, repeats=1, exited_at=ended.finished_at)
    context = replace(context, operation=replace(context.operation, steps=(repeated,)))
    assert ProveHealth("replacement", 2, 5_000).apply(context)["healthy"]


@pytest.mark.parametrize(
    ("times", "ms"),
    [(1, 100), (2, 200), (3, 400), (10, 51_200), (11, 60_000), (12, 60_000), (1 << 40, 60_000)],
)
def test_each_pause_is_twice_the_one_before_up_to_a_minute(times: int, ms: int) -> None:
    assert pause_ms(times) == ms


@pytest.mark.parametrize(
    ("policy", "exit_code", "times", "again"),
    [
        ("always", 0, 7, True),
        ("unless-stopped", 1, 7, True),
        ("on-failure", 1, 7, True),
        ("on-failure", 0, 0, False),
        ("on-failure:2", 1, 1, True),
        ("on-failure:2", 1, 2, False),
        ("no", 1, 0, False),
    ],
)
def test_a_container_is_started_again_as_its_policy_has_it(
    policy: str, exit_code: int, times: int, *, again: bool
) -> None:
    assert starts_again(policy, exit_code, times) is again
