"""Images, volumes and networks of the memory engine."""

from collections.abc import Callable, Mapping

from occ.domain.spec import Build
from occ.domain.values import Reference
from occ.engine.docker.wire.errors import registry_refusal
from occ.engine.progress import BuildProgress, PullProgress
from occ.engine.values import Image, PublishedImage, Reached
from occ.engine.volume_place import VolumePlace
from occ.errors import RegistryError
from tests.doubles.engine.builder import make
from tests.doubles.engine.container import MemoryVolume
from tests.doubles.engine.image import BuiltImage
from tests.doubles.engine.link import Link

_INSPECT_MS = 10_000
_CHANGE_MS = 120_000
_REGISTRY_MS = 20_000
_STALL_MS = 60_000
_PIECE_MS = 50


class Images(Link):
    """The calls about what containers are made of."""

    def image(self, reference: str) -> Image | None:
        """An image on the host."""
        return self.wire.read("image", _INSPECT_MS, lambda: self.host.images.told(reference))

    def pull(
        self, reference: str, progress: Callable[[PullProgress], None] = lambda _: None
    ) -> Image:
        """Pull; an image comes in pieces, and counts when the last one is there."""
        # the engine gives a pull up when its caller goes
        built = self.wire.read("pull", _STALL_MS, lambda: self.host.registry.look(reference))
        for piece in self.host.registry.pieces(reference, built):
            progress(piece)
            self._agenda.spend(_PIECE_MS)
        self.host.images.pulled(built, reference)
        image = self.image(reference)
        if image is None:
            raise registry_refusal(reference, 0, "it was pulled and is gone again")
        return image

    def build(
        self, build: Build, progress: Callable[[BuildProgress], None] = lambda _: None
    ) -> Image:
        """Build, over images of the host or the registry."""

        def find(reference: str) -> BuiltImage:
            return self.host.images.find(reference) or self.host.registry.look(reference)

        built = self.wire.read("build", _STALL_MS, lambda: make(build, find, progress))
        self.host.images.add(built)
        return built.told((), ())

    def registry_digest(self, reference: str) -> str:
        """The digest at the registry."""
        return self.wire.read(
            "registry_digest", _REGISTRY_MS, lambda: self.host.registry.look(reference).digest
        )

    def published(self, reference: str, digest: str) -> PublishedImage | None:
        """The facts of an image at its registry."""
        pinned = f"{Reference.parse(reference).repository}@{digest}"

        def look() -> PublishedImage | None:
            try:
                built = self.host.registry.look(pinned)
            except RegistryError:
                return None
            return PublishedImage(labels=built.labels, created_at=built.created_at)

        return self.wire.read("published", _REGISTRY_MS, look)

    def tag(self, image: str, reference: str) -> None:
        """Have the tag point at the image."""
        self.wire.change("tag", _CHANGE_MS, lambda: self.host.images.tag(image, reference))

    def remove_image(self, reference: str) -> None:
        """Have it gone."""
        self.wire.change("remove_image", _CHANGE_MS, lambda: self.host.remove_image(reference))

    def volume(self, name: str) -> Mapping[str, str] | None:
        """A volume's labels."""

        def look() -> Mapping[str, str] | None:
            there = self.host.volumes.get(name)
            return dict(there.labels) if there else None

        return self.wire.read("volume", _INSPECT_MS, look)

    def create_volume(self, name: str, labels: Mapping[str, str]) -> None:
        """Have the volume; it waits for an earlier call that makes one of this name.

        As moby does (volume/service/store.go: it locks by name).
        """
        made, pending = MemoryVolume(dict(labels)), f"volume {name}"
        self._agenda.wait(lambda: pending not in self.host.reserved, _CHANGE_MS)
        self.wire.change(
            "create_volume",
            _CHANGE_MS,
            lambda: self.host.volumes.setdefault(name, made),
            reserves=pending,
        )

    def remove_volume(self, name: str) -> None:
        """Have it gone."""
        self.wire.change("remove_volume", _CHANGE_MS, lambda: self.host.remove_volume(name))

    def volumes(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        """Those of these labels."""

        def look() -> tuple[str, ...]:
            there = self.host.volumes.items()
            return tuple(n for n, one in there if labels.items() <= one.labels.items())

        return self.wire.read("volumes", _INSPECT_MS, look)

    def volume_place(self, name: str) -> VolumePlace | None:
        """Where its data is: nowhere that this machine could look."""

        def look() -> VolumePlace | None:
            there = self.host.volumes.get(name)
            return VolumePlace(driver=there.driver, plain=True, folder="") if there else None

        return self.wire.read("volume_place", _INSPECT_MS, look)

    def network(self, name: str) -> bool:
        """Whether there is such a network."""
        return self.wire.read("network", _INSPECT_MS, lambda: name in self.host.networks)

    def networks(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        """Those of these labels."""
        return self.wire.read("networks", _INSPECT_MS, lambda: self.host.networks.labelled(labels))

    def close_network(self, name: str, labels: Mapping[str, str]) -> None:
        """Have a closed one."""
        self.wire.change(
            "close_network", _CHANGE_MS, lambda: self.host.networks.close(name, labels)
        )

    def reached(self) -> frozenset[Reached]:
        """As an old engine's."""
        return frozenset({"gateway", "bridge"})

    def remove_network(self, name: str) -> None:
        """Have it gone."""
        self.wire.change("remove_network", _CHANGE_MS, lambda: self.host.remove_network(name))
