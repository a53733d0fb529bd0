"""The networks of the memory engine, which containers know by number and people by name."""

from collections import Counter
from collections.abc import Iterable, Mapping

from occ.engine.docker.wire.errors import refusal
from tests.doubles.engine.container import MemoryContainer


class MemoryNetworks(set[str]):
    """The names of the networks that there are. A name that comes again is another network."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        super().__init__(names)
        self._removed: Counter[str] = Counter()
        self.labels: dict[str, Mapping[str, str]] = {}

    def close(self, name: str, labels: Mapping[str, str]) -> None:
        """Have a closed one of these labels."""
        self.add(name)
        self.labels[name] = dict(labels)

    def labelled(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        """Those with all these labels."""
        return tuple(
            sorted(
                n for n, own in self.labels.items() if n in self and labels.items() <= own.items()
            )
        )

    def discard(self, name: object) -> None:
        """Have a network gone."""
        super().discard(name)
        self._removed[str(name)] += 1

    def join(self, container: MemoryContainer, name: str) -> None:
        """Have a container in the network that has this name now, if one has."""
        if name not in container.networks:
            container.networks += (name,)
        if name in self:
            container.joined[name] = self._removed[name]

    def lost(self, container: MemoryContainer) -> tuple[str, ...]:
        """The networks that it is in and that are gone, be there new ones of their names or not."""
        return tuple(n for n, which in container.joined.items() if which != self._removed[n])

    def refuse_gone(self, name: str) -> None:
        """Raises EngineRefusedError when there is no such network."""
        if name not in self:
            raise refusal(404, f"network {name} not found")
