"""The lab over a real engine and registry."""

import io
import socket
import tarfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property

import docker
import docker.errors
from docker import utils

from occ.engine.docker.engine import DockerEngine
from occ.engine.docker.wire.client import Waits
from occ.engine.port import Engine
from occ.engine.values import Shared
from tests.contract.lab import End, Mood, Prune, Published
from tests.testbed.engine import PrivateEngine
from tests.testbed.gate import Gate
from tests.testbed.images import Images
from tests.testbed.machine import free_port
from tests.testbed.waiting import until

_CUT_AFTER = 100_000
_BALLAST = 4_000_000
_RETRY_AFTER = 30
_SIGNED_ON_MS = 300


def _every(client: docker.APIClient) -> dict[str, bool] | None:
    """Since API 1.42 a prune spares volumes that have a name, unless every one is asked for."""
    return {"all": True} if utils.version_gte(client.api_version, "1.42") else None


_PRUNES: Mapping[Prune, Callable[[docker.APIClient], object]] = {
    "containers": lambda client: client.prune_containers(),  # type: ignore[no-untyped-call]
    "images": lambda client: client.prune_images({"dangling": True}),  # type: ignore[no-untyped-call]
    "all images": lambda client: client.prune_images({"dangling": False}),  # type: ignore[no-untyped-call]
    "volumes": lambda client: client.prune_volumes(_every(client)),
}


@dataclass(frozen=True)
class DockerLab:
    """A lab in an engine of the test bed, under names of the test's own."""

    host: PrivateEngine
    images: Images
    gate: Gate
    run_name: str

    @cached_property
    def engine(self) -> Engine:
        """The engine under test; a silent one is waited for a shorter time than usual."""
        return DockerEngine(self.host.url, waits=Waits(inspect=4, change=15))

    @contextmanager
    def _client(self) -> Iterator[docker.APIClient]:
        client = self.host.client()
        try:
            yield client
        finally:
            client.close()

    def name(self, what: str = "web") -> str:
        """A name that nobody else has."""
        return f"{self.run_name}-{what}"

    def image(self, kind: str, version: str = "1") -> str:
        """Have it on the host."""
        return self.images.build(kind, version)

    def publish(self, kind: str, version: str = "1", *, name: str, tag: str = "new") -> Published:
        """Have it at the registry, behind the gate."""
        made = self.images.publish(
            kind, version, name=self.name(name), tag=tag, forget=False, ballast=_BALLAST
        )
        with self._client() as client:
            used = {one["ImageID"] for one in client.containers(all=True)}
        if made.image_id not in used:
            self.images.forget(made.image_id)
        host, _, rest = made.ref.partition("/")
        assert host == self.images.host
        return Published(
            reference=f"{self.gate.host}/{rest}", digest=made.digest, image=made.image_id
        )

    def registry(self, mood: Mood) -> None:
        """Have the gate behave so."""
        match mood:
            case "open":
                self.gate.open()
            case "unauthorized":
                self.gate.unauthorized()
            case "too_many":
                self.gate.too_many(_RETRY_AFTER)
            case "down":
                self.gate.down()
            case "cut":
                self.gate.cut_after(_CUT_AFTER)

    def free_port(self) -> int:
        """One that nobody listens on."""
        return free_port()

    @contextmanager
    def _occupied(self, port: int) -> Iterator[None]:
        with socket.socket() as held:
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.bind(("127.0.0.1", port))
            held.listen()
            yield

    def occupied(self, port: int) -> AbstractContextManager[None]:
        """Somebody listens on it."""
        return self._occupied(port)

    def foreign(self, name: str, image: str, *, shares: Mapping[Shared, str] | None = None) -> str:
        """Somebody else's container."""
        lenders = {part: f"container:{lender}" for part, lender in (shares or {}).items()}
        with self._client() as client:
            config = client.create_host_config(
                network_mode=lenders.get("network", "default"),
                pid_mode=lenders.get("pid"),
                ipc_mode=lenders.get("ipc"),
                volumes_from=[shares["volumes"]] if shares and "volumes" in shares else None,
            )
            command = ["sleep", "1000"] if shares else None
            made = client.create_container(image, command, name=name, host_config=config)
            client.start(made)
            return str(made["Id"])

    def network(self, name: str) -> None:
        """Make a network."""
        with self._client() as client:
            client.create_network(name)

    def remove_network(self, name: str) -> None:
        """Have it gone."""
        with self._client() as client:
            client.remove_network(name)

    def until(self, question: Callable[[], bool], *, seconds: float = 10) -> None:
        """Wait for it."""
        until(question, seconds=seconds, what="what the test waits for")

    def abandoned_stop(self, container: str, grace_ms: int) -> None:
        """A caller who hangs up when the engine has begun to stop."""
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(self.host.socket))
        pause = _SIGNED_ON_MS / 1000
        path = f"/containers/{container}/stop?t={grace_ms // 1000}"
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n".encode())
        time.sleep(pause)
        connection.close()

    @contextmanager
    def _archiving(self, container: str) -> Iterator[None]:
        with self._client() as client:
            stream, _ = client.get_archive(container, "/usr")
            next(iter(stream))
            reader = threading.Timer(1.0, lambda: [None for _ in stream])
            reader.start()
            yield
            reader.join()

    def archiving(self, container: str) -> AbstractContextManager[None]:
        """A reader who lets the engine wait for a second."""
        return self._archiving(container)

    def files(self, container: str, path: str) -> Mapping[str, bytes]:
        """What is right under a folder, out of the archive call."""
        with self._client() as client:
            stream, _ = client.get_archive(container, f"{path}/.")
            data = io.BytesIO(b"".join(stream))
        with tarfile.open(fileobj=data) as tar:
            found = {m.name.removeprefix("./"): m for m in tar if m.isfile()}
            return {
                name: (tar.extractfile(member) or io.BytesIO()).read()
                for name, member in found.items()
                if "/" not in name
            }

    def now(self) -> int:
        """What the machine's clock says, in ms."""
        return time.time_ns() // 1_000_000

    def prune(self, what: Prune) -> None:
        """Somebody cleans up."""
        with self._client() as client:
            _PRUNES[what](client)

    @contextmanager
    def _frozen(self) -> Iterator[None]:
        self.host.freeze()
        try:
            yield
        finally:
            self.host.thaw()

    def frozen(self) -> AbstractContextManager[None]:
        """It takes connections and does not answer."""
        return self._frozen()

    def restart(self, end: End) -> None:
        """It ends so, and is started again."""
        match end:
            case "terminated":
                self.host.restart()
            case "killed":
                self.host.kill()
                self.host.start()
            case "power cut":
                self.host.power_cut()
                self.host.start()

    @contextmanager
    def _absent(self) -> Iterator[None]:
        self.host.kill()
        try:
            yield
        finally:
            self.host.start()

    def absent(self) -> AbstractContextManager[None]:
        """It is not there."""
        return self._absent()
