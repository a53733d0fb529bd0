"""Images: on the host, at their registries, and made by the engine."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from occ.domain.spec import Build
from occ.domain.total import is_digest
from occ.engine.docker import builder
from occ.engine.docker.registry import registry_of
from occ.engine.docker.wire import logins, read, shape, streams
from occ.engine.docker.wire.client import message
from occ.engine.docker.wire.errors import registry_refusal
from occ.engine.docker.wire.link import ABSENT, ANY_REFUSAL, FAILURE, Link
from occ.engine.docker.wire.silence import late
from occ.engine.progress import BuildProgress, PullProgress
from occ.engine.values import Image, PublishedImage
from occ.errors import (
    BuildFailedError,
    EngineUnreachableError,
    RegistryError,
    UnauthorizedError,
)

_COMPLETE: Final = "Download complete"
_COUNTED: Final = frozenset({"Downloading", _COMPLETE})


class Images(Link):
    """The calls about images."""

    def image(self, reference: str) -> Image | None:
        """An image on the host."""
        told = self._table(f"/images/{reference}/json")
        return None if told is None else read.image(told)

    def pull(
        self, reference: str, progress: Callable[[PullProgress], None] = lambda _: None
    ) -> Image:
        """Pull; the stream's own errors count, and the image that came is looked at."""
        login = logins.of(self._client, reference)
        with self._fetching(reference, self._waits.stall, login.note):
            answer = self._client.ask(
                "POST",
                "/images/create",
                wait=self._waits.stall,
                fine=ANY_REFUSAL,
                stream=True,
                params={"fromImage": reference},
                headers=login.headers,
            )
            if answer.status_code >= FAILURE:
                raise registry_refusal(reference, answer.status_code, message(answer))
            _follow(reference, self._client.pieces(answer), progress)
        image = self.image(reference)
        if image is None:
            raise RegistryError(
                f"{reference} was pulled and is not there", hint=f"docker pull {reference}"
            )
        return replace(image, note=login.note)

    def build(
        self, build: Build, progress: Callable[[BuildProgress], None] = lambda _: None
    ) -> Image:
        """Build; the image is looked at under the id that the builder names."""
        try:
            podman = self.info().podman
            made = builder.make(
                self._client,
                self._address,
                build,
                progress,
                podman=podman,
                within=self._waits.command,
            )
        except BuildFailedError:
            self.info()  # an engine that is not there any more has built nothing wrong
            raise
        image = self.image(made)
        if image is None:
            raise BuildFailedError(f"{made} was built and is not there", hint="docker images -a")
        return image

    def registry_digest(self, reference: str) -> str:
        """The digest at the registry."""
        login = logins.of(self._client, reference)
        with self._fetching(reference, self._waits.registry, login.note):
            answer = self._client.ask(
                "GET",
                f"/distribution/{reference}/json",
                wait=self._waits.registry,
                fine=ANY_REFUSAL,
                headers=login.headers,
            )
            if answer.status_code == ABSENT and self.info().podman:  # it has no such call
                return registry_of(reference, "", login.headers).digest()
            if answer.status_code >= FAILURE:
                raise registry_refusal(reference, answer.status_code, message(answer))
        told = shape.table(shape.table(self._client.json(answer)).get("Descriptor"))
        if not is_digest(digest := shape.text(told.get("digest"))):
            raise RegistryError(
                f"the registry of {reference} told no digest", hint=f"docker pull {reference}"
            )
        return digest

    def published(self, reference: str, digest: str) -> PublishedImage | None:
        """The facts of an image at its registry, for the platform of this engine."""
        if not self._address.local:
            return None
        told = shape.table(self._client.get("/version", wait=self._waits.info))
        platform = f"{told.get('Os')}/{told.get('Arch')}"
        login = logins.of(self._client, reference)
        return registry_of(reference, platform, login.headers).image(digest)

    def tag(self, image: str, reference: str) -> None:
        """Have the tag point at the image."""
        repository, _, tag = reference.rpartition(":")
        self._change("POST", f"/images/{image}/tag", params={"repo": repository, "tag": tag})

    def remove_image(self, reference: str) -> None:
        """Have it gone, never by force."""
        self._change("DELETE", f"/images/{reference}", fine=(ABSENT,))

    @contextmanager
    def _fetching(self, reference: str, wait: float, note: str) -> Iterator[None]:
        """Where an engine is silent that answers when it is asked, its registry was.

        A registry that refuses whoever has no login is told with why there was none.
        """
        try:
            yield
        except UnauthorizedError as error:
            if not note:
                raise
            raise UnauthorizedError(f"{error.message} ({note})", hint=error.hint) from error
        except EngineUnreachableError as error:
            if not late(error):
                raise
            self.info()
            raise RegistryError(
                f"{reference} could not be fetched: its registry was silent for {wait:g} s",
                hint=f"docker pull {reference}",
            ) from error


def _follow(
    reference: str, pieces: Iterable[bytes], progress: Callable[[PullProgress], None]
) -> None:
    """Tell how far a pull is, to its end."""
    layers: dict[str, tuple[int, int]] = {}
    for line in streams.lines(pieces):
        told = streams.told(line)
        if "error" in told:
            raise registry_refusal(reference, 0, str(told["error"]))
        layer, status = shape.text(told.get("id")), shape.text(told.get("status"))
        if layer and status in _COUNTED:
            layers[layer] = _counted(layers.get(layer, (0, 0)), told)
            done, total = (sum(n) for n in zip(*layers.values(), strict=True))
            progress(PullProgress(done=done, total=total, text=status))


def _counted(before: tuple[int, int], told: Mapping[str, Any]) -> tuple[int, int]:
    """How many bytes of a layer are there, of how many."""
    detail = shape.table(told.get("progressDetail"))
    if told["status"] == _COMPLETE:
        return before[1], before[1]
    total = shape.number(detail.get("total"))
    return (shape.number(detail.get("current")), total) if total else before
