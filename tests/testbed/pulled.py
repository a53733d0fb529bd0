"""What the demo needs beside an engine, where this machine cannot have it: the engine pulls it."""

from typing import Self

from tests.testbed import machine
from tests.testbed.images import build_image, has_image
from tests.testbed.kinds import BASE, LABEL
from tests.testbed.present import PresentEngine
from tests.testbed.registry import Registry
from tests.testbed.waiting import until

REGISTRY = "registry:2"
DEBIAN = "debian:bookworm-slim"


class PulledRegistry(Registry):
    """A registry in a container of an engine that is there; the base image is pulled as well."""

    def __init__(self, engine: PresentEngine) -> None:
        super().__init__()
        self._engine = engine
        self._container = ""

    def __enter__(self) -> Self:
        """Start it; PullError if the engine cannot pull what is needed."""
        for ref in (REGISTRY, DEBIAN):
            self._engine.need(ref)
        client = self._engine.client()
        if not has_image(client, BASE):
            build_image(client, {"Dockerfile": f"FROM {DEBIAN}\nLABEL {LABEL}=1\n"}, tag=BASE)
        return super().__enter__()

    @property
    def running(self) -> bool:
        """Whether its container runs."""
        if not self._container:
            return False
        found = self._engine.client().inspect_container(self._container)
        return bool(found["State"]["Running"])

    def start(self) -> None:
        """Start it; it answers when this returns. Nothing happens if it runs."""
        if self.running:
            return
        client = self._engine.client()
        if not self._container:
            self._port = machine.free_port()
            made = client.create_container(
                REGISTRY,
                environment={"REGISTRY_STORAGE_DELETE_ENABLED": "true"},
                ports=[5000],
                labels={LABEL: "1"},
                host_config=client.create_host_config(
                    port_bindings={5000: ("127.0.0.1", self._port)}
                ),
            )
            self._container = made["Id"]
        client.start(self._container)
        until(self._settled, seconds=30, what="the registry to answer")

    def stop(self) -> None:
        """End it as an administrator would; its images stay for the next start()."""
        self._engine.client().stop(self._container)

    def kill(self) -> None:
        """End it with kill -9; its images stay for the next start()."""
        self._engine.client().kill(self._container)

    def close(self) -> None:
        """Remove it with its images."""
        if not self._container:
            return
        self._engine.client().remove_container(self._container, v=True, force=True)
        self._container = ""
