"""Podman behind its Docker-compatible socket, with storage of its own."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import docker

from tests.testbed import machine
from tests.testbed.sockets import connects
from tests.testbed.waiting import until

# As `machine.PACKAGES`.
PACKAGES = {"podman": "podman", "runc": "runc", "netavark": "/usr/lib/podman/netavark"}
READY_SECONDS = 20.0

# Podman speaks plain HTTP to a registry only where it is told to.
_REGISTRIES = """\
[[registry]]
prefix = "127.0.0.1"
location = "127.0.0.1"
insecure = true
"""

# Its usual limits are above what a machine inside another one may give out.
_CONTAINERS = """\
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""


class Podman:
    """`podman system service` on a socket; what it made is removed with it."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="occ-podman-"))
        self._service: subprocess.Popen[bytes] | None = None
        self._clients: list[docker.APIClient] = []

    @property
    def socket(self) -> Path:
        """Its socket."""
        return self._folder / "podman.sock"

    @property
    def url(self) -> str:
        """Its address, as in DOCKER_HOST."""
        return f"unix://{self.socket}"

    def client(self, *, timeout: float = 60) -> docker.APIClient:
        """A new client of it, closed with it."""
        one = docker.APIClient(base_url=self.url, version="auto", timeout=int(timeout))
        self._clients.append(one)
        return one

    def heal(self) -> None:
        """Nothing here makes it ill."""

    def _podman(self, *words: str) -> list[str]:
        folders = ("--root", f"{self._folder}/root", "--runroot", f"{self._folder}/run")
        return ["podman", *folders, *words]

    def __enter__(self) -> Self:
        machine.prepare(PACKAGES)
        (self._folder / "registries.conf").write_text(_REGISTRIES, "utf-8")
        (self._folder / "containers.conf").write_text(_CONTAINERS, "utf-8")
        environ = {
            **machine.environment(),
            "CONTAINERS_CONF": str(self._folder / "containers.conf"),
            "CONTAINERS_REGISTRIES_CONF": str(self._folder / "registries.conf"),
        }
        with (self._folder / "service.log").open("ab") as log:
            self._service = subprocess.Popen(
                self._podman("system", "service", "--time=0", self.url),
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(lambda: connects(self.socket), seconds=READY_SECONDS, what="podman's socket")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for client in self._clients:
            client.close()
        if self._service is not None:
            self._service.terminate()
            self._service.wait(30)
        removal = self._podman("rm", "--all", "--force", "--time=1")
        subprocess.run(removal, env=machine.environment(), capture_output=True, check=False)
        mounts = f"awk '$2 ~ \"^{self._folder}\" {{print $2}}' /proc/mounts | xargs -r umount -l"
        subprocess.run(["/bin/sh", "-c", mounts], check=False)
        shutil.rmtree(self._folder, ignore_errors=True)
