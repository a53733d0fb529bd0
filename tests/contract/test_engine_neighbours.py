"""Containers that use the namespaces or the volumes of another one, on every engine."""

from dataclasses import replace

import pytest

from occ.domain.spec import Spec, Volume
from occ.engine.values import Shared
from occ.errors import FailedError, NotFoundError
from tests.contract.asked import ended, made, request, running, seen
from tests.contract.lab import Lab


def neighbours(lab: Lab, *known: str) -> dict[str, frozenset[Shared]]:
    """The neighbours of these, by name, each with the parts that it uses."""
    found = lab.engine.neighbours(known, (lab.name("web-data"),))
    return {one.container.name: one.of(known) for one in found}


def shares(lab: Lab, what: str, *parts: Shared) -> str:
    """Somebody's running container that uses these parts of `web`, by its name."""
    web: dict[Shared, str] = dict.fromkeys(parts, lab.name())
    return lab.foreign(lab.name(what), lab.image("good"), shares=web)


def test_who_uses_parts_of_it_is_told_with_the_parts(lab: Lab) -> None:
    spec = replace(request(lab).spec, engine={"IpcMode": "shareable"})
    container = running(lab, spec=spec)
    known = (container, lab.name())
    assert neighbours(lab, *known) == {}
    shares(lab, "net", "network")
    shares(lab, "pid", "pid", "ipc")
    shares(lab, "vols", "volumes")
    volume = Volume(name=lab.name("web-data"), path="/other")
    made(lab, what="one", spec=Spec(volumes=(volume,)))
    made(lab, what="apart")
    told = {
        lab.name("net"): frozenset({"network"}),
        lab.name("pid"): frozenset({"pid", "ipc"}),
        lab.name("vols"): frozenset({"volumes"}),
        lab.name("one"): frozenset(),
    }
    assert neighbours(lab, *known) == told
    assert seen(lab, lab.name("vols")).mounts["/data"] == lab.name("web-data")
    # namespaces are shared by id, volumes by the name that was typed
    by_id = {one.container.name: one.shares for one in lab.engine.neighbours(known, ())}
    assert by_id[lab.name("net")] == {"network": (container,)}
    assert by_id[lab.name("vols")] == {"volumes": (lab.name(),)}
    assert lab.engine.neighbours(("f" * 64,), ()) == ()


def test_who_shares_a_namespace_is_bound_to_one_container_and_one_run(lab: Lab) -> None:
    container = running(lab)
    net, pid = shares(lab, "net", "network"), shares(lab, "pid", "pid")
    lab.engine.stop(container, 5_000)
    assert ended(lab, pid).exit_code == 137
    assert seen(lab, net).running
    assert seen(lab, net).started_at < seen(lab, container).finished_at
    lab.engine.stop(net, 0)
    for one in (net, pid):
        with pytest.raises(FailedError, match=r"(non|not) running"):
            lab.engine.start(one)
    lab.engine.start(container)
    for one in (net, pid):
        lab.engine.start(one)
        assert seen(lab, one).started_at > seen(lab, container).started_at
    for one in (net, pid, container):
        lab.engine.stop(one, 0)
    lab.engine.remove(container)
    made(lab)
    for one in (net, pid):
        with pytest.raises((FailedError, NotFoundError), match="No such container"):
            lab.engine.start(one)
