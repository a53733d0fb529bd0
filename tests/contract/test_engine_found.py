"""The states that a container may be found in beside running and stopped, on every engine."""

from dataclasses import replace

import pytest

from occ.domain.spec import Spec
from occ.errors import EngineRefusedError, NotFoundError
from tests.contract.asked import made, request, running, seen
from tests.contract.lab import Lab


def test_what_is_paused_is_not_started_but_can_be_stopped(lab: Lab) -> None:
    container = running(lab)
    before = seen(lab, container)
    for _ in range(2):
        lab.engine.pause(container)
        assert seen(lab, container).state == "paused"
    with pytest.raises(EngineRefusedError):
        lab.engine.start(container)
    assert seen(lab, container).started_at == before.started_at
    lab.engine.set_policy(container, "no")
    lab.engine.stop(container, 5_000)
    assert seen(lab, container).state == "exited"
    with pytest.raises(EngineRefusedError):
        lab.engine.pause(container)
    with pytest.raises(NotFoundError):
        lab.engine.pause(lab.name("nobody"))


def test_a_policy_that_comes_after_the_end_brings_nothing_back(lab: Lab) -> None:
    container = made(lab, "crash")
    lab.engine.start(container)
    lab.until(lambda: seen(lab, container).state == "exited")
    lab.engine.set_policy(container, "always")
    assert (seen(lab, container).state, seen(lab, container).restarts) == ("exited", 0)
    lab.engine.start(container)
    lab.until(lambda: seen(lab, container).restarts >= 1)
    lab.engine.set_policy(container, "no")
    lab.until(lambda: seen(lab, container).state == "exited")


@pytest.mark.parametrize("ran", [True, False])
def test_a_network_that_was_made_anew_is_another_one_to_who_was_in_it(lab: Lab, ran: bool) -> None:
    net = lab.name("net")
    lab.network(net)
    asked = request(lab)
    container = lab.engine.create(replace(asked, spec=replace(asked.spec, networks=(net,))))
    if ran:
        lab.engine.start(container)
        lab.engine.stop(container, 5_000)
    assert lab.engine.networks_lost(container) == ()
    lab.remove_network(net)
    assert lab.engine.networks_lost(container) == ((net,) if ran else ())
    lab.network(net)
    assert lab.engine.networks_lost(container) == ((net,) if ran else ())
    if not ran:
        lab.engine.start(container)
        assert seen(lab, container).running
        return
    for _ in range(2):
        with pytest.raises(EngineRefusedError, match="network"):
            lab.engine.start(container)
    assert lab.engine.networks_lost(lab.name("nobody")) == ()


def test_a_network_shared_with_a_container_that_is_gone_is_lost(lab: Lab) -> None:
    lender = running(lab, what="lender")
    shares = made(lab, spec=Spec(networks=(f"container:{lender}",)))
    assert lab.engine.networks_lost(shares) == ()
    lab.engine.stop(lender, 5_000)
    lab.engine.remove(lender)
    assert lab.engine.networks_lost(shares) == (f"container:{lender}",)
    with pytest.raises((EngineRefusedError, NotFoundError)):
        lab.engine.start(shares)
