"""An engine that is there already: it serves what leaves everything else on it alone.

Demo and contract use it when DOCKER_HOST names one on this machine. They work under names of their
own, and what they made is removed at the end: containers, networks and volumes by their names,
images by the label that all images of the test bed have.
"""

import os
from types import TracebackType
from typing import Self

import docker
import docker.errors

from occ.engine.docker.wire.address import choose
from occ.errors import EngineUnreachableError
from tests.testbed.images import has_image, pull
from tests.testbed.kinds import LABEL


class PullError(Exception):
    """The engine cannot pull what is needed."""


class PresentEngine:
    """The engine at this address; it is never started, ended, frozen or pruned here."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._clients: list[docker.APIClient] = []
        self._images: frozenset[str] = frozenset()
        self._pulled: list[str] = []

    def client(self, *, timeout: float = 60) -> docker.APIClient:
        """A new client of it, closed at the end."""
        one = docker.APIClient(base_url=self.url, version="auto", timeout=int(timeout))
        self._clients.append(one)
        return one

    def heal(self) -> None:
        """Nothing here makes it ill."""

    def need(self, ref: str) -> None:
        """Pull an image that it does not have; such an image is removed at the end.

        Raises:
            PullError: it cannot be pulled.
        """
        client = self.client(timeout=600)
        if has_image(client, ref):
            return
        try:
            pull(client, ref)
        except (docker.errors.DockerException, RuntimeError) as error:
            raise PullError(f"the engine at {self.url} cannot pull {ref}: {error}") from error
        self._pulled.append(ref)

    def __enter__(self) -> Self:
        self._images = self._ours()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        client = self.client()
        for image in [*(self._ours() - self._images), *self._pulled]:
            try:
                client.remove_image(image, force=True)
            except docker.errors.ImageNotFound:  # it went with one that was built on it
                continue
        for one in self._clients:
            one.close()

    def _ours(self) -> frozenset[str]:
        found = self.client().images(filters={"label": LABEL})
        return frozenset(str(one["Id"]) for one in found)


def present() -> PresentEngine | None:
    """The engine that DOCKER_HOST names on this machine; the registry of the tests is there."""
    named = os.environ.get("DOCKER_HOST", "")
    return PresentEngine(named) if named.startswith("unix://") else None


def answering() -> PresentEngine | None:
    """The engine that the docker command would take here, if it answers."""
    try:
        engine = PresentEngine(choose("", os.environ).text)
        engine.client(timeout=5).ping()
    except (EngineUnreachableError, docker.errors.DockerException, OSError):
        return None
    return engine
