"""The needs of every call: the way to one engine, how long it is waited for, and who answers."""

import os
from typing import Any, Final

import requests

from occ.clock import Clock, SystemClock
from occ.engine.docker.wire import read
from occ.engine.docker.wire.address import choose
from occ.engine.docker.wire.client import Client, Waits
from occ.engine.values import EngineInfo

# HTTP statuses as the engine uses them.
ABSENT: Final = 404
CONFLICT: Final = 409
FAILURE: Final = 400
ANY_REFUSAL: Final = tuple(range(FAILURE, 600))


class Link:
    """The way to one engine; `address` empty is the one that the environment names."""

    def __init__(
        self, address: str = "", *, waits: Waits | None = None, clock: Clock | None = None
    ) -> None:
        self._address = choose(address, os.environ)
        self._waits = waits or Waits()
        self._clock = clock or SystemClock()
        self._client = Client(self._address, self._waits)

    def info(self) -> EngineInfo:
        """Who answers."""
        told = self._client.get("/info", wait=self._waits.info)
        return EngineInfo(
            id=told["ID"],
            root=told["DockerRootDir"],
            address=self._address.text,
            version=told["ServerVersion"],
            api=self._client.agreed,
            local=self._address.local,
        )

    def started_at(self) -> int:
        """When it was started: Docker makes its own bridge anew each time it comes up.

        With live-restore and running containers it keeps the old one, and nothing went down.
        """
        told = self._client.get("/networks/bridge", wait=self._waits.info)
        return read.moment(told["Created"]) if told else 0

    def _look(self, path: str, **params: object) -> Any:  # noqa: ANN401 - JSON of any shape
        """The JSON at a path, None where nothing is."""
        return self._client.get(path, wait=self._waits.inspect, **params)

    def _change(self, method: str, path: str, **more: Any) -> requests.Response:  # noqa: ANN401 - handed on
        """The answer to a call that changes something, or that takes as long as one."""
        return self._client.ask(method, path, wait=self._waits.change, **more)
