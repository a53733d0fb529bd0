"""Containers, on every engine: made, started, stopped, named, removed."""

from dataclasses import replace

import pytest

from occ.domain.spec import Mount, Spec
from occ.errors import (
    EngineRefusedError,
    ImageMissingError,
    NameTakenError,
    NotFoundError,
    PortTakenError,
)
from tests.contract.asked import MINE, ended, made, published, request, running, seen
from tests.contract.lab import Lab


def test_what_is_created_does_not_run_and_has_no_policy(lab: Lab) -> None:
    container = made(lab)
    there = seen(lab, container)
    assert (there.name, there.state, there.policy, there.started_at) == (
        lab.name(),
        "created",
        "no",
        0,
    )
    assert there.mounts == {"/data": lab.name("web-data")}
    assert there.labels["occ.journal"] == "contract"
    assert lab.engine.inspect(lab.name("nobody")) is None


def test_a_name_that_is_taken_is_a_conflict(lab: Lab) -> None:
    made(lab)
    with pytest.raises(NameTakenError):
        made(lab)
    other = made(lab, what="other")
    with pytest.raises(NameTakenError):
        lab.engine.rename(other, lab.name())
    lab.engine.rename(other, lab.name("third"))
    lab.engine.rename(other, lab.name("third"))
    assert seen(lab, other).name == lab.name("third")


def test_an_image_that_is_not_there_and_a_folder_that_is_not_there(lab: Lab) -> None:
    with pytest.raises(ImageMissingError):
        lab.engine.create(replace(request(lab), image="sha256:" + "0" * 64))
    gone = Mount(source=f"/gone-{lab.name()}", path="/data")
    with pytest.raises(EngineRefusedError, match=gone.source):
        lab.engine.create(replace(request(lab), spec=Spec(mounts=(gone,))))
    assert lab.name() not in lab.engine.names()


def test_starting_and_stopping_may_be_repeated(lab: Lab) -> None:
    container = running(lab)
    first = seen(lab, container)
    assert first.state == "running"
    assert abs(lab.now() - first.started_at) < 60_000
    lab.engine.start(container)
    assert seen(lab, container).started_at == first.started_at
    lab.engine.stop(container, 5_000)
    stopped = seen(lab, container)
    assert (stopped.state, stopped.exit_code) == ("exited", 0)
    assert stopped.finished_at >= first.started_at
    lab.engine.stop(container, 5_000)
    lab.engine.stop(lab.name("nobody"), 5_000)
    with pytest.raises(NotFoundError):
        lab.engine.start(lab.name("nobody"))


def test_who_ignores_sigterm_is_killed_after_the_grace(lab: Lab) -> None:
    container = running(lab, "deaf")
    before = lab.now()
    lab.engine.stop(container, 1_000)
    assert seen(lab, container).exit_code == 137
    assert 900 <= lab.now() - before < 20_000


def test_one_that_crashes_says_so(lab: Lab) -> None:
    container = running(lab, "crash")
    there = ended(lab, container)
    assert (there.state, there.exit_code) == ("exited", 1)
    said = tuple(lab.engine.logs(container))
    # Between what is written to stdout and to stderr the order is not kept.
    reason = said.index("cannot read caf\N{REPLACEMENT CHARACTER}.conf: no such file".encode())
    assert reason < said.index(b"giving up")
    assert tuple(lab.engine.logs(container, tail=1)) == said[-1:]
    (stamped,) = lab.engine.logs(container, tail=1, timestamps=True)
    assert stamped[:2] == b"20"
    assert stamped.endswith(b"Z " + said[-1])


def test_logs_of_nobody_and_since(lab: Lab) -> None:
    container = running(lab)
    assert tuple(lab.engine.logs(container, since=lab.now() + 60_000)) == ()
    with pytest.raises(NotFoundError):
        list(lab.engine.logs(lab.name("nobody")))


def test_ports_are_taken_at_the_start_and_free_after_the_stop(lab: Lab) -> None:
    port = lab.free_port()
    first = lab.engine.create(published(request(lab), port))
    second = lab.engine.create(published(request(lab, what="other"), port))
    lab.engine.start(first)
    with pytest.raises(PortTakenError, match=str(port)):
        lab.engine.start(second)
    there = seen(lab, second)
    assert (there.state, there.exit_code) == ("created", 128)
    lab.engine.stop(first, 5_000)
    lab.engine.start(second)
    assert seen(lab, second).state == "running"


def test_a_port_that_another_program_has(lab: Lab) -> None:
    port = lab.free_port()
    container = lab.engine.create(published(request(lab), port))
    with lab.occupied(port), pytest.raises(PortTakenError):
        lab.engine.start(container)
    lab.engine.start(container)
    assert seen(lab, container).running


def test_what_runs_is_not_removed_and_what_is_not_there_is_fine(lab: Lab) -> None:
    container = running(lab)
    with pytest.raises(EngineRefusedError):
        lab.engine.remove(container)
    lab.engine.stop(container, 5_000)
    lab.engine.remove(container)
    lab.engine.remove(container)
    assert lab.engine.inspect(container) is None


