"""The images on the host of the memory engine, under their tags and digests.

As moby's image store has it (daemon/images/image_delete.go and image_prune.go of 20.10).
"""

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from occ.domain.values import Reference
from occ.engine.docker.wire.errors import refusal
from occ.engine.values import Image
from occ.errors import EngineRefusedError, UsageMistakeError
from tests.doubles.engine.image import BuiltImage, pinned

_SHORTEST_ID = 12


@dataclass(slots=True)
class MemoryImages:
    """Images by id. A reference is a tag or a digest; an image may have any number, or none."""

    _built: dict[str, BuiltImage] = field(default_factory=dict)
    _references: dict[str, str] = field(default_factory=dict)

    def find(self, reference: str) -> BuiltImage | None:
        """By id, the beginning of an id, tag or digest."""
        bare = reference.removeprefix("sha256:")
        if len(bare) >= _SHORTEST_ID:
            for number, built in self._built.items():
                if number.removeprefix("sha256:").startswith(bare):
                    return built
        try:
            parsed = Reference.parse(reference)
        except UsageMistakeError:
            return None
        wanted = pinned(parsed, parsed.digest) if parsed.digest else str(parsed)
        return self._built.get(self._references.get(wanted, ""))

    def told(self, reference: str) -> Image | None:
        """By any of its names, as the port has it."""
        built = self.find(reference)
        if built is None:
            return None
        own = tuple(self.references(built.id))
        return built.told(
            tuple(one for one in own if "@" not in one), tuple(one for one in own if "@" in one)
        )

    def references(self, image: str) -> Iterator[str]:
        """Tags and digests of an image, in order."""
        return (name for name, number in sorted(self._references.items()) if number == image)

    def untag(self, reference: str) -> None:
        """Take a tag off its image, which stays."""
        del self._references[reference]

    def add(self, built: BuiltImage, reference: str = "") -> None:
        """Have the image on the host, the reference pointing at it."""
        self._built[built.id] = built
        if reference:
            self._references[str(Reference.parse(reference))] = built.id

    def pulled(self, built: BuiltImage, reference: str) -> None:
        """What a pull leaves: by tag the tag and the digest, by digest the digest alone."""
        parsed = Reference.parse(reference)
        self.add(built, pinned(parsed, built.digest))
        if not parsed.digest:
            self.add(built, reference)

    def tag(self, image: str, reference: str) -> None:
        """Let the tag point at the image; the one it pointed at loses it.

        Raises:
            ImageMissingError: the image is not there.
        """
        built = self.find(image)
        if built is None:
            raise refusal(404, f"No such image: {image}")
        self.add(built, reference)

    def delete(self, reference: str, used: Collection[str]) -> None:
        """`docker rmi` of one reference, unforced: with the last one goes the image.

        The last tag in a repository takes the digests of that repository with it.

        Raises:
            EngineRefusedError: it is the image's only one, and a container uses the image.
        """
        image = self._references.get(reference)
        if image is None:
            return
        repository = _repository(reference)
        mates = [r for r in self.references(image) if r != reference]
        own = [r for r in mates if _repository(r) == repository]
        lonely = all("@" in r for r in own)
        falls = [reference, *own] if lonely and "@" not in reference else [reference]
        if image in used and len(falls) > len(mates):
            raise refusal(
                409,
                f"conflict: unable to remove repository reference {reference!r} (must force) - "
                "a container is using its referenced image",
            )
        for one in falls:
            del self._references[one]
        if not any(self.references(image)) and image not in used:
            del self._built[image]

    def prune(self, used: Collection[str], *, everything: bool) -> None:
        """`docker image prune`, with `everything` also -a: what no container uses.

        Without it only images that have no tag. An image in use loses its references but one.
        """
        for image in tuple(self._built):
            names = tuple(self.references(image))
            if not everything and any("@" not in name for name in names):
                continue
            for name in names:
                with suppress(EngineRefusedError):  # as a prune does: on to the next
                    self.delete(name, used)
            if image not in used and not any(self.references(image)):
                self._built.pop(image, None)


def _repository(reference: str) -> str:
    return Reference.parse(reference).repository
