"""What runs beside a service: closed networks, volumes by their labels, a freeze, memory; on every
engine.
"""

from dataclasses import replace

import pytest

from occ.domain.spec import Spec
from occ.engine.values import Answer, Question
from occ.errors import EngineRefusedError
from tests.contract.asked import MINE, made, running, seen
from tests.contract.lab import Lab

PLAIN = Spec()


def beside(lab: Lab) -> dict[str, str]:
    """Labels that nothing of another test has."""
    return {**MINE, "occ.helper": lab.name("beside")}


def test_a_closed_network_is_found_by_its_labels_and_made_once(lab: Lab) -> None:
    name, labels = lab.name("closed"), beside(lab)
    assert lab.engine.networks(labels) == ()
    for _ in range(2):
        lab.engine.close_network(name, labels)
        assert lab.engine.networks(labels) == (name,)
        assert lab.engine.network(name)
    assert lab.engine.networks({**labels, "occ.operation": "9"}) == ()
    lab.engine.remove_network(name)
    assert lab.engine.networks(labels) == ()
    assert not lab.engine.network(name)
    lab.engine.remove_network(name)


def test_a_network_of_somebody_else_is_not_found_by_labels(lab: Lab) -> None:
    lab.network(lab.name("theirs"))
    assert lab.engine.networks(beside(lab)) == ()


def test_a_closed_network_that_a_running_container_is_in_stays(lab: Lab) -> None:
    name = lab.name("closed")
    lab.engine.close_network(name, beside(lab))
    container = running(lab, spec=replace(PLAIN, networks=(name,)))
    with pytest.raises(EngineRefusedError, match="active endpoints"):
        lab.engine.remove_network(name)
    lab.engine.stop(container, 5_000)
    lab.engine.remove(container)
    lab.engine.remove_network(name)
    assert not lab.engine.network(name)


def test_who_is_in_a_closed_network_is_probed_there(lab: Lab) -> None:
    name = lab.name("closed")
    lab.engine.close_network(name, beside(lab))
    container = running(lab, spec=replace(PLAIN, networks=(name,)))
    assert lab.engine.route(container, 3000) == "address"
    asked = Question(port=3000, path="/health", timeout_ms=1_000)
    answer = lab.engine.probe(container, asked)
    assert isinstance(answer, Answer)
    assert (answer.status, answer.route) == (200, "address")


def test_one_that_is_in_an_open_network_too_is_probed_there(lab: Lab) -> None:
    closed, other = lab.name("m-closed"), lab.name("a-other")
    lab.network(other)
    lab.network(lab.name("z-other"))
    lab.engine.close_network(closed, beside(lab))
    networks = (closed, other, lab.name("z-other"))
    container = running(lab, spec=replace(PLAIN, networks=networks))
    answer = lab.engine.probe(container, Question(port=3000, path="/health", timeout_ms=1_000))
    assert isinstance(answer, Answer)
    assert answer.status == 200


def test_what_a_closed_network_lets_through_is_the_same_before_and_after(lab: Lab) -> None:
    before = lab.engine.reached()
    lab.engine.close_network(lab.name("closed"), beside(lab))
    assert lab.engine.reached() == before
    assert before <= {"gateway", "bridge"}


def test_volumes_are_found_by_all_of_their_labels(lab: Lab) -> None:
    labels = beside(lab)
    one, other = lab.name("one"), lab.name("other")
    lab.engine.create_volume(one, labels)
    lab.engine.create_volume(other, {**labels, "occ.operation": "9"})
    lab.engine.create_volume(lab.name("plain"), {})
    assert set(lab.engine.volumes(labels)) == {one, other}
    assert lab.engine.volumes({**labels, "occ.operation": "9"}) == (other,)
    assert lab.engine.volumes({**labels, "occ.operation": "8"}) == ()
    lab.engine.remove_volume(one)
    assert lab.engine.volumes(labels) == (other,)


def test_what_was_frozen_goes_on_and_keeps_its_start(lab: Lab) -> None:
    container = running(lab)
    began = seen(lab, container).started_at
    lab.engine.pause(container)
    assert seen(lab, container).state == "paused"
    for _ in range(2):
        lab.engine.unpause(container)
        there = seen(lab, container)
        assert (there.state, there.started_at) == ("running", began)
    lab.engine.stop(container, 5_000)
    lab.engine.unpause(container)
    assert seen(lab, container).state == "exited"
    lab.engine.unpause(lab.name("nobody"))


def test_the_memory_of_what_runs_is_told_and_that_of_others_is_none(lab: Lab) -> None:
    container = running(lab)
    assert 100_000 < lab.engine.memory(container) < 1_000_000_000
    lab.engine.stop(container, 5_000)
    assert lab.engine.memory(container) == 0
    assert lab.engine.memory(made(lab, what="idle")) == 0
    assert lab.engine.memory(lab.name("nobody")) == 0
