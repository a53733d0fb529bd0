"""The registry that the memory engine pulls from."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from occ.domain.values import Reference
from occ.engine.docker.wire.errors import registry_refusal
from occ.engine.progress import PullProgress
from tests.doubles.engine.image import BuiltImage, pinned

Mood: TypeAlias = Literal["open", "unauthorized", "too_many", "down", "cut"]

_WORDS: dict[Mood, str] = {
    "unauthorized": "unauthorized: authentication required",
    "too_many": "toomanyrequests: too many requests, retry-after: 30",
    "down": "dial tcp 127.0.0.1:5000: connect: connection refused",
}
_PIECES = 4


@dataclass(slots=True)
class MemoryRegistry:
    """Images by repository: the tags that move, and the digests that stay.

    With the mood `cut` the manifests are there and the layers break off half-way.
    """

    mood: Mood = "open"
    _tags: dict[str, BuiltImage] = field(default_factory=dict)
    _digests: dict[str, BuiltImage] = field(default_factory=dict)

    def publish(self, reference: str, image: BuiltImage) -> str:
        """Let the reference be this image; returns the digest."""
        parsed = Reference.parse(reference)
        self._tags[str(parsed)] = image
        self._digests[pinned(parsed, image.digest)] = image
        return image.digest

    def withdraw(self, reference: str) -> None:
        """Have a tag or digest gone."""
        parsed = str(Reference.parse(reference))
        self._tags.pop(parsed, None)
        self._digests.pop(parsed, None)

    def look(self, reference: str) -> BuiltImage:
        """The image of a reference.

        Raises:
            ImageMissingError, UnauthorizedError, TooManyRequestsError, RegistryError.
        """
        if self.mood in _WORDS:
            raise registry_refusal(reference, 0, _WORDS[self.mood])
        parsed = Reference.parse(reference)
        known = self._digests if parsed.digest else self._tags
        wanted = pinned(parsed, parsed.digest) if parsed.digest else str(parsed)
        if wanted not in known:
            raise registry_refusal(reference, 404, f"manifest for {reference}: manifest unknown")
        return known[wanted]

    def pieces(self, reference: str, image: BuiltImage) -> Iterator[PullProgress]:
        """The layers as they come.

        Raises:
            RegistryError: the connection was cut half-way.
        """
        for piece in range(_PIECES + 1):
            if piece > _PIECES // 2 and self.mood == "cut":
                raise registry_refusal(reference, 0, "unexpected EOF")
            done = image.size * piece // _PIECES
            yield PullProgress(done=done, total=image.size, text="Downloading")
