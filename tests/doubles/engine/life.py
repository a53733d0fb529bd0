"""The processes of the memory engine: how they start, end, are stopped, and start again.

The rules are those of moby 20.10 (daemon/start.go, stop.go, monitor.go, daemon.go: restore, and
restartmanager/restartmanager.go), each seen on a real engine.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from occ.engine.docker.wire.errors import refusal
from occ.engine.values import File, Shared
from occ.errors import OccError
from tests.doubles.engine.container import MemoryContainer, MemoryVolume
from tests.doubles.engine.host import MemoryHost

End: TypeAlias = Literal["terminated", "killed", "power cut"]

_NEVER_RAN = 128
_KILLED = 137
_LOST = 255
_ALONE = 3
_KILL_MS = 5
_SOON_MS = 30
_SICK = 503
_FIRST_BACKOFF_MS = 100
_LAST_BACKOFF_MS = 60_000
_STEADY_MS = 10_000
_SHUTDOWN_MS = 15_000
_COMES_UP_MS = 600


@dataclass(slots=True)
class Life:
    """What happens to the processes on a host."""

    host: MemoryHost
    _closing: bool = False

    def start(self, container: MemoryContainer) -> None:
        """Somebody starts it; nothing happens when it runs, be it stopping already.

        Raises:
            PortTakenError, EngineRefusedError: it cannot; a new one stays `created`, exit 128.
        """
        if container.state == "paused":
            raise refusal(409, "cannot start a paused container, try unpause instead")
        if container.running:
            return
        container.manually_stopped = False
        container.restarts = container.backoff = 0
        self._begin(container)

    def pause(self, container: MemoryContainer) -> None:
        """Freeze it: what is due for it waits.

        Raises:
            EngineRefusedError: it does not run.
        """
        if container.state != "running":
            raise refusal(409, f"Container {container.id} is not running")
        container.state = "paused"

    def unpause(self, container: MemoryContainer) -> None:
        """Thaw it."""
        container.state = "running"

    def stop(self, container: MemoryContainer, grace_ms: int, *, manually: bool = True) -> None:
        """Begin to stop it; it ends later, whether anybody waits or not."""
        if not container.running:
            return
        container.manually_stopped = container.manually_stopped or manually
        if container.state == "restarting":
            container.run += 1
            container.state = "exited"
            return
        container.state = "running"  # a frozen one is thawed to hear it
        behaviour, container.stopping = container.image.behaviour, True
        if container.image.stop_signal == "SIGKILL":
            self._end(container, _KILL_MS, _KILLED)
            return
        self._say(container, b"got SIGTERM")
        if behaviour.stops_in is not None and behaviour.stops_in <= grace_ms:
            self._end(container, behaviour.stops_in, 0)
        else:
            self._end(container, grace_ms + _KILL_MS, _KILLED)

    def restart(self, end: End, first: Sequence[str] = ()) -> None:
        """The engine ends in this way and comes up again.

        `first` are the ids of containers that it happens to start before others.
        """
        agenda = self.host.agenda
        everyone = list(self.host.containers.values())
        running = [c for c in everyone if c.running]
        if end == "power cut":
            agenda.forget()
            for one in running:
                self._ended(one, _LOST, again=False)
        else:
            if end == "killed":
                agenda.forget()  # their processes live on, and the next engine stops them
            self._closing = True
            for one in running:
                one.stopping = False
                self.stop(one, 10_000, manually=end == "killed")
            agenda.wait(lambda: not any(c.running for c in running), _SHUTDOWN_MS)
            self._closing = False
            agenda.forget()
        self.host.busy.clear()
        self.host.reserved.clear()
        agenda.spend(_COMES_UP_MS)
        for one in sorted(everyone, key=lambda c: c.id not in first):
            if one.state == "exited" and self._comes_back(one):
                self._start_again(one)

    def _begin(self, container: MemoryContainer) -> None:
        refused = self._obstacle(container)
        if refused is not None:
            container.state = "exited" if container.started_at else "created"
            container.exit_code, container.error = _NEVER_RAN, refused.message
            raise refused
        container.run += 1
        for network in container.networks:
            self.host.networks.join(container, network)
        container.state, container.stopping = "running", False
        container.exit_code, container.error = 0, ""
        container.began = self.host.agenda.at
        container.started_at = self.host.agenda.wall
        self._behave(container)

    def _obstacle(self, container: MemoryContainer) -> OccError | None:
        """What keeps it from starting: somebody whose namespace it shares, a network or a port."""
        for part, lender in container.namespaces:
            if refused := self._no_lender(part, lender):
                return refused
        try:
            for lost in self.host.networks_lost(container):
                raise refusal(404, f"network {lost} not found")
            for network in container.networks:
                self.host.networks.refuse_gone(network)
        except OccError as error:
            return error
        for port in container.ports:
            at = f"{port.address}:{port.host}"
            if self.host.holder(port.host, port.address, port.protocol):
                return refusal(
                    500,
                    "driver failed programming external connectivity on endpoint "
                    f"{container.name}: Bind for {at} failed: port is already allocated",
                )
            if port.host in self.host.listeners:
                return refusal(
                    500,
                    "driver failed programming external connectivity on endpoint "
                    f"{container.name}: Error starting userland proxy: "
                    f"listen tcp4 {at}: bind: address already in use",
                )
        return None

    def _no_lender(self, part: Shared, lender: str) -> OccError | None:
        there = self.host.find(lender)
        if there is not None and there.state == "running":
            return None
        gone = f"No such container: {lender}" if there is None else ""
        if part == "network":
            non = f"cannot join network of a non running container: {lender}"
            return refusal(404, gone) if gone else refusal(409, non)
        why = gone or f"container {lender} is not running"
        if part == "ipc":
            return refusal(500, f"can't join IPC of container {lender}: {why}")
        if gone:
            why = f"cannot join PID of a non running container: {lender}: {gone}"
        return refusal(409, why)

    def _behave(self, container: MemoryContainer) -> None:
        """The service does what its image says, on the data that it finds."""
        behaviour, agenda = container.image.behaviour, self.host.agenda
        container.listens_at, container.status = None, behaviour.status
        late = 0
        self._say(container, f"service {behaviour.version} starts".encode())
        mount = container.mounts.get(behaviour.data)
        if mount is not None and mount.volume:
            others = (c for c in self.host.running_on(mount.source) if c is not container)
            if any(others):
                self._say(container, f"another service runs on {behaviour.data}".encode())
                self._end(container, _KILL_MS, _ALONE)
                return
            volume = self.host.volumes[mount.source]
            files = volume.files
            needs = files.get(f"needs-{behaviour.version}") or files.get("needs")
            if needs is not None and needs.data.decode() not in volume.files:
                self._say(container, f"there is no {needs.data.decode()}".encode())
                self._end(container, _SOON_MS, 1)
                return
            late = volume.seconds(f"late-{behaviour.version}", "late")
            late += self._use(container, volume)
        for line in behaviour.says:
            self._say(container, line)
        if behaviour.listens_after is not None:
            container.listens_at = agenda.at + behaviour.listens_after + late
            run = container.run

            def ready() -> None:
                if container.run == run and container.state == "running":
                    self._say(container, b"ready")

            agenda.later(behaviour.listens_after + late, ready)
        if behaviour.ends_after is not None:
            self._end(container, behaviour.ends_after, behaviour.exit_code)

    def _use(self, container: MemoryContainer, volume: MemoryVolume) -> int:
        """Data of a later version makes it sick; a migrating one makes the data its own.

        The ms that this takes.
        """
        behaviour, took = container.image.behaviour, 0
        volume.files.setdefault("lock", File(path="lock"))
        there = volume.files.get("schema")
        schema = there.data.decode() if there else "0"
        if behaviour.migrates and _number(behaviour.version) > _number(schema):
            schema = behaviour.version
            volume.files["schema"] = File(path="schema", data=schema.encode())
            took = volume.seconds("migration")
            self._say(container, f"data migrated to {schema}".encode())
        if behaviour.keeps:
            self._keep_list(container, volume)
        if _number(schema) > _number(behaviour.version):
            container.status = _SICK
            self._say(container, f"data is of version {schema}, too new for me".encode())
        return took

    def _keep_list(self, container: MemoryContainer, volume: MemoryVolume) -> None:
        """A list of an earlier form is moved into ours, and one of a later form is not seen."""
        behaviour = container.image.behaviour
        ours = f"form {behaviour.version}".encode()
        there = volume.files.get("list", File(path="list", data=ours + b"\n"))
        form, _, entries = there.data.partition(b"\n")
        if _number(form.decode().removeprefix("form ")) > _number(behaviour.version):
            if behaviour.keeps == "diary":
                container.status = _SICK
                self._say(container, b"the list is of a later version, too new for me")
                return
            entries = b""
        volume.files["list"] = replace(there, data=ours + b"\n" + entries)

    def _end(self, container: MemoryContainer, after_ms: int, code: int) -> None:
        run = container.run

        def due() -> None:
            if container.run == run and container.state == "running":
                self._ended(container, code, again=True)

        self.host.agenda.later(after_ms, due)

    def _ended(self, container: MemoryContainer, code: int, *, again: bool) -> None:
        container.state, container.stopping = "exited", False
        container.exit_code, container.finished_at = code, self.host.agenda.wall
        if code == 0:
            self._say(container, b"ends with status 0")
        for other in tuple(self.host.containers.values()):  # their first process is gone with it
            if other.state == "running" and ("pid", container.id) in other.namespaces:
                self._ended(other, _KILLED, again=True)
        if not again or self._closing or container.manually_stopped:
            return
        if self._comes_back(container):
            self._loop(container)

    def _loop(self, container: MemoryContainer) -> None:
        """The policy: again after a pause, which doubles while it does not run steadily."""
        steady = self.host.agenda.at - container.began >= _STEADY_MS
        doubled = 0 if steady else container.backoff * 2
        container.backoff = min(doubled or _FIRST_BACKOFF_MS, _LAST_BACKOFF_MS)
        container.state = "restarting"
        container.restarts += 1
        run = container.run

        def due() -> None:
            if container.run == run and container.state == "restarting":
                self._start_again(container)

        self.host.agenda.later(container.backoff, due)

    def _start_again(self, container: MemoryContainer) -> None:
        """The engine itself starts it: once; why it could not is in the container's error."""
        try:
            self._begin(container)
        except OccError as error:
            container.error = error.message

    def _comes_back(self, container: MemoryContainer) -> bool:
        name, _, count = container.policy.partition(":")
        match name:
            case "always":
                return True
            case "unless-stopped":
                return not container.manually_stopped
            case "on-failure":
                left = not int(count or 0) or container.restarts < int(count)
                return container.exit_code != 0 and left
            case _:
                return False

    def _say(self, container: MemoryContainer, line: bytes) -> None:
        # the usual log driver writes JSON, and bytes that are not UTF-8 are lost in it
        readable = line.decode(errors="replace").encode()
        container.output.append((self.host.agenda.wall, readable))


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
