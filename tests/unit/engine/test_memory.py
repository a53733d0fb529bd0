"""What tests can have the engine in memory do that no test can have a real one do at will."""

from typing import TYPE_CHECKING

import pytest

from occ.domain.spec import Port, Spec, Volume
from occ.engine.values import ContainerRequest
from occ.errors import EngineUnreachableError, NameTakenError, PortTakenError
from tests.contract.memory_lab import MemoryLab
from tests.doubles.engine.engine import MemoryEngine
from tests.doubles.engine.wire import Loss

if TYPE_CHECKING:
    from tests.contract.lab import RoughLab


class CallerDiedError(BaseException):
    """Passes through everything that handles errors."""


@pytest.fixture
def lab() -> MemoryLab:
    return MemoryLab()


def request(
    lab: MemoryLab, name: str = "web", kind: str = "good", port: int = 0
) -> ContainerRequest:
    ports = (Port(container=3000, host=port),) if port else ()
    spec = Spec(ports=ports, volumes=(Volume(name="data", path="/data"),))
    return ContainerRequest(
        name=name, image=lab.image(kind), spec=spec, labels={"a": "b"}, alias="web"
    )


def running(lab: MemoryLab, kind: str = "good") -> str:
    made = lab.engine.create(request(lab, kind=kind))
    lab.engine.start(made)
    return made


def state(engine: MemoryEngine, container: str) -> str:
    there = engine.inspect(container)
    return there.state if there else "gone"


def test_it_is_a_rough_lab(lab: MemoryLab) -> None:
    whole: RoughLab = lab  # mypy compares them
    assert whole.engine.info().local


@pytest.mark.parametrize(
    ("loss", "at_once", "in_a_while"),
    [
        (Loss("now"), "running", "running"),
        (Loss("later", 5_000), "created", "running"),
        (Loss("never"), "created", "created"),
    ],
)
def test_a_lost_start_is_carried_out_now_later_or_never(
    lab: MemoryLab, loss: Loss, at_once: str, in_a_while: str
) -> None:
    made = lab.engine.create(request(lab))
    lab.memory.wire.lose("start", loss)
    with pytest.raises(EngineUnreachableError):
        lab.engine.start(made)
    assert lab.memory.host.there(made).state == at_once
    lab.clock.sleep(6_000)
    assert state(lab.memory, made) == in_a_while


def test_calls_of_a_container_wait_for_one_that_is_still_to_be_carried_out(lab: MemoryLab) -> None:
    made = lab.engine.create(request(lab))
    lab.memory.wire.lose("start", Loss("later", 5_000))
    with pytest.raises(EngineUnreachableError):
        lab.engine.start(made)
    lab.engine.stop(made, 1_000)
    assert state(lab.memory, made) == "exited"
    lab.clock.sleep(20_000)
    assert state(lab.memory, made) == "exited"


def test_the_name_of_a_container_that_is_being_made_is_taken(lab: MemoryLab) -> None:
    lab.memory.wire.lose("create", Loss("later", 5_000))
    with pytest.raises(EngineUnreachableError):
        lab.engine.create(request(lab))
    with pytest.raises(NameTakenError, match="that is being made"):
        lab.engine.create(request(lab))
    lab.clock.sleep(6_000)
    there = lab.engine.inspect("web")
    assert there is not None
    assert there.state == "created"


def test_a_caller_that_dies_dies_through_everything(lab: MemoryLab) -> None:
    made = running(lab)
    lab.memory.wire.watch = lambda verb: (
        Loss("now", 0, CallerDiedError()) if verb == "rename" else None
    )
    with pytest.raises(CallerDiedError):
        lab.engine.rename(made, "other")
    there = lab.engine.inspect(made)
    assert there is not None
    assert there.name == "other"


def test_a_stop_goes_on_alone_and_a_start_meanwhile_is_nothing(lab: MemoryLab) -> None:
    made = running(lab, "slow")
    lab.abandoned_stop(made, 10_000)
    lab.engine.start(made)
    assert state(lab.memory, made) == "running"
    lab.engine.stop(made, 10_000)
    assert state(lab.memory, made) == "exited"
    lab.engine.start(made)
    lab.clock.sleep(20_000)
    assert state(lab.memory, made) == "running"


def test_what_a_frozen_engine_was_asked_it_does_when_it_thaws(lab: MemoryLab) -> None:
    made = lab.engine.create(request(lab))
    before = lab.clock.monotonic()
    with lab.frozen(), pytest.raises(EngineUnreachableError, match="does not answer"):
        lab.engine.start(made)
    assert lab.clock.monotonic() - before >= 120_000
    assert state(lab.memory, made) == "running"


def test_of_two_with_one_port_one_comes_back_and_it_may_be_the_old_one(lab: MemoryLab) -> None:
    old = lab.engine.create(request(lab, "old", port=8080))
    lab.engine.start(old)
    lab.engine.stop(old, 1_000)
    new = lab.engine.create(request(lab, "new", port=8080))
    lab.engine.start(new)
    for one in (old, new):
        lab.engine.set_policy(one, "always")
    lab.memory.restart("power cut", first=(new,))
    assert (state(lab.memory, old), state(lab.memory, new)) == ("exited", "running")
    lab.memory.restart("power cut", first=(old,))
    assert (state(lab.memory, old), state(lab.memory, new)) == ("running", "exited")
    with pytest.raises(PortTakenError):
        lab.engine.start(new)


def test_a_crash_loop_backs_off_and_a_stop_ends_it(lab: MemoryLab) -> None:
    made = lab.engine.create(request(lab, kind="crash"))
    lab.engine.set_policy(made, "always")
    lab.engine.start(made)
    seen = set()
    for _ in range(200):
        lab.clock.sleep(50)
        seen.add(state(lab.memory, made))
    assert seen == {"running", "restarting"}
    there = lab.engine.inspect(made)
    assert there is not None
    assert 5 <= there.restarts <= 9
    lab.engine.stop(made, 1_000)
    lab.clock.sleep(100_000)
    assert state(lab.memory, made) == "exited"


def test_two_on_one_volume_and_the_second_ends(lab: MemoryLab) -> None:
    running(lab)
    second = lab.engine.create(request(lab, "second"))
    lab.engine.start(second)
    lab.clock.sleep(1_000)
    there = lab.engine.inspect(second)
    assert there is not None
    assert (there.state, there.exit_code) == ("exited", 3)
    assert list(lab.engine.logs(second))[-1] == b"another service runs on /data"
