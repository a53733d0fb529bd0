"""The closed network, throw-away volumes and container of what runs beside the service.

All of it is known by its labels and goes at the end. None of it carries the service's own label, so
nothing takes it for a part of the service.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from occ.domain.spec import Spec
from occ.engine.port import Engine
from occ.engine.values import Container, ContainerRequest
from occ.errors import FailedError, NotFoundError
from occ.operations import labels

_GRACE_MS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """One of an operation; it has at most one at a time."""

    engine: Engine
    journal: str
    service: str
    operation: int

    @property
    def name(self) -> str:
        """The name of its container and of its network."""
        return f"{self.service}.occ-rehearsal-{self.operation}"

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels of everything in it."""
        ours = enclosed(self.journal, self.service)
        return {**ours, labels.OPERATION: str(self.operation)}

    def volumes(self, names: Iterable[str]) -> dict[str, str]:
        """The throw-away volume for each of these names."""
        return {one: f"{self.name}.{at}" for at, one in enumerate(dict.fromkeys(names), 1)}

    def open(self, volumes: Iterable[str]) -> None:
        """Have the network, and these volumes.

        Raises:
            EngineRefusedError: the engine refuses, or somebody else has a volume of such a name.
        """
        self.engine.close_network(self.name, self.labels)
        for volume in volumes:
            there = self.engine.volume(volume)
            if there is not None and not self.labels.items() <= there.items():
                raise FailedError(
                    f"a volume {volume} exists that is not of this rehearsal",
                    hint=f"if nothing needs it: docker volume rm {volume}",
                )
            self.engine.create_volume(volume, self.labels)

    def whole(self, volumes: Iterable[str]) -> bool:
        """Whether these volumes are still its own.

        The removal of an earlier run may come late, and then the engine makes one without labels
        for whoever mounts it. Once its container mounts them, none can be removed.
        """
        there = (self.engine.volume(volume) or {} for volume in volumes)
        return all(self.labels.items() <= one.items() for one in there)

    def create(
        self,
        image: str,
        spec: Spec,
        *,
        secrets: Mapping[str, str],
        version: int,
        fresh: frozenset[str],
    ) -> Container:
        """Have its container, not started. `fresh` are the volumes that the image may fill.

        Raises:
            FailedError: the engine cannot make it.
        """
        request = ContainerRequest(
            name=self.name,
            image=image,
            spec=spec,
            labels={**self.labels, labels.VERSION: str(version)},
            alias="",
            secrets=secrets,
            fresh=fresh,
        )
        made = self.engine.inspect(self.engine.create(request))
        if made is None:
            raise NotFoundError(f"{self.name} was made and is gone again", hint="type it again")
        return made

    def clear(self) -> None:
        """Have nothing of it."""
        clear(self.engine, self.labels)

    def settle(self, image: str) -> None:
        """Make its container and remove all: then no call under way makes anything afterwards."""
        # the name is taken by its own container, or nothing is made
        with suppress(FailedError, NotFoundError):
            self.engine.create(
                ContainerRequest(
                    name=self.name,
                    image=image,
                    spec=Spec(command=("never started",), networks=("none",)),
                    labels=self.labels,
                    alias="",
                )
            )
        self.clear()


def enclosed(journal: str, service: str) -> Mapping[str, str]:
    """The labels of everything that runs beside a service, whichever operation made it."""
    return {labels.JOURNAL: journal, labels.HELPER: f"rehearsal of {service}"}


def clear(engine: Engine, known: Mapping[str, str]) -> None:
    """Have no container, volume and network of these labels, nor a helper that mounts one.

    Raises:
        EngineRefusedError: somebody's container is in the way.
    """
    containers = engine.containers(known)
    for one in containers:
        engine.stop(one.id, _GRACE_MS)
        engine.remove(one.id)
    mounted = {
        volume
        for one in containers
        for volume in one.mounts.values()
        if volume.startswith(f"{one.name}.") and engine.volume(volume) is not None
    }
    volumes = sorted(mounted | set(engine.volumes(known)))
    for helper in engine.neighbours((), volumes) if volumes else ():
        there = helper.container
        ours = there.labels.get(labels.JOURNAL) == known[labels.JOURNAL]
        if ours and labels.HELPER in there.labels and not there.running:
            engine.remove(there.id)  # a crash left it
    for volume in volumes:
        engine.remove_volume(volume)
    for network in engine.networks(known):
        engine.remove_network(network)


def left_beside(engine: Engine, known: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the containers, volumes and networks of these labels, for people."""
    return (
        *(f"container {one.name}" for one in engine.containers(known)),
        *(f"volume {one}" for one in engine.volumes(known)),
        *(f"network {one}" for one in engine.networks(known)),
    )
