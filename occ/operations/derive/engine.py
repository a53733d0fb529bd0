"""The engine's own words for a container, as far as engine and image did not bring them."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from occ.domain.engine_keys import HOST_KEYS
from occ.domain.values import Json
from occ.engine.values import Inspection

_FROM_IMAGE: Final = ("Shell", "StopSignal", "WorkingDir")
_PLAIN: Final = ("Domainname", "MacAddress", "NetworkDisabled", "OpenStdin", "StdinOnce", "Tty")
# Said elsewhere in a spec, or not carried at all.
_ELSEWHERE: Final = frozenset({"Binds", "Mounts", "VolumesFrom", "Links"})
_SHM_BYTES: Final = 64 << 20
_OF_ANOTHER: Final = "container:"
SHORT_ID: Final = 12
# Where the engine itself hides or protects something, it names one of these (moby, oci/defaults).
_ALWAYS_MASKED: Final = frozenset({"/proc/kcore", "/proc/sysrq-trigger"})


def engine_words(there: Inspection) -> dict[str, Json]:
    """The engine's own words, those of ports, places and networks apart."""
    found: dict[str, Json] = {key: there.config[key] for key in _PLAIN if there.config.get(key)}
    for key in _FROM_IMAGE:
        own = there.config.get(key)
        if own and own != there.image_config.get(key):
            found[key] = own
    if hostname := _hostname(there):
        found["Hostname"] = hostname
    if check := _healthcheck(there):
        found["Healthcheck"] = check
    for key in HOST_KEYS:
        value = without_nulls(there.host.get(key))
        if key not in _ELSEWHERE and not _usual(key, value, there):
            found[key] = value
    if "SecurityOpt" in found:
        _without_disabled_labels(found, there.host)
    return found


def shared(host: Mapping[str, Any]) -> Iterator[str]:
    """Notes on another container whose processes or memory it shares."""
    for key, what in (("PidMode", "processes"), ("IpcMode", "memory")):
        mode = str(host.get(key))
        if mode.startswith(_OF_ANOTHER):
            other = mode.removeprefix(_OF_ANOTHER)[:SHORT_ID]
            yield (
                f"it shares the {what} of container {other}, by that one's id: once "
                f"that is made again, change {key} in the config before the next update"
            )


def _hostname(there: Inspection) -> str:
    """The host name that it was given; the engine's is the beginning of the id, or the host's."""
    found = str(there.config.get("Hostname") or "")
    of_host = there.host.get("NetworkMode") == "host" and found == there.usual.get("Hostname")
    shared = of_host or there.host.get("UTSMode") == "host"
    return "" if shared or found == there.container.id[:SHORT_ID] else found


def _healthcheck(there: Inspection) -> dict[str, Json]:
    own: Mapping[str, Any] = there.config.get("Healthcheck") or {}
    theirs: Mapping[str, Any] = there.image_config.get("Healthcheck") or {}
    return {key: value for key, value in own.items() if value and theirs.get(key) != value}


def _usual(key: str, value: Json, there: Inspection) -> bool:  # noqa: PLR0911 - a case a line
    """Whether the engine would have filled this in by itself."""
    host, usual = there.host, there.usual
    match key:
        case "MemorySwappiness":
            return value in {None, -1}
        case "MemorySwap":
            return value in {None, 0, 2 * (host.get("Memory") or 0)}
        case "ShmSize":
            return value in {None, 0, _SHM_BYTES}
        case "IpcMode":
            return value in {None, "", "private", "shareable"}
        case "CgroupnsMode" | "Runtime":
            return value in {None, "", usual.get(key)}
        case "LogConfig":
            return not isinstance(value, dict) or (
                not value.get("Config") and value.get("Type") in {None, "", usual.get("LogDriver")}
            )
        case "MaskedPaths" | "ReadonlyPaths":
            own = isinstance(value, list) and not _ALWAYS_MASKED & {str(one) for one in value}
            return not own or bool(host.get("Privileged"))
        case "Init":
            return value is None
        case _:
            return not value


def _without_disabled_labels(found: dict[str, Json], host: Mapping[str, Any]) -> None:
    """The engine adds this to what may see all of the host; twice it would be refused or double."""
    if host.get("Privileged") or "host" in {host.get("PidMode"), host.get("IpcMode")}:
        options = found.pop("SecurityOpt")
        left = (
            [one for one in options if one != "label=disable"] if isinstance(options, list) else []
        )
        if left:
            found["SecurityOpt"] = left


def without_nulls(value: Any) -> Json:  # noqa: ANN401 - JSON of any shape
    """A value without its nulls: a config cannot hold them, and they mean nothing to the engine."""
    if isinstance(value, Mapping):
        return {key: without_nulls(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [without_nulls(one) for one in value]
    plain: Json = value
    return plain
