"""The needs of every call: the way to one engine, how long it is waited for, and who answers."""

import json
import os
from collections.abc import Mapping
from typing import Any, Final

import requests

from occ.clock import Clock, SystemClock
from occ.engine.docker.wire import read, shape
from occ.engine.docker.wire.address import choose
from occ.engine.docker.wire.client import Client, Waits
from occ.engine.docker.wire.silence import stranger
from occ.engine.values import EngineInfo

# HTTP statuses as the engine uses them.
ABSENT: Final = 404
CONFLICT: Final = 409
FAILURE: Final = 400
ANY_REFUSAL: Final = tuple(range(FAILURE, 600))
_WHO: Final = ("ID", "DockerRootDir", "ServerVersion")


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
        """Who answers.

        Raises:
            EngineUnreachableError: another server than an engine does.
        """
        told = shape.table(self._client.get("/info", wait=self._waits.info))
        lacks = [key for key in _WHO if not shape.text(told.get(key))]
        if lacks:
            raise stranger(self._address, f"its answer has no {lacks[0]}")
        podman = "BuildahVersion" in told
        return EngineInfo(
            # Podman draws a new id for every answer, so there the machine's name has to do.
            id=f"podman of {shape.text(told.get('Name'))}" if podman else told["ID"],
            root=told["DockerRootDir"],
            address=self._address.text,
            version=told["ServerVersion"],
            podman=podman,
            api=self._client.agreed,
            local=self._address.local,
            now=read.moment(told.get("SystemTime")),
            host=shape.text(told.get("Name")),
            remapped=any(
                f"name={kind}" in one
                for one in shape.texts(told.get("SecurityOptions"))
                for kind in ("userns", "rootless")
            ),
        )

    def started_at(self) -> int:
        """When it was started: Docker makes its own bridge anew each time it comes up.

        With live-restore and running containers it keeps the old one, and nothing went down.
        """
        told = shape.table(self._client.get("/networks/bridge", wait=self._waits.info))
        return read.moment(told.get("Created"))

    @staticmethod
    def _labelled(labels: Mapping[str, str]) -> str:
        """The filter for what carries all these labels; an empty value means any."""
        wanted = [f"{name}={value}" if value else name for name, value in labels.items()]
        return json.dumps({"label": wanted})

    def _look(self, path: str, **params: object) -> Any:  # noqa: ANN401 - JSON of any shape
        """The JSON at a path, None where nothing is."""
        return self._client.get(path, wait=self._waits.inspect, **params)

    def _table(self, path: str) -> Mapping[str, Any] | None:
        """The table at a path, None where nothing is."""
        found = self._look(path)
        return None if found is None else shape.table(found)

    def _change(self, method: str, path: str, **more: Any) -> requests.Response:  # noqa: ANN401 - handed on
        """The answer to a call that changes something, or that takes as long as one."""
        return self._client.ask(method, path, wait=self._waits.change, **more)
