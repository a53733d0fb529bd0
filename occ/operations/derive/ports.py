"""Published and exposed ports of a container that somebody made."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from occ.domain.spec import Port
from occ.domain.total import HIGHEST_PORT, ports_of, whole_number
from occ.engine.values import Inspection

_EVERY_V4: Final = "0.0.0.0"  # noqa: S104 - compared and written down, not bound
_EVERY_V6: Final = "::"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """`exposed` are those that are declared and not published, as the engine has them."""

    ports: tuple[Port, ...]
    exposed: Mapping[str, Any]
    notes: tuple[str, ...]
    obstacles: tuple[str, ...]


def ports(there: Inspection) -> Published:
    """The published ports; a port that the engine chose is pinned to the one in use."""
    found: list[Port] = []
    notes: list[str] = []
    obstacles: list[str] = []
    used: dict[str, list[int]] = {}
    asked = list(_asked(there))
    for key, address, host in asked:
        chosen = [(address or "*", host)] if host else _chosen(there, used, key, address)
        if not chosen:
            obstacles.append(f"the engine chooses the port for {key} at its start: start it")
            continue
        if not host:
            told = ", and over IPv6 to ".join(str(number) for _, number in chosen)
            notes.append(f"the port for {key}, chosen by the engine, is pinned to {told}")
        (inside, *_), protocol = ports_of(key), key.partition("/")[2]
        for bound, number in chosen:
            one = Port(container=inside, host=number, address=bound, protocol=protocol or "tcp")
            if one not in found:
                found.append(one)
    published = {key for key, _, _ in asked}
    theirs = there.image_config.get("ExposedPorts") or {}
    own = there.config.get("ExposedPorts") or {}
    exposed: dict[str, object] = {
        each: {} for key in own if key not in theirs for each in _each(key) if each not in published
    }
    return Published(
        ports=tuple(found), exposed=exposed, notes=tuple(notes), obstacles=tuple(obstacles)
    )


def _asked(there: Inspection) -> Iterator[tuple[str, str, int]]:
    """Port of the container, address and port of the host as asked for; empty and 0 are any."""
    bindings: Mapping[str, Sequence[Mapping[str, str]] | None]
    bindings = there.host.get("PortBindings") or {}
    for key, bound in bindings.items():
        if not ports_of(key):
            continue  # no port: the engine publishes none for it
        empty: Mapping[str, str] = {}
        for one in bound or (empty,):
            yield key, one.get("HostIp") or "", _number(one.get("HostPort"))
    if there.host.get("PublishAllPorts"):
        for key in there.config.get("ExposedPorts") or {}:
            yield from ((each, "", 0) for each in _each(key) if each not in bindings)


def _each(key: str) -> tuple[str, ...]:
    """The keys of single ports that a key means: a range such as `3000-3002/tcp` means each."""
    protocol = key.partition("/")[2]
    return tuple(f"{port}/{protocol}" if protocol else str(port) for port in ports_of(key))


def _number(port: str | None) -> int:
    """One port; 0 where the engine chooses, of a range or of all."""
    return whole_number(port, HIGHEST_PORT) or 0 if port else 0


def _chosen(
    there: Inspection, used: dict[str, list[int]], key: str, address: str
) -> list[tuple[str, int]]:
    """The address and port that the engine chose for one asked for; `used` has those left over.

    Where every address was asked for, older engines choose a number for IPv4 and one for IPv6.
    """
    numbers = used.setdefault(f"{key} {address}", _in_use(there, key, address or _EVERY_V4))
    if not numbers:
        return []
    number = numbers.pop(0)
    if address:
        return [(address, number)]
    others = used.setdefault(f"{key} {_EVERY_V6}", _in_use(there, key, _EVERY_V6))
    other = number if number in others or not others else others[0]
    if other in others:
        others.remove(other)
    return [("*", number)] if other == number else [(_EVERY_V4, number), (_EVERY_V6, other)]


def _in_use(there: Inspection, key: str, address: str) -> list[int]:
    """The ports of the host that lead to one of the container now."""
    bound = (one for one in there.bound.get(key) or () if one.get("HostIp") == address)
    return [number for one in bound if (number := _number(one.get("HostPort")))]
