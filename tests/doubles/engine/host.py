"""The host of the memory engine: its containers, volumes, networks and ports, and who has them."""

import hashlib
import posixpath
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from occ.domain.spec import Port, Spec
from occ.engine.docker.wire import payload
from occ.engine.docker.wire.errors import refusal
from occ.engine.values import ContainerRequest, File, Shared
from tests.doubles.engine.agenda import Agenda
from tests.doubles.engine.container import MemoryContainer, MemoryMount, MemoryVolume
from tests.doubles.engine.image import BuiltImage
from tests.doubles.engine.networks import MemoryNetworks
from tests.doubles.engine.registry import MemoryRegistry
from tests.doubles.engine.store import MemoryImages

if TYPE_CHECKING:
    from occ.domain.values import Json
    from tests.doubles.programs import Script

Prune: TypeAlias = Literal["containers", "images", "all images", "volumes"]

_SHORTEST_ID = 12
_NAMESPACES: tuple[tuple[str, Shared], ...] = (("PidMode", "pid"), ("IpcMode", "ipc"))
_EVERYWHERE = frozenset({"*", "", "0.0.0.0", "::"})


@dataclass(slots=True)
class MemoryHost:
    """All that is on a host. `listeners` are the ports that other processes listen on.

    `folders` are the host's own, for bind mounts. `busy` counts what keeps a container's other
    calls waiting; `reserved` are names of containers that are being made, and `volume NAME`.
    `scripts` are programs by their paths, and `marks` what these left. `pages` are what services of
    a version answer on a path, status and body.
    `scripts` are programs by their paths, and `marks` what these left; `inside` are those
    that run on in a container after their time, and until when.
    """

    agenda: Agenda
    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    images: MemoryImages = field(default_factory=MemoryImages)
    containers: dict[str, MemoryContainer] = field(default_factory=dict)
    volumes: dict[str, MemoryVolume] = field(default_factory=dict)
    networks: MemoryNetworks = field(
        default_factory=lambda: MemoryNetworks(("bridge", "host", "none"))
    )
    listeners: set[int] = field(default_factory=set)
    pages: dict[tuple[str, str], tuple[int, bytes]] = field(default_factory=dict)
    folders: dict[str, dict[str, File]] = field(default_factory=dict)
    busy: Counter[str] = field(default_factory=Counter)
    reserved: set[str] = field(default_factory=set)
    scripts: "dict[str, Script]" = field(default_factory=dict)
    marks: set[str] = field(default_factory=set)
    inside: list[tuple[str, tuple[str, ...], int]] = field(default_factory=list)
    _made: int = 0

    def find(self, container: str) -> MemoryContainer | None:
        """By id, name or the beginning of an id."""
        for one in self.containers.values():
            if container in {one.id, one.name}:
                return one
        close = (c for c in self.containers.values() if c.id.startswith(container))
        return next(close, None) if len(container) >= _SHORTEST_ID else None

    def there(self, container: str) -> MemoryContainer:
        """By id or name.

        Raises:
            NotFoundError: it is not there.
        """
        found = self.find(container)
        if found is None:
            raise refusal(404, f"No such container: {container}")
        return found

    def labelled(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        """The ids of the containers with all these labels, oldest first."""
        found = [
            one
            for one in self.containers.values()
            if all(
                name in one.labels and value in {"", one.labels[name]}
                for name, value in labels.items()
            )
        ]
        return tuple(one.id for one in sorted(found, key=lambda c: c.created))

    def create(self, request: ContainerRequest) -> MemoryContainer:
        """Make a container as the real engine does: image, name, then what is mounted.

        It is in the first of its networks alone; the others are connected by calls of their own.
        """
        image = self._image(request.image)
        self.refuse_taken(request.name)
        body = payload.payload(request)
        self._name_lenders(body["HostConfig"])
        self._refuse_missing(body["HostConfig"]["Mounts"])
        made = self._new(request.name, image, {**image.labels, **body["Labels"]})
        made.body, made.ports = body, request.spec.ports
        lent = "network" in made.shares
        made.networks = () if lent else (request.spec.networks or ("bridge",))[:1]
        for lender in made.shares.get("volumes", ()):
            made.mounts.update(self.there(lender).mounts)
        for mount in body["HostConfig"]["Mounts"]:
            self._mount(made, mount)
        self._mount_rest(made, body["HostConfig"].get("Tmpfs") or {})
        self.containers[made.id] = made
        return made

    def _name_lenders(self, host: dict[str, Any]) -> None:
        """The engine holds the ids of those whose namespaces are shared, whatever was typed."""
        for key in ("NetworkMode", "PidMode", "IpcMode"):
            kind, _, whose = str(host.get(key, "")).partition(":")
            if kind == "container":
                host[key] = f"container:{self.there(whose).id}"

    def connect(self, container: MemoryContainer, network: str) -> None:
        """Have a container in one more network; before its start nobody looks whether it is there.

        Raises:
            EngineRefusedError: it runs, and there is no such network.
        """
        if container.running:
            self.networks.refuse_gone(network)
        self.networks.join(container, network)

    def networks_lost(self, container: MemoryContainer) -> tuple[str, ...]:
        """The networks it is in, or shares, that are gone."""
        lenders = container.shares.get("network", ())
        borrowed = (f"container:{one}" for one in lenders if one not in self.containers)
        return (*self.networks.lost(container), *borrowed)

    def foreign(
        self,
        name: str,
        image: str,
        *,
        shares: Mapping[Shared, str] = MappingProxyType({}),
        ports: tuple[Port, ...] = (),
        labels: Mapping[str, str] = MappingProxyType({}),
    ) -> MemoryContainer:
        """Somebody else's container: no labels of ours, no named volumes, no policy."""
        lent = {part: f"container:{lender}" for part, lender in shares.items()}
        engine: dict[str, Json] = {}
        if "volumes" in shares:
            engine["VolumesFrom"] = [shares["volumes"]]
        engine |= {key: lent[part] for key, part in _NAMESPACES if part in lent}
        networks = (lent["network"],) if "network" in lent else ()
        spec = Spec(ports=ports, networks=networks, restart="no", engine=engine)
        request = ContainerRequest(name=name, image=image, spec=spec, labels=labels, alias=name)
        return self.create(request)

    def remove(self, container: MemoryContainer, *, volumes: bool = True) -> None:
        """Have it gone, and its anonymous volumes unless they are to stay.

        Raises:
            EngineRefusedError: it is running.
        """
        if container.running:
            raise refusal(
                409,
                f"You cannot remove a running container {container.id}. Stop the container "
                "before attempting removal or force remove",
            )
        self.containers.pop(container.id, None)
        for mount in container.mounts.values():
            if volumes and mount.anonymous:
                self.volumes.pop(mount.source, None)

    def remove_image(self, reference: str) -> None:
        """Have a tag or digest gone; absent is fine.

        Raises:
            EngineRefusedError: it is the image's last one, and a container uses that.
        """
        self.images.delete(reference, {c.image.id for c in self.containers.values()})

    def remove_volume(self, name: str) -> None:
        """Have a volume gone; absent is fine.

        Raises:
            EngineRefusedError: a container has it.
        """
        having = [c.id for c in self.containers.values() if c.has_volume(name)]
        if having:
            raise refusal(409, f"remove {name}: volume is in use - [{', '.join(having)}]")
        self.volumes.pop(name, None)

    def remove_network(self, name: str) -> None:
        """Have a network gone; absent is fine.

        Raises:
            EngineRefusedError: a container that runs is in it.
        """
        if any(c.running and name in c.networks for c in self.containers.values()):
            raise refusal(403, f"error while removing network: network {name} has active endpoints")
        self.networks.discard(name)

    def rename(self, container: MemoryContainer, name: str) -> None:
        """Give it another name.

        Raises:
            NameTakenError: another one has it.
        """
        if container.name != name:
            self.refuse_taken(name)
            container.name = name

    def prune(self, what: Prune) -> None:
        """`docker container|image|volume prune -f`, and `image prune -af`."""
        match what:
            case "containers":
                for one in tuple(self.containers.values()):
                    if not one.running:
                        del self.containers[one.id]  # its volumes stay
            case "volumes":
                used = {
                    m.source
                    for c in self.containers.values()
                    for m in c.mounts.values()
                    if m.volume
                }
                for name in self.volumes.keys() - used:
                    del self.volumes[name]
            case "images" | "all images":
                in_use = {c.image.id for c in self.containers.values()}
                self.images.prune(in_use, everything=what == "all images")

    def holder(self, port: int, address: str, protocol: str = "tcp") -> MemoryContainer | None:
        """The running container that has a port of the host."""
        for one in self.containers.values():
            if one.state == "running" and any(
                p.host == port and p.protocol == protocol and _same(p.address, address)
                for p in one.ports
            ):
                return one
        return None

    def running_on(self, volume: str) -> Iterator[MemoryContainer]:
        """The running containers whose service keeps its data in a volume."""
        for one in self.containers.values():
            mount = one.mounts.get(one.image.behaviour.data)
            if one.state == "running" and mount is not None and mount.source == volume:
                yield one

    def refuse_taken(self, name: str) -> None:
        """Raises NameTakenError when a container has the name."""
        holder = next((c for c in self.containers.values() if c.name == name), None)
        if holder is not None or name in self.reserved:
            number = holder.id if holder else "one that is being made"
            raise refusal(
                409,
                f'Conflict. The container name "/{name}" is already in use by container '
                f'"{number}". You have to remove (or rename) that container to be able to '
                "reuse that name.",
            )

    def _image(self, reference: str) -> BuiltImage:
        image = self.images.find(reference)
        if image is None:
            raise refusal(404, f"No such image: {reference}")
        return image

    def _new(self, name: str, image: BuiltImage, labels: Mapping[str, str]) -> MemoryContainer:
        self._made += 1
        return MemoryContainer(
            id=hashlib.sha256(f"container {self._made}".encode()).hexdigest(),
            name=name,
            image=image,
            labels=labels,
            created=self._made,
        )

    def _refuse_missing(self, mounts: list[dict[str, Any]]) -> None:
        for mount in mounts:
            if mount["Type"] == "bind" and mount["Source"] not in self.folders:
                raise refusal(
                    400,
                    'invalid mount config for type "bind": bind source path does not exist: '
                    f"{mount['Source']}",
                )

    def _mount(self, made: MemoryContainer, mount: Mapping[str, Any]) -> None:
        path, read_only = str(mount["Target"]), bool(mount.get("ReadOnly"))
        if mount["Type"] == "bind":
            made.mounts[path] = MemoryMount(str(mount["Source"]), volume=False, read_only=read_only)
        elif mount["Type"] == "volume" and mount.get("Source"):
            name = str(mount["Source"])
            made.mounts[path] = MemoryMount(name, volume=True, read_only=read_only)
            volume = self.volumes.setdefault(name, MemoryVolume())
            if not (mount.get("VolumeOptions") or {}).get("NoCopy"):
                _fill(volume, made.image, path)

    def _mount_rest(self, made: MemoryContainer, tmpfs: Mapping[str, str]) -> None:
        """Every VOLUME of the image that nothing else is mounted on gets an anonymous one."""
        for path in made.image.volumes:
            if path not in made.mounts and path not in tmpfs:
                name = hashlib.sha256(f"{made.id} {path}".encode()).hexdigest()
                made.mounts[path] = MemoryMount(name, volume=True, anonymous=True)
                self.volumes[name] = MemoryVolume()
                _fill(self.volumes[name], made.image, path)


def _fill(volume: MemoryVolume, image: BuiltImage, path: str) -> None:
    """The engine copies what the image has there into a volume that is empty."""
    if not volume.files:
        for file in image.files:
            if file.path.startswith(f"{path}/"):
                inside = posixpath.relpath(file.path, path)
                volume.files[inside] = replace(file, path=inside)


def _same(one: str, other: str) -> bool:
    return one == other or bool({one, other} & _EVERYWHERE)
