"""The bad days of an engine: silence, an end, a restart, somebody who cleans up."""

import pytest

from occ.errors import EngineUnreachableError
from tests.contract.asked import made, request, running, seen
from tests.contract.lab import End, RoughLab

_POLICIES = ("no", "on-failure", "unless-stopped", "always")


# The SDK leaves the socket of a connection that was refused to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_engine_that_is_not_there(rough: RoughLab) -> None:
    asked = request(rough)
    with rough.absent():
        for call in (
            rough.engine.info,
            rough.engine.names,
            lambda: rough.engine.inspect("web"),
            lambda: rough.engine.create(asked),
        ):
            with pytest.raises(EngineUnreachableError):
                call()
    assert rough.engine.info().id


def test_an_engine_that_does_not_answer_is_not_waited_for_for_ever(rough: RoughLab) -> None:
    engine = rough.engine
    identity = engine.info().id
    with rough.frozen():
        with pytest.raises(EngineUnreachableError):
            engine.info()
        with pytest.raises(EngineUnreachableError):
            engine.inspect("web")
    assert engine.info().id == identity


@pytest.mark.parametrize("end", ["terminated", "killed", "power cut"])
def test_it_tells_when_it_was_started(rough: RoughLab, end: End) -> None:
    container = running(rough, "deaf", what="ran")
    before = rough.engine.started_at()
    assert 0 < before <= seen(rough, container).started_at
    rough.restart(end)
    again = rough.engine.started_at()
    there = seen(rough, container)
    assert again > there.started_at > before
    assert there.exit_code == (255 if end == "power cut" else 137)


@pytest.mark.parametrize(
    ("end", "back"),
    [
        ("terminated", {"unless-stopped", "always"}),
        ("killed", {"always"}),
        ("power cut", {"unless-stopped", "always", "on-failure"}),
    ],
)
def test_who_comes_back_when_the_engine_does(rough: RoughLab, end: End, back: set[str]) -> None:
    ran, stopped, waiting = {}, {}, {}
    for policy in _POLICIES:
        ran[policy] = running(rough, what=f"ran-{policy}")
        stopped[policy] = running(rough, what=f"stopped-{policy}")
        waiting[policy] = made(rough, what=f"created-{policy}")
        for container in (ran[policy], stopped[policy], waiting[policy]):
            rough.engine.set_policy(container, policy)
        rough.engine.stop(stopped[policy], 5_000)
    failed = running(rough, "deaf", what="failed")
    rough.engine.set_policy(failed, "on-failure")
    rough.engine.stop(failed, 1_000)
    rough.restart(end)
    rough.until(lambda: all(seen(rough, ran[policy]).running for policy in back), seconds=30)
    rough.until(lambda: seen(rough, failed).running, seconds=30)
    assert {p for p in _POLICIES if seen(rough, ran[p]).running} == back
    assert {p for p in _POLICIES if seen(rough, stopped[p]).running} == {"always"}
    codes = {"terminated": 0, "killed": 0, "power cut": 255}
    assert seen(rough, ran["no"]).exit_code == codes[end]
    assert {seen(rough, one).state for one in waiting.values()} == {"created"}
    everyone = (*ran.values(), *stopped.values(), *waiting.values())
    assert [rough.engine.networks_lost(one) for one in everyone] == [()] * len(everyone)


def test_what_each_prune_takes(rough: RoughLab) -> None:
    runs, stopped = running(rough), made(rough, "sick", what="stopped")
    spare, kept = rough.image("brief"), rough.image("slow")
    rough.engine.tag(kept, f"{rough.name('keep')}:v1")
    rough.engine.create_volume(rough.name("spare"), {})
    rough.prune("images")
    assert rough.engine.image(spare) is None
    assert rough.engine.image(kept) is not None
    rough.prune("containers")
    assert rough.engine.inspect(stopped) is None
    assert seen(rough, runs).running
    rough.prune("volumes")
    assert rough.engine.volume(rough.name("spare")) is None
    assert rough.engine.volume(rough.name("web-data")) is not None
    rough.prune("all images")
    assert rough.engine.image(kept) is None
    assert rough.engine.image(seen(rough, runs).image) is not None
