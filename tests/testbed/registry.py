"""A real registry on a port of the loopback address; the engine speaks plain HTTP to it."""

import atexit
import http.client
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.testbed import leftovers, machine, processes
from tests.testbed.gate import Gate
from tests.testbed.waiting import until

__all__ = ["Answer", "Gate", "Published", "Registry"]

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
MANIFESTS = (
    MANIFEST,
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
)


@dataclass(frozen=True, slots=True)
class Published:
    """An image in the registry: the reference to pull, its manifest's digest, the image's id."""

    ref: str
    digest: str
    image_id: str

    @property
    def repository(self) -> str:
        """Its name within the registry."""
        return self.ref.partition("/")[2].rpartition(":")[0]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the registry answered to a request."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Registry:
    """`docker-registry serve` with storage of its own, which survives stop() until close()."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._maker = os.getpid()
        self.images: dict[tuple[str, str, int], Published] = {}
        """What was published here, by kind, version and ballast; Images writes and reads it."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def host(self) -> str:
        """The first part of its images' references; the same after a stop and a start."""
        return f"127.0.0.1:{self._port}"

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it; it answers when this returns. Nothing happens if it runs."""
        if self.running:
            return
        if self._folder is None:
            machine.prepare()
            base = machine.short_folder()
            leftovers.clean_dead_runs(base)
            atexit.register(self.close)
            self._folder = Path(tempfile.mkdtemp(prefix=leftovers.PREFIX, dir=base))
            leftovers.sign(self._folder)
            self._port = machine.free_port()
        settings = self._folder / "config.yml"
        settings.write_text(_settings(self._folder, self.host), "utf-8")
        with (self._folder / "registry.log").open("ab") as log:
            self._process = subprocess.Popen(
                ["docker-registry", "serve", str(settings)],
                env=machine.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(self._settled, seconds=30, what="the registry to answer")
        if not self.running:
            said = (self._folder / "registry.log").read_text("utf-8", "replace")[-2000:]
            raise RuntimeError(f"docker-registry ended at once\n{said}")

    def stop(self) -> None:
        """End it as an administrator would; its images stay for the next start()."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it with kill -9; its images stay for the next start()."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        """End it and delete its images."""
        if self._folder is None or os.getpid() != self._maker:
            return
        self._end(signal.SIGKILL)
        shutil.rmtree(self._folder)
        self._folder = None
        atexit.unregister(self.close)

    def _end(self, sig: signal.Signals) -> None:
        if self._process is not None:
            if self._process.poll() is None:
                processes.send(self._process.pid, sig)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None

    def _settled(self) -> bool:
        if not self.running:
            return True
        try:
            return self.ask("GET", "/v2/").status == 200
        except OSError:
            return False

    # What it holds

    def ask(
        self, method: str, path: str, body: bytes | None = None, kind: str | None = None
    ) -> Answer:
        """One request over the registry's HTTP interface; `kind` is the body's content type."""
        connection = http.client.HTTPConnection(self.host, timeout=30)
        headers = {"Accept": ", ".join(MANIFESTS)} | ({"Content-Type": kind} if kind else {})
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, dict(response.headers.items()), response.read())
        finally:
            connection.close()

    def has(self, repository: str, digest: str) -> bool:
        """Whether a repository holds a manifest."""
        return self.ask("HEAD", f"/v2/{repository}/manifests/{digest}").status == 200

    def digest(self, repository: str, tag: str) -> str:
        """The digest that a tag points at; LookupError if there is no such tag."""
        answer = self.ask("HEAD", f"/v2/{repository}/manifests/{tag}")
        if answer.status != 200:
            raise LookupError(f"{repository}:{tag} is not in the registry ({answer.status})")
        return answer.headers["Docker-Content-Digest"]

    def delete(self, repository: str, digest: str) -> None:
        """Delete a manifest and all tags that point at it; LookupError if it is not there."""
        answer = self.ask("DELETE", f"/v2/{repository}/manifests/{digest}")
        if answer.status != 202:
            raise LookupError(f"{repository}@{digest} is not in the registry ({answer.status})")

    def copy(self, repository: str, digest: str, to: str, tag: str) -> None:
        """Let `to`:`tag` point at an image that a repository holds, without any engine.

        The blobs are mounted across repositories, as a push of shared layers does it.
        """
        manifest = self.ask("GET", f"/v2/{repository}/manifests/{digest}")
        if manifest.status != 200:
            raise LookupError(f"{repository}@{digest} is not in the registry ({manifest.status})")
        if repository != to:
            for blob in set(_blobs(manifest.body)):
                mount = f"/v2/{to}/blobs/uploads/?mount={blob}&from={repository}"
                status = self.ask("POST", mount, b"").status
                if status != 201:
                    raise RuntimeError(f"mounting {blob} in {to}: {status}")
        kind = manifest.headers["Content-Type"]  # an image's digest covers its kind as well
        put = self.ask("PUT", f"/v2/{to}/manifests/{tag}", manifest.body, kind)
        if put.status != 201:
            raise RuntimeError(f"tagging {to}:{tag}: {put.status}")


def _blobs(manifest: bytes) -> list[str]:
    content = json.loads(manifest)
    return [content["config"]["digest"], *(layer["digest"] for layer in content["layers"])]


def _settings(folder: Path, address: str) -> str:
    return f"""version: 0.1
log: {{level: warn, accesslog: {{disabled: true}}}}
storage:
  filesystem: {{rootdirectory: {folder}/storage}}
  delete: {{enabled: true}}
  maintenance: {{uploadpurging: {{enabled: false}}}}
http: {{addr: "{address}"}}
"""
