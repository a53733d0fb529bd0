"""A Docker engine of our own, which tests may kill, fill, prune, freeze and restart."""

import atexit
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import docker

from tests.testbed import leftovers, machine, namespace, network, processes, releases
from tests.testbed.sockets import answers, connects
from tests.testbed.waiting import came_true, until

READY_SECONDS = 60.0


class EngineDidNotStartError(Exception):
    """The engine ended, or did not answer in time; the text ends with its log's last lines."""


class PrivateEngine:
    """A containerd and a dockerd with folders, a socket and a bridge of their own.

    containerd is started here, not by dockerd, because dockerd takes the system's containerd
    where there is one, and two engines on one containerd see each other's containers. Both are
    ended together, as if dockerd had started it.

    `download_attempts` is how often the engine tries a layer: by default once, where Docker's
    default of five makes a pull from a dead registry take most of a minute. The release is the one
    that the run tries (tests/testbed/releases.py).

    It leaves the packet filter of the machine alone, unless it `filters`, as engines usually do:
    only in a network apart (tests/testbed/network.py), which goes with its bridges and rules when
    its last process ends.
    """

    def __init__(self, *, download_attempts: int = 1, filters: bool = False) -> None:
        self._release = releases.chosen()
        self._attempts = download_attempts
        self._filters = filters
        self._folder: Path | None = None
        self._bridge: network.Bridge | None = None
        self._containerd: subprocess.Popen[bytes] | None = None
        self._dockerd: subprocess.Popen[bytes] | None = None
        self._driver: str | None = None
        self._clients: list[docker.APIClient] = []
        self._maker = os.getpid()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # What it is

    @property
    def folder(self) -> Path:
        """Where it keeps everything; gone after stop()."""
        if self._folder is None:
            raise RuntimeError("this private engine is not started")
        return self._folder

    @property
    def socket(self) -> Path:
        """Its socket; the path stays the same over kill() and restart()."""
        return self.folder / "docker.sock"

    @property
    def url(self) -> str:
        """Its address, as in DOCKER_HOST."""
        return f"unix://{self.socket}"

    @property
    def pid(self) -> int:
        """The process id of its dockerd."""
        if self._dockerd is None:
            raise RuntimeError("this private engine does not run")
        return self._dockerd.pid

    @property
    def bridge(self) -> network.Bridge:
        """The bridge of its default network."""
        if self._bridge is None:
            raise RuntimeError("this private engine is not started")
        return self._bridge

    @property
    def storage_driver(self) -> str:
        """The best that the kernel and the file system allow."""
        return self._driver or self._release.drivers[0]

    def client(self, *, timeout: float = 60) -> docker.APIClient:
        """A new client of it, closed by stop(); seconds until a silent engine is an error."""
        one = docker.APIClient(base_url=self.url, version="auto", timeout=int(timeout))
        self._clients.append(one)
        return one

    def log(self) -> str:
        """What dockerd and containerd have said so far."""
        return (self.folder / "engine.log").read_text("utf-8", "replace")

    # Its life

    def start(self) -> None:
        """Start it, the first time or after kill(); it answers when this returns.

        Raises:
            EngineDidNotStartError: it cannot run here; nothing of it is left.
        """
        if self._folder is None:
            self._settle()
        drivers = (self._driver,) if self._driver else self._release.drivers
        for driver in drivers:
            try:
                self._launch(driver)
            except (EngineDidNotStartError, TimeoutError) as error:
                said = "".join(self.log().splitlines(keepends=True)[-15:])
                if driver == drivers[-1] or not re.search(r"driver|overlay", said):
                    self.stop()
                    raise EngineDidNotStartError(f"{error}\n{said}") from error
                self._end(signal.SIGKILL)
                leftovers.unmount(self.folder)
            else:
                self._driver = driver
                return

    def stop(self) -> None:
        """End it and all its containers, and leave nothing: no process, mount, bridge, file."""
        if self._folder is None or os.getpid() != self._maker:
            return
        self.thaw()
        for one in self._clients:
            one.close()
        self._clients.clear()
        if self._dockerd is not None:
            processes.send(self._dockerd.pid, signal.SIGTERM)
            # It has stopped restarting containers; do not wait for those that ignore SIGTERM.
            came_true(lambda: not answers(self.socket), seconds=0.5)
            processes.kill_all(leftovers.container_processes(self.folder))
        self._end(signal.SIGTERM)
        leftovers.clean(self.folder)
        self._folder = self._bridge = None
        atexit.unregister(self.stop)

    def kill(self) -> None:
        """kill -9 of the engine. Its containers run on."""
        self._end(signal.SIGKILL)

    def power_cut(self) -> None:
        """kill -9 of the engine and of every container at one stroke."""
        victims = [*processes.of_folder(self.folder)]
        processes.kill_all([*victims, *leftovers.container_processes(self.folder)])
        self._end(signal.SIGKILL)
        leftovers.unmount(self.folder)
        shutil.rmtree(self.folder / "exec", ignore_errors=True)

    def restart(self, sig: signal.Signals = signal.SIGTERM) -> None:
        """End it with a signal and start it on the same data; it answers when this returns."""
        self.thaw()
        self._end(sig)
        self.start()

    @property
    def running(self) -> bool:
        """Whether its dockerd is there, answering or frozen."""
        return self._dockerd is not None and self._dockerd.poll() is None

    def heal(self) -> None:
        """Make it answer again, whatever a test did to it."""
        self.thaw()
        if not self.running:
            self._end(signal.SIGKILL)
            self.start()

    def freeze(self) -> None:
        """Let it accept connections and never answer, until thaw()."""
        processes.send(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on after freeze(); harmless otherwise."""
        if self._dockerd is not None and self._dockerd.poll() is None:
            processes.send(self._dockerd.pid, signal.SIGCONT)

    # How it is done

    def _settle(self) -> None:
        machine.prepare()
        base = machine.short_folder()
        leftovers.clean_dead_runs(base)
        atexit.register(self.stop)
        self._folder = Path(tempfile.mkdtemp(prefix=leftovers.PREFIX, dir=base))
        leftovers.sign(self._folder)
        self._bridge = network.claim()
        if not network.apart():  # else the name may be that of another engine's, for who cleans up
            (self._folder / "bridge").write_text(self._bridge.name, "utf-8")
        settings = dict(self._release.settings)
        if self._release.folder is not None:
            self._release.folder.have()
        elif _major_version() <= 20:
            # Old engines take their id from this file, and all of a machine would share one.
            settings["deprecated-key-path"] = f"{self._folder}/key.json"
        (self._folder / "daemon.json").write_text(json.dumps(settings), "utf-8")

    def _launch(self, driver: str) -> None:
        folder = self.folder
        if self._release.folder is not None:
            namespace.have(folder / "namespace", self._release.folder.path / "usr")
        (folder / "docker.pid").unlink(missing_ok=True)
        (folder / "containerd.toml").write_text(_containerd_settings(folder), "utf-8")
        containerd = ["containerd", "--config", str(folder / "containerd.toml")]
        self._containerd = self._spawn(containerd)
        self._await(self._containerd, folder / "containerd.sock", "containerd")
        dockerd = [
            *("dockerd", "--config-file", str(folder / "daemon.json")),
            *("--data-root", str(folder / "data"), "--exec-root", str(folder / "exec")),
            *("--pidfile", str(folder / "docker.pid"), "--host", self.url),
            *("--containerd", str(folder / "containerd.sock")),
            *("--bridge", self.bridge.name, "--ip6tables=false"),
            *([] if self._filters else ["--ip-forward=false", "--ip-masq=false"]),
            *([] if self._filters else ["--iptables=false"]),
            *self._pool(),
            *("--storage-driver", driver, "--max-download-attempts", str(self._attempts)),
        ]
        self._dockerd = self._spawn(dockerd)
        self._await(self._dockerd, self.socket, "dockerd")

    def _pool(self) -> list[str]:
        """Addresses for its networks, at its first start: at a later one it would remove docker0.

        An engine that was told a pool removes the bridge of that name when it finds networks of
        its own, whoever made the bridge; another engine of the machine would lose its network.
        """
        if (self.folder / "data" / "network").exists():
            return []
        return ["--default-address-pool", f"base={self.bridge.pool},size=28"]

    def _spawn(self, command: list[str]) -> subprocess.Popen[bytes]:
        if self._release.folder is not None:
            command = [*namespace.inside(self.folder / "namespace"), *command]
        with (self.folder / "engine.log").open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env=machine.environment() | self._release.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in the terminal is for the tests, not for it
            )

    def _await(self, process: subprocess.Popen[bytes], path: Path, name: str) -> None:
        ready = answers if name == "dockerd" else connects

        def settled() -> bool:
            return process.poll() is not None or ready(path)

        until(settled, seconds=READY_SECONDS, what=f"{name} to answer on {path}")
        if process.poll() is not None:
            raise EngineDidNotStartError(f"{name} ended with status {process.returncode}")

    def _end(self, sig: signal.Signals) -> None:
        for process in (self._dockerd, self._containerd):
            if process is None:
                continue
            if process.poll() is None:
                processes.send(process.pid, sig)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._dockerd = self._containerd = None
        (self.folder / "docker.pid").unlink(missing_ok=True)


def _containerd_settings(folder: Path) -> str:
    return f"""version = 2
root = "{folder}/data/containerd"
state = "{folder}/exec/containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.nri.v1.nri",
  "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime"]
[grpc]
  address = "{folder}/containerd.sock"
[debug]
  level = "warn"
"""


def _major_version() -> int:
    found = re.search(r"version (\d+)\.", machine.run(["dockerd", "--version"]))
    if found is None:
        raise EngineDidNotStartError("dockerd --version names no version")
    return int(found[1])
