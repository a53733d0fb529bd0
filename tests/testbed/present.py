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

from tests.testbed.kinds import LABEL


class PresentEngine:
    """The engine at this address; it is never started, ended, frozen or pruned here."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._clients: list[docker.APIClient] = []
        self._images: frozenset[str] = frozenset()

    def client(self, *, timeout: float = 60) -> docker.APIClient:
        """A new client of it, closed at the end."""
        one = docker.APIClient(base_url=self.url, version="auto", timeout=int(timeout))
        self._clients.append(one)
        return one

    def heal(self) -> None:
        """Nothing here makes it ill."""

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
        for image in self._ours() - self._images:
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
