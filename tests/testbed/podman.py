"""Podman 5.4 of Debian 13 behind its Docker-compatible socket, with storage of its own.

Its programs are a folder of the cache, in a mount namespace in the place of the machine's /usr.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import docker

from tests.testbed import leftovers, machine, namespace, processes
from tests.testbed.releases import Folder
from tests.testbed.sockets import connects
from tests.testbed.waiting import until

FOLDER = Folder(
    suite="trixie",
    packages=("podman", "runc", "netavark", "aardvark-dns", "nftables", "ca-certificates"),
)
READY_SECONDS = 20.0

# Podman speaks plain HTTP to a registry only where it is told to.
_REGISTRIES = """\
[[registry]]
prefix = "127.0.0.1"
location = "127.0.0.1"
insecure = true
"""

# What may be pulled: everything, as the package has it in /etc.
_POLICY = '{"default": [{"type": "insecureAcceptAnything"}]}'

# Its usual limits are above what a machine inside another one may give out. Without a folder of its
# own for networks it would take /etc/containers, which is the machine's.
_CONTAINERS = """\
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[network]
network_config_dir = "{folder}/networks"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "{folder}/tmp"
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

    @property
    def _place(self) -> Path:
        return self._folder / "namespace"

    def _podman(self, *words: str) -> list[str]:
        folders = ("--root", f"{self._folder}/root", "--runroot", f"{self._folder}/run")
        return [*namespace.inside(self._place), "podman", *folders, *words]

    @property
    def _environ(self) -> dict[str, str]:
        return {
            **machine.environment(),
            "HOME": str(self._folder),
            "CONTAINERS_CONF": str(self._folder / "containers.conf"),
            "CONTAINERS_REGISTRIES_CONF": str(self._folder / "registries.conf"),
        }

    def __enter__(self) -> Self:
        namespace.have(self._place, FOLDER.have() / "usr")
        (self._folder / "registries.conf").write_text(_REGISTRIES, "utf-8")
        policy = self._folder / ".config" / "containers" / "policy.json"
        policy.parent.mkdir(parents=True)
        policy.write_text(_POLICY, "utf-8")
        conf = _CONTAINERS.format(folder=self._folder)
        (self._folder / "containers.conf").write_text(conf, "utf-8")
        with (self._folder / "service.log").open("ab") as log:
            self._service = subprocess.Popen(
                self._podman("system", "service", "--time=0", self.url),
                env=self._environ,
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
        for words in (("rm", "--all", "--force", "--time=1"), ("network", "prune", "--force")):
            done = subprocess.run(
                self._podman(*words), env=self._environ, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise RuntimeError(f"podman {' '.join(words)}: {done.stderr}")
        # Podman keeps one for each command that ran inside, for five minutes.
        processes.kill_all(processes.of_folder(self._folder))
        leftovers.unmount(self._folder)
        shutil.rmtree(self._folder)
