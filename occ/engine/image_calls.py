"""The part of the engine's port that is about images: on the host, and at their registries."""

from collections.abc import Callable
from typing import Protocol

from occ.domain.spec import Build
from occ.engine.progress import BuildProgress, PullProgress
from occ.engine.values import Image, PublishedImage


class ImageCalls(Protocol):
    """The calls about images; their errors are those of the whole port."""

    def image(self, reference: str) -> Image | None:
        """An image on the host by id, tag or digest; None when it is not there."""

    def pull(
        self, reference: str, progress: Callable[[PullProgress], None] = lambda _: None
    ) -> Image:
        """Pull, errors inside the stream included.

        60 s without a byte, from an engine that answers when it is asked, are a RegistryError.
        An exception out of `progress` ends the pull and goes through.

        Raises:
            ImageMissingError, UnauthorizedError, TooManyRequestsError, RegistryError.
        """

    def build(
        self, build: Build, progress: Callable[[BuildProgress], None] = lambda _: None
    ) -> Image:
        """Build an image out of a folder of this machine; it has no tag.

        Steps that were built before and are the same come from the builder's cache. An exception
        out of `progress` ends the build and goes through.

        Raises:
            BuildFailedError: with the last lines of the builder's log as they are.
        """

    def registry_digest(self, reference: str) -> str:
        """The digest at the registry, without pulling; raises as pull does; waits at most 20 s."""

    def published(self, reference: str, digest: str) -> PublishedImage | None:
        """The facts of an image of this digest at its registry, without pulling, within some 6 s.

        None where they are not told, for whatever reason, and for an engine on another machine,
        whose registries need not be ours.
        """

    def tag(self, image: str, reference: str) -> None:
        """Have `reference` point at an image by id. Raises ImageMissingError."""

    def remove_image(self, reference: str) -> None:
        """Have a tag or digest of an image gone, and with its last one the image; absent is fine.

        Raises:
            EngineRefusedError: it is the last one, and a container uses the image.
        """
