"""What contract tests ask for: a container of a kind of image, declared as a spec declares it."""

from dataclasses import replace
from typing import Any

from occ.domain.spec import Port, Spec, Volume
from occ.engine.values import Container, ContainerRequest
from tests.contract.lab import Lab

MINE = {"occ.journal": "contract"}


def request(lab: Lab, kind: str = "good", *, what: str = "web", **more: Any) -> ContainerRequest:
    """A request for a container of this kind that keeps its data in a volume of its own."""
    spec = Spec(volumes=(Volume(name=lab.name(f"{what}-data"), path="/data"),))
    told = {"image": lab.image(kind), "spec": spec, "labels": MINE, **more}
    return ContainerRequest(name=lab.name(what), alias=lab.name(what), **told)


def published(asked: ContainerRequest, port: int) -> ContainerRequest:
    """The same, with its port on the host."""
    ports = (Port(container=3000, host=port),)
    return replace(asked, spec=replace(asked.spec, ports=ports))


def made(lab: Lab, kind: str = "good", *, what: str = "web", **more: Any) -> str:
    """A container that was created and not started."""
    return lab.engine.create(request(lab, kind, what=what, **more))


def running(lab: Lab, kind: str = "good", *, what: str = "web", **more: Any) -> str:
    """A container that runs, and has said that it is ready if its kind ever is."""
    container = made(lab, kind, what=what, **more)
    lab.engine.start(container)
    if kind not in {"crash", "bare"}:
        lab.until(lambda: b"ready" in tuple(lab.engine.logs(container)))
    return container


def seen(lab: Lab, container: str) -> Container:
    """The container, which is there."""
    there = lab.engine.inspect(container)
    assert there is not None
    return there


def ended(lab: Lab, container: str) -> Container:
    """The container, once it does not run any more."""
    lab.until(lambda: not seen(lab, container).running)
    return seen(lab, container)
