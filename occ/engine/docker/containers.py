"""Containers: which there are, what they are, and how they live and go."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote

from occ.domain.spec import Spec
from occ.engine.docker.wire import payload, read, shape, streams
from occ.engine.docker.wire.client import message
from occ.engine.docker.wire.errors import refusal
from occ.engine.docker.wire.link import ABSENT, CONFLICT, Link
from occ.engine.values import (
    ENGINE_NETWORKS,
    LEAVING,
    Container,
    ContainerRequest,
    Inspection,
    Neighbour,
    neighbouring,
)
from occ.errors import EngineRefusedError, NotFoundError

_PAUSE_MS: Final = 200
_MAC_IN_NETWORK: Final = "1.44"
# As containerd, runc and Podman say it, when only one of them has seen the end.
_ENDED: Final = (
    "cannot update a ",  # stopped container, or deleted process
    "container not running",
    "updating container: ",
    "ttrpc: closed",
)
_NOTICED_MS: Final = 10_000
_UNFROZEN: Final = "unable to freeze"
_FROZEN_MS: Final = 10_000


class Containers(Link):
    """The calls about containers."""

    def containers(self, labels: Mapping[str, str]) -> tuple[Container, ...]:
        """The containers with all these labels, oldest first; nothing else is inspected."""
        found = self._list(filters=self._labelled(labels))
        found.reverse()  # newest first, and the time it tells has seconds only
        found.sort(key=lambda each: shape.number(each.get("Created")))
        looked = (self.inspect(shape.needed(each, "Id")) for each in found)
        return tuple(there for there in looked if there is not None)

    def names(self) -> Mapping[str, str]:
        """Every container's id by its name."""
        return {
            name.removeprefix("/"): shape.needed(each, "Id")
            for each in self._list()
            for name in shape.texts(each.get("Names"))
        }

    def neighbours(
        self, containers: Collection[str], volumes: Collection[str]
    ) -> tuple[Neighbour, ...]:
        """Who uses parts of these: the list of all does not tell that, so each is looked at.

        A stranger's container that cannot be looked at, such as one half removed, is passed over.
        """
        found = []
        for each in self._list():
            with suppress(EngineRefusedError):
                told = self._inspected(shape.needed(each, "Id"))
                one = read.neighbour(told) if told is not None else None
                if one is not None and neighbouring(one, containers, volumes):
                    found.append(one)
        return tuple(found)

    def inspect(self, container: str) -> Container | None:
        """One container."""
        told = self._inspected(container)
        return None if told is None else read.container(told)

    def inspection(self, container: str) -> Inspection | None:
        """All that it was made with."""
        told = self._inspected(container)
        if told is None:
            return None
        image = self._table(f"/images/{shape.needed(told, 'Image')}/json")
        return read.inspection(told, image, self._table("/info") or {})

    def create(self, request: ContainerRequest) -> str:
        """Create it, and connect its further networks."""
        body, named = payload.payload(request), {"name": request.name}
        if self._client.speaks(_MAC_IN_NETWORK):
            body.pop("MacAddress", None)  # the endpoint has it
        answer = self._change("POST", "/containers/create", params=named, json=body)
        made = shape.needed(self._client.json(answer), "Id")
        for network in request.spec.networks[1:]:
            self._connect(made, request.spec, request.alias, network)
        return made

    def join(self, container: str, spec: Spec, alias: str) -> None:
        """Connect the networks of the spec that it is not in."""
        told = self._inspected(container)
        if told is None:
            raise NotFoundError(f"there is no container {container[:12]}", hint="docker ps -a")
        joined = shape.table(shape.table(told.get("NetworkSettings")).get("Networks"))
        known = {*joined, *(shape.text(shape.table(n).get("NetworkID")) for n in joined.values())}
        for network in spec.networks[1:]:
            if network not in known:
                self._connect(shape.needed(told, "Id"), spec, alias, network)

    def start(self, container: str) -> None:
        """Start it."""
        self._post(container, "start")

    def stop(self, container: str, grace_ms: int) -> None:
        """Stop it; absent is fine."""
        seconds = -(-grace_ms // 1000)
        self._client.ask(
            "POST",
            f"/containers/{container}/stop",
            wait=seconds + self._waits.stop,
            fine=(ABSENT,),
            params={"t": seconds},
        )

    def networks_lost(self, container: str) -> tuple[str, ...]:
        """The networks it is in that are gone. Into the engine's own it comes back by name."""
        told = self._inspected(container) or {}
        joined = shape.table(shape.table(told.get("NetworkSettings")).get("Networks"))
        numbers = {
            name: shape.text(shape.table(endpoint).get("NetworkID"))
            for name, endpoint in joined.items()
            if name not in ENGINE_NETWORKS
        }
        mode = shape.text(shape.table(told.get("HostConfig")).get("NetworkMode"))
        lender = mode.removeprefix("container:") if mode.startswith("container:") else ""
        lost = [n for n, number in numbers.items() if number and self._no_network(number)]
        return (*lost, *([mode] if lender and self.inspect(lender) is None else []))

    def pause(self, container: str) -> None:
        """Freeze it, unless it is frozen.

        On a busy machine runc gives up before every process is frozen, and thaws them all; then it
        is asked again.
        """
        until = self._clock.monotonic() + _FROZEN_MS
        while (there := self.inspect(container)) is None or there.state != "paused":
            try:
                self._post(container, "pause")
            except EngineRefusedError as error:
                if _UNFROZEN not in error.message or self._clock.monotonic() >= until:
                    raise
                self._clock.sleep(_PAUSE_MS)
            else:
                return

    def unpause(self, container: str) -> None:
        """Thaw it, if it is frozen."""
        there = self.inspect(container)
        if there is not None and there.state == "paused":
            self._post(container, "unpause")

    def memory(self, container: str) -> int:
        """The memory of its processes, without files that the kernel could drop."""
        once = {"stream": "false", "one-shot": "true"}
        told = shape.table(self._look(f"/containers/{quote(container, safe='')}/stats", **once))
        usage = shape.table(told.get("memory_stats"))
        cache = shape.number(shape.table(usage.get("stats")).get("inactive_file"))
        return max(0, shape.number(usage.get("usage")) - cache)

    def remove(self, container: str, *, volumes: bool = True) -> None:
        """Have it gone; a removal in progress is waited for."""
        until = self._clock.monotonic() + int(self._waits.removal * 1000)
        while True:
            answer = self._change(
                "DELETE",
                f"/containers/{container}",
                fine=(ABSENT, CONFLICT),
                params={"v": "1" if volumes else "0"},
            )
            if answer.status_code != CONFLICT:
                return
            there = self.inspect(container)
            if there is None:
                return
            going = "already in progress" in message(answer) or there.state in LEAVING
            if not going or self._clock.monotonic() > until:
                raise refusal(CONFLICT, message(answer))
            self._clock.sleep(_PAUSE_MS)

    def rename(self, container: str, name: str) -> None:
        """Give it this name."""
        there = self.inspect(container)
        if there is not None and there.name == name:
            return
        self._post(container, "rename", params={"name": name})

    def set_policy(self, container: str, policy: str) -> None:
        """Set its restart policy.

        Between the end of a container and the engine's notice of it, which one in a crash loop
        comes by often, the engine takes no policy: then it is asked again.
        """
        until = self._clock.monotonic() + _NOTICED_MS
        body = {"RestartPolicy": payload.policy(policy)}
        while True:
            try:
                self._post(container, "update", json=body)
            except EngineRefusedError as error:
                ended = any(words in error.message for words in _ENDED)
                if not ended or self._clock.monotonic() > until:
                    raise
                self._clock.sleep(_PAUSE_MS)
            else:
                return

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
        told = self._inspected(container)
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
        return streams.lines(
            pieces if shape.table(told.get("Config")).get("Tty") else streams.payloads(pieces)
        )

    def _connect(self, container: str, spec: Spec, alias: str, network: str) -> None:
        body = {"Container": container, "EndpointConfig": payload.endpoint(spec, alias, network)}
        self._change("POST", f"/networks/{quote(network, safe='')}/connect", json=body)

    def _no_network(self, number: str) -> bool:
        return self._table(f"/networks/{quote(number, safe='')}") is None

    def _post(self, container: str, verb: str, **more: Any) -> None:  # noqa: ANN401 - handed on
        self._change("POST", f"/containers/{quote(container, safe='')}/{verb}", **more)

    def _inspected(self, container: str) -> Mapping[str, Any] | None:
        return self._table(f"/containers/{quote(container, safe='')}/json")

    def _list(self, **params: str) -> list[Mapping[str, Any]]:
        found = self._look("/containers/json", all="1", **params)
        return list(shape.tables(found))
