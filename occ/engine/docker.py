"""The Docker engine: the only adapter that imports docker, through the files beside it."""

import json
import os
import posixpath
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from occ.clock import Clock, SystemClock
from occ.domain.spec import Build
from occ.engine import (
    docker_build,
    docker_exec,
    docker_files,
    docker_inside,
    docker_make,
    docker_read,
    probe,
)
from occ.engine.docker_address import choose
from occ.engine.docker_client import Client, Waits, message
from occ.engine.docker_errors import refusal, registry_refusal
from occ.engine.port import (
    Answer,
    BuildProgress,
    Change,
    Container,
    ContainerRequest,
    Declared,
    EngineInfo,
    File,
    Image,
    PullProgress,
    Ran,
    Route,
)
from occ.errors import (
    BuildFailedError,
    EngineRefusedError,
    NoProbeError,
    NotFoundError,
    RegistryError,
)

_ABSENT: Final = 404
_CONFLICT: Final = 409
_FAILURE: Final = 400
_PAUSE_MS: Final = 200
_LEAVING: Final = frozenset({"removing", "dead"})
_ANY: Final = {"0.0.0.0": "127.0.0.1", "*": "127.0.0.1", "::": "::1"}  # noqa: S104 - asked, not bound


class DockerEngine:
    """One Docker engine; `address` empty is the one that the environment names."""

    def __init__(
        self, address: str = "", *, waits: Waits | None = None, clock: Clock | None = None
    ) -> None:
        self._address = choose(address, os.environ)
        self._waits = waits or Waits()
        self._clock = clock or SystemClock()
        self._client = Client(self._address)

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
        return docker_read.moment(told["Created"]) if told else 0

    def containers(self, labels: Mapping[str, str]) -> tuple[Container, ...]:
        """The containers with all these labels, oldest first; nothing else is inspected."""
        wanted = [f"{name}={value}" if value else name for name, value in labels.items()]
        found = self._list(filters=json.dumps({"label": wanted}))
        found.reverse()  # newest first, and the time it tells has seconds only
        found.sort(key=lambda each: int(each["Created"]))
        looked = (self.inspect(each["Id"]) for each in found)
        return tuple(there for there in looked if there is not None)

    def names(self) -> Mapping[str, str]:
        """Every container's id by its name."""
        return {
            name.removeprefix("/"): each["Id"] for each in self._list() for name in each["Names"]
        }

    def sharers(self, container: str) -> tuple[str, ...]:
        """Running containers that use this one's network or one of its named volumes."""
        there = self.inspect(container)
        if there is None:
            return ()
        volumes = set(there.mounts.values())
        found = []
        for each in self._list(running=True):
            mode = (each.get("HostConfig") or {}).get("NetworkMode", "")
            borrowed = mode.removeprefix("container:") if mode.startswith("container:") else ""
            mounted = {m.get("Name") for m in each.get("Mounts", ())} & volumes
            if each["Id"] != there.id and (borrowed in {there.id, there.name} or mounted):
                found.append(each["Names"][0].removeprefix("/"))
        return tuple(found)

    def inspect(self, container: str) -> Container | None:
        """One container."""
        path = f"/containers/{quote(container, safe='')}/json"
        told = self._client.get(path, wait=self._waits.inspect)
        return docker_read.container(told) if told else None

    def declared(self, container: str) -> Declared | None:
        """What it was made with."""
        path = f"/containers/{quote(container, safe='')}/json"
        told = self._client.get(path, wait=self._waits.inspect)
        if told is None:
            return None
        image = self._client.get(f"/images/{told['Image']}/json", wait=self._waits.inspect)
        info = self._client.get("/info", wait=self._waits.inspect)
        return docker_read.declared(told, image, info)

    def create(self, request: ContainerRequest) -> str:
        """Create it, and connect its further networks."""
        answer = self._client.ask(
            "POST",
            "/containers/create",
            wait=self._waits.change,
            params={"name": request.name},
            json=docker_build.payload(request),
        )
        made = str(answer.json()["Id"])
        for network in request.spec.networks[1:]:
            self._client.ask(
                "POST",
                f"/networks/{quote(network, safe='')}/connect",
                wait=self._waits.change,
                json={
                    "Container": made,
                    "EndpointConfig": docker_build.endpoint(request, network),
                },
            )
        return made

    def start(self, container: str) -> None:
        """Start it."""
        self._change("POST", container, "start")

    def stop(self, container: str, grace_ms: int) -> None:
        """Stop it; absent is fine."""
        seconds = -(-grace_ms // 1000)
        self._client.ask(
            "POST",
            f"/containers/{container}/stop",
            wait=seconds + self._waits.stop,
            fine=(_ABSENT,),
            params={"t": seconds},
        )

    def remove(self, container: str, *, volumes: bool = True) -> None:
        """Have it gone; a removal in progress is waited for."""
        until = self._clock.monotonic() + int(self._waits.removal * 1000)
        while True:
            answer = self._client.ask(
                "DELETE",
                f"/containers/{container}",
                wait=self._waits.change,
                fine=(_ABSENT, _CONFLICT),
                params={"v": "1" if volumes else "0"},
            )
            if answer.status_code != _CONFLICT:
                return
            there = self.inspect(container)
            if there is None:
                return
            going = "already in progress" in message(answer) or there.state in _LEAVING
            if not going or self._clock.monotonic() > until:
                raise refusal(_CONFLICT, message(answer))
            self._clock.sleep(_PAUSE_MS)

    def rename(self, container: str, name: str) -> None:
        """Give it this name."""
        there = self.inspect(container)
        if there is not None and there.name == name:
            return
        self._change("POST", container, "rename", params={"name": name})

    def set_policy(self, container: str, policy: str) -> None:
        """Set its restart policy."""
        self._change(
            "POST", container, "update", json={"RestartPolicy": docker_build.policy(policy)}
        )

    def logs(
        self,
        container: str,
        *,
        tail: int | None = None,
        since: int = 0,
        timestamps: bool = False,
        follow: bool = False,
    ) -> Iterator[bytes]:
        """Its output in lines."""
        told = self._client.get(f"/containers/{container}/json", wait=self._waits.inspect)
        if told is None:
            raise NotFoundError(f"there is no container {container[:12]}", hint="occ status")
        answer = self._client.ask(
            "GET",
            f"/containers/{container}/logs",
            wait=None if follow else self._waits.change,
            stream=True,
            params={
                "stdout": "1",
                "stderr": "1",
                "follow": "1" if follow else "0",
                "timestamps": "1" if timestamps else "0",
                "tail": "all" if tail is None else str(tail),
                "since": f"{since / 1000:.3f}" if since else "0",
            },
        )
        pieces = self._client.pieces(answer)
        return _lines(pieces if told["Config"].get("Tty") else _demultiplexed(pieces))

    def image(self, reference: str) -> Image | None:
        """An image on the host."""
        told = self._client.get(f"/images/{reference}/json", wait=self._waits.inspect)
        return docker_read.image(told) if told else None

    def pull(
        self, reference: str, progress: Callable[[PullProgress], None] = lambda _: None
    ) -> Image:
        """Pull; the stream's own errors count, and the image that came is looked at."""
        answer = self._client.ask(
            "POST",
            "/images/create",
            wait=self._waits.stall,
            fine=tuple(range(_FAILURE, 600)),
            stream=True,
            params={"fromImage": reference},
            headers=self._client.credentials(reference),
        )
        if answer.status_code >= _FAILURE:
            raise registry_refusal(reference, answer.status_code, message(answer))
        layers: dict[str, tuple[int, int]] = {}
        for line in _lines(self._client.pieces(answer)):
            told = json.loads(line) if line.strip() else {}
            if "error" in told:
                raise registry_refusal(reference, 0, str(told["error"]))
            if told.get("status") in {"Downloading", "Download complete"} and "id" in told:
                _count(layers, told)
                done, total = (sum(n) for n in zip(*layers.values(), strict=True))
                progress(PullProgress(done=done, total=total, text=str(told.get("status"))))
        image = self.image(reference)
        if image is None:
            raise RegistryError(
                f"{reference} was pulled and is not there", hint=f"docker pull {reference}"
            )
        return image

    def build(
        self, build: Build, progress: Callable[[BuildProgress], None] = lambda _: None
    ) -> Image:
        """Build; the image is looked at under the id that the builder names."""
        try:
            made = docker_make.make(self._client, self._address, build, progress)
        except BuildFailedError:
            self.info()  # an engine that is not there any more has built nothing wrong
            raise
        image = self.image(made)
        if image is None:
            raise BuildFailedError(f"{made} was built and is not there", hint="docker images -a")
        return image

    def registry_digest(self, reference: str) -> str:
        """The digest at the registry."""
        answer = self._client.ask(
            "GET",
            f"/distribution/{reference}/json",
            wait=self._waits.registry,
            fine=tuple(range(_FAILURE, 600)),
            headers=self._client.credentials(reference),
        )
        if answer.status_code >= _FAILURE:
            raise registry_refusal(reference, answer.status_code, message(answer))
        return str(answer.json()["Descriptor"]["digest"])

    def tag(self, image: str, reference: str) -> None:
        """Have the tag point at the image."""
        repository, _, tag = reference.rpartition(":")
        self._client.ask(
            "POST",
            f"/images/{image}/tag",
            wait=self._waits.change,
            params={"repo": repository, "tag": tag},
        )

    def untag(self, reference: str) -> None:
        """Have the tag gone, but never an image's last one."""
        there = self.image(reference)
        if there is None or reference not in there.references:
            return
        if len(there.references) + len(there.digests) > 1:
            self._client.ask(
                "DELETE",
                f"/images/{reference}",
                wait=self._waits.change,
                fine=(_ABSENT,),
                params={"noprune": "1"},
            )

    def volume(self, name: str) -> Mapping[str, str] | None:
        """A volume's labels."""
        told = self._client.get(f"/volumes/{quote(name, safe='')}", wait=self._waits.inspect)
        return dict(told.get("Labels") or {}) if told else None

    def create_volume(self, name: str, labels: Mapping[str, str]) -> None:
        """Have the volume."""
        self._client.ask(
            "POST",
            "/volumes/create",
            wait=self._waits.change,
            json={"Name": name, "Labels": dict(labels)},
        )

    def remove_volume(self, name: str) -> None:
        """Have it gone."""
        path = f"/volumes/{quote(name, safe='')}"
        self._client.ask("DELETE", path, wait=self._waits.change, fine=(_ABSENT,))

    def copy_folder(self, source: str, target: str, path: str) -> None:
        """From one archive call to the other; only a whole archive counts."""
        answer = self._client.ask(
            "GET",
            f"/containers/{source}/archive",
            wait=self._waits.stall,
            stream=True,
            params={"path": path},
        )
        self._client.ask(
            "PUT",
            f"/containers/{target}/archive",
            wait=self._waits.change,
            params={"path": posixpath.dirname(path)},
            data=docker_files.whole(self._client.pieces(answer)),
            headers={"Content-Type": "application/x-tar"},
        )

    def network(self, name: str) -> bool:
        """Whether there is such a network."""
        path = f"/networks/{quote(name, safe='')}"
        return self._client.get(path, wait=self._waits.inspect) is not None

    def read_file(self, container: str, path: str) -> File | None:
        """A file out of a container; one symbolic link is followed."""
        found = self._archived(container, path)
        if isinstance(found, str):
            linked = self._archived(container, found)
            return replace(linked, path=path) if isinstance(linked, File) else None
        return found

    def _archived(self, container: str, path: str) -> File | str | None:
        answer = self._client.ask(
            "HEAD",
            f"/containers/{container}/archive",
            wait=self._waits.inspect,
            fine=(_ABSENT,),
            params={"path": path},
        )
        if answer.status_code == _ABSENT:
            return None
        stat = docker_stat(answer.headers.get("X-Docker-Container-Path-Stat", ""))
        if stat.get("mode", 0) & _FOLDER:
            return File(path=path, folder=True)
        if stat.get("size", 0) > docker_files.MOST_BYTES:
            raise EngineRefusedError(f"{path} is larger than 1 MiB", hint="occ show")
        answer = self._client.ask(
            "GET",
            f"/containers/{container}/archive",
            wait=self._waits.change,
            fine=(_ABSENT,),
            params={"path": path},
        )
        return docker_files.unpack(answer.content, path) if answer.ok else None

    def write_files(self, container: str, files: Sequence[File]) -> None:
        """Put files into a container, as root, in one archive from memory."""
        wanted = [f for f in files if not f.folder or self.read_file(container, f.path) is None]
        if not wanted:
            return
        self._client.ask(
            "PUT",
            f"/containers/{container}/archive",
            wait=self._waits.change,
            params={"path": "/"},
            data=docker_files.pack(wanted),
            headers={"Content-Type": "application/x-tar"},
        )

    def exec(self, container: str, words: Sequence[str], *, stdin: bytes = b"") -> Ran:
        """Run a program as root, to its end."""
        return docker_exec.run(self._client, self._waits, self._clock, container, words, stdin)

    def changes(self, container: str) -> tuple[Change, ...]:
        """What is in its own layer."""
        there = self.inspect(container)
        if there is None:
            raise NotFoundError(f"there is no container {container[:12]}", hint="occ status")
        told = self._client.get(f"/containers/{there.id}/changes", wait=self._waits.change)
        return docker_exec.changes(told or (), there.mounts)

    def route(self, container: str, port: int) -> Route | None:
        """The way that a probe would go."""
        there = self.inspect(container)
        if there is None:
            return None
        if self._address.local and any(p.container == port for p in there.ports):
            return "published"
        if self._address.local and sys.platform == "linux" and self._own(container, port):
            return "address"
        return "inside" if docker_inside.asker(self._client, self._waits, container) else None

    def probe(self, container: str, port: int, path: str, timeout_ms: int) -> Answer | None:
        """One GET."""
        route = self.route(container, port)
        if route is None:
            raise NoProbeError(
                f"nothing can ask {path} of {container[:12]}",
                hint="publish its port, have curl or wget in the image, or go without: --no-probe",
            )
        if route == "inside":
            words = docker_inside.asker(self._client, self._waits, container)
            run = partial(self.exec, container)
            return docker_inside.ask(run, words, port, path, timeout_ms)
        at = self._at(container, port) if route == "published" else self._own(container, port)
        told = probe.get(at[0], at[1], path, timeout_ms) if at and at[0] else None
        return Answer(status=told[0], body=told[1], route=route) if told else None

    def _at(self, container: str, port: int) -> tuple[str, int] | None:
        there = self.inspect(container)
        for p in there.ports if there else ():
            if p.container == port:
                return _ANY.get(p.address, p.address), p.host
        return None

    def _own(self, container: str, port: int) -> tuple[str, int] | None:
        """Where it is reached from this host without a published port; no address before it runs.

        One on the host's own network is there under the host's; one without a network, or on
        another container's, is not reached.
        """
        told = self._client.get(f"/containers/{container}/json", wait=self._waits.inspect) or {}
        mode = (told.get("HostConfig") or {}).get("NetworkMode", "")
        if mode == "host":
            return "127.0.0.1", port
        if mode == "none" or mode.startswith("container:"):
            return None
        networks = (told.get("NetworkSettings") or {}).get("Networks") or {}
        address = next((n["IPAddress"] for n in networks.values() if n.get("IPAddress")), "")
        return address, port

    def _change(self, method: str, container: str, verb: str, **more: Any) -> None:  # noqa: ANN401
        path = f"/containers/{quote(container, safe='')}/{verb}"
        self._client.ask(method, path, wait=self._waits.change, **more)

    def _list(self, *, running: bool = False, **params: str) -> list[dict[str, Any]]:
        chosen = {"all": "0" if running else "1", **params}
        found: list[dict[str, Any]] = self._client.get(
            "/containers/json", wait=self._waits.inspect, **chosen
        )
        return found


_FOLDER = 1 << 31  # Go's os.ModeDir, in which the engine tells a file's mode


def docker_stat(header: str) -> dict[str, Any]:
    """What the archive call says of a path in its header: base64 of JSON."""
    import base64  # noqa: PLC0415 - only here

    stat: dict[str, Any] = json.loads(base64.b64decode(header)) if header else {}
    return stat


def _count(layers: dict[str, tuple[int, int]], told: Mapping[str, Any]) -> None:
    detail = told.get("progressDetail") or {}
    if told["status"] == "Download complete":
        total = layers.get(told["id"], (0, 0))[1]
        layers[told["id"]] = (total, total)
    elif detail.get("total"):
        layers[told["id"]] = (int(detail.get("current", 0)), int(detail["total"]))
    else:
        layers.setdefault(told["id"], (0, 0))


def _demultiplexed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The payload of the engine's framed streams: 8 bytes of header, the last 4 its length."""
    buffer = b""
    for piece in pieces:
        buffer += piece
        while len(buffer) >= 8:  # noqa: PLR2004 - see above
            length = int.from_bytes(buffer[4:8], "big")
            if len(buffer) < 8 + length:
                break
            yield buffer[8 : 8 + length]
            buffer = buffer[8 + length :]


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from (line.removesuffix(b"\r") for line in lines)
    if rest:
        yield rest