def test_the_policy_can_be_set_on_what_runs_and_on_what_does_not(lab: Lab) -> None:
    container = made(lab)
    for policy in ("always", "on-failure:3", "unless-stopped", "no"):
        lab.engine.set_policy(container, policy)
        assert seen(lab, container).policy == policy
    lab.engine.start(container)
    lab.engine.set_policy(container, "unless-stopped")
    assert seen(lab, container).policy == "unless-stopped"
    with pytest.raises(NotFoundError):
        lab.engine.set_policy(lab.name("nobody"), "no")


def test_a_crash_loop_under_a_policy_counts_and_can_be_stopped(lab: Lab) -> None:
    container = made(lab, "crash")
    lab.engine.set_policy(container, "always")
    lab.engine.start(container)
    lab.until(lambda: seen(lab, container).restarts >= 2)
    lab.engine.stop(container, 5_000)
    assert not ended(lab, container).running


def test_our_own_are_found_by_label_oldest_first_and_others_never(lab: Lab) -> None:
    foreign = lab.foreign(lab.name("foreign"), lab.image("good"))
    marked = {**MINE, "occ.service": lab.name()}
    first = made(lab, what="a", labels={**marked, "occ.version": "1"})
    second = made(lab, what="b", labels={**marked, "occ.version": "2"})
    found = lab.engine.containers(marked)
    assert [there.id for there in found] == [first, second]
    assert [c.id for c in lab.engine.containers({**marked, "occ.version": "2"})] == [second]
    assert {c.id for c in lab.engine.containers({"occ.service": ""})} >= {first, second}
    assert foreign not in {c.id for c in lab.engine.containers({"occ.journal": ""})}
    names = lab.engine.names()
    assert names[lab.name("foreign")] == foreign
    assert names[lab.name("a")] == first


def test_an_archive_that_is_read_holds_its_container_up_and_nobody_else(lab: Lab) -> None:
    container, other = running(lab), running(lab, what="other")
    with lab.archiving(container):
        before = lab.now()
        assert seen(lab, other).running
        assert lab.now() - before < 700
        assert seen(lab, container).running
        assert lab.now() - before >= 700


def test_a_stop_goes_on_when_its_caller_is_gone_and_a_second_one_waits_for_it(lab: Lab) -> None:
    container = running(lab, "slow")
    before = lab.now()
    lab.abandoned_stop(container, 20_000)
    assert seen(lab, container).state == "running"
    lab.engine.start(container)  # does nothing: it runs still
    lab.engine.stop(container, 20_000)
    assert lab.now() - before >= 5_000
    assert seen(lab, container).state == "exited"
    lab.engine.start(container)
    lab.until(lambda: b"ready" in tuple(lab.engine.logs(container, tail=1)))
    assert seen(lab, container).state == "running"


def test_a_network_that_is_there_and_one_that_is_not(lab: Lab) -> None:
    lab.network(lab.name("net"))
    asked = request(lab)
    container = lab.engine.create(
        replace(asked, spec=replace(asked.spec, networks=(lab.name("net"),)))
    )
    lab.engine.start(container)
    assert seen(lab, container).running
    assert lab.engine.network(lab.name("net"))
    assert not lab.engine.network(lab.name("nowhere"))
    nowhere = replace(asked.spec, networks=(lab.name("nowhere"),))
    lost = lab.engine.create(replace(asked, name=lab.name("lost"), spec=nowhere))
    with pytest.raises(EngineRefusedError):
        lab.engine.start(lost)


def test_what_broke_off_between_two_networks_can_join_the_rest_at_any_time(lab: Lab) -> None:
    front, back, side = networks = tuple(lab.name(one) for one in ("front", "back", "side"))
    for network in networks:
        lab.network(network)
    asked = request(lab)
    spec = replace(asked.spec, networks=networks)
    container = lab.engine.create(replace(asked, spec=replace(spec, networks=(front,))))
    assert joined(lab, container) == {front}
    lab.engine.join(container, replace(spec, networks=(front, back)), asked.alias)
    assert joined(lab, container) == {front, back}
    for _ in range(2):
        lab.engine.join(container, spec, asked.alias)
        assert joined(lab, container) == {front, back, side}
        lab.engine.start(container)
    whole = lab.engine.create(replace(asked, name=lab.name("whole"), spec=spec))
    assert joined(lab, whole) == {front, back, side}
    lab.engine.join(whole, spec, asked.alias)
    nowhere = replace(spec, networks=(front, lab.name("nowhere")))
    with pytest.raises(EngineRefusedError):
        lab.engine.join(container, nowhere, asked.alias)
    lab.engine.join(whole, nowhere, asked.alias)
    with pytest.raises(EngineRefusedError):
        lab.engine.start(whole)
    with pytest.raises(NotFoundError):
        lab.engine.join(lab.name("nobody"), spec, asked.alias)


def joined(lab: Lab, container: str) -> set[str]:
    """The networks that a container is in."""
    there = lab.engine.inspection(container)
    assert there is not None
    return set(there.networks)
