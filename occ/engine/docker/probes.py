"""Probes: one request to a service, by the way that there is."""

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final

from occ.engine import probe
from occ.engine.docker import asker, listeners, namespaces, programs
from occ.engine.docker.inside import Inside
from occ.engine.docker.wire import read, shape
from occ.engine.values import Answer, NoAnswer, Question, Ran, Route
from occ.errors import NoProbeError

_ANY: Final = {"0.0.0.0": "127.0.0.1", "*": "127.0.0.1", "::": "::1"}  # noqa: S104 - asked, not bound

# How much longer than it was told an asker may write: it has to be started first.
_SLACK_MS: Final = 2_000


class Probes(Inside):
    """The calls that ask a service."""

    def route(self, container: str, port: int) -> Route | None:
        """The way that a probe would go."""
        told = self._inspected(container)
        return self._route(told, port) if told is not None else None

    def probe(self, container: str, question: Question) -> Answer | NoAnswer:
        """One GET."""
        port, told = question.port, self._inspected(container)  # once: a service is down meanwhile
        route = self._route(told, port) if told is not None else None
        if route is None and told is not None and read.container(told).on_host:
            raise NoProbeError(
                f"{question.path} is asked on the host's network, where another program may answer",
                hint="only root on the engine's own Linux can tell them apart: sudo occ, a network "
                "of its own, or --no-probe",
            )
        if route is None or (route == "inside" and not question.inside):
            way = "" if question.inside else " with a login or over TLS"
            inside = "have curl or wget in the image, " if question.inside else ""
            raise NoProbeError(
                f"nothing can ask {question.path} of {container[:12]}{way}",
                hint=f"publish its port, {inside}or go without: --no-probe",
            )
        if route == "inside":
            words = asker.asker(partial(self._stat, container))
            run = partial(self._run, container, question.timeout_ms + _SLACK_MS)
            return asker.ask(run, words, question)
        there = told or {}
        at = _published(there, port) if route == "published" else _own(there, port)
        if isinstance(at, NoAnswer):
            return at
        if not at or not at[0]:
            return NoAnswer()
        ask = partial(probe.get, *at, question)
        answer = self._entering(there, at[0], ask) if route == "address" else ask()
        if isinstance(answer, NoAnswer):
            return answer
        return Answer(status=answer[0], body=answer[1], route=route)

    def _route(self, told: Mapping[str, Any], port: int) -> Route | None:
        there = read.container(told)
        if there.on_host:  # ports that it publishes are discarded by the engine
            sees = self._address.local and sys.platform == "linux" and listeners.visible()
            return "address" if sees else None
        if self._address.local and any(p.container == port for p in there.ports):
            return "published"
        if self._address.local and sys.platform == "linux" and _own(told, port):
            return "address"
        return "inside" if asker.asker(partial(self._stat, there.id)) else None

    def _entering(
        self,
        told: Mapping[str, Any],
        address: str,
        ask: Callable[[], tuple[int, bytes] | NoAnswer],
    ) -> tuple[int, bytes] | NoAnswer:
        """The answer at its own address; in a closed network no other machine has one there."""
        pid = shape.number(shape.table(told.get("State")).get("Pid"))
        if pid and address not in _routed(told) and namespaces.enterable():
            with suppress(OSError):  # it has ended, or its processes are not seen from here
                return namespaces.within(pid, address, ask)
        return ask()

    def _run(self, container: str, most_ms: int, words: Sequence[str]) -> Ran:
        return programs.run(
            self._client, self._waits, self._clock, container, words, most_ms=most_ms
        )


def _published(told: Mapping[str, Any], port: int) -> tuple[str, int] | None:
    """Its published port while it runs: then no other program can have taken it."""
    there = read.container(told)
    for p in there.ports if there.running else ():
        if p.container == port:
            return _ANY.get(p.address, p.address), p.host
    return None


def _own(told: Mapping[str, Any], port: int) -> tuple[str, int] | NoAnswer | None:
    """Where it is reached from this host without a published port; no address before it runs.

    One on the host's own network is asked where a program of its own listens; one without a
    network, or on another container's, is not reached.
    """
    mode = shape.text(shape.table(told.get("HostConfig")).get("NetworkMode"))
    if mode == "host":
        own = listeners.own_address(shape.needed(told, "Id"), port)
        return own if isinstance(own, NoAnswer) else (own, port)
    if mode == "none" or mode.startswith("container:"):
        return None
    return next(iter([*_routed(told), *_addresses(told)]), ""), port


def _addresses(told: Mapping[str, Any]) -> dict[str, str]:
    """Its addresses, each with the gateway of its network."""
    networks = shape.table(shape.table(told.get("NetworkSettings")).get("Networks"))
    found = [shape.table(one) for one in networks.values()]
    pairs = [(shape.text(one.get("IPAddress")), shape.text(one.get("Gateway"))) for one in found]
    return {address: gateway for address, gateway in pairs if address}


def _routed(told: Mapping[str, Any]) -> list[str]:
    """The addresses of it to which this machine has a way: it is in that network itself."""
    return [address for address, gateway in _addresses(told).items() if namespaces.here(gateway)]
