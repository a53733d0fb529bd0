"""Keys of a service of Compose for which occ has no word, under the engine's own names."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from occ.app.config.compose import forms
from occ.app.config.compose.part import Part
from occ.domain.values import Json
from occ.settings.keys import measures
from occ.settings.toml.node import Node

_NS_A_MS: Final = 1_000_000
_LONGEST_MS: Final = 365 * 24 * 3_600_000
_SERVICE: Final = "service:"

duration: Final = partial(measures.duration, high=_LONGEST_MS)

# Compose's key -> the engine's key, and the form.
_PLAIN: Final[Mapping[str, tuple[str, Callable[[Node], Any]]]] = {
    "annotations": ("Annotations", forms.set_pairs),
    "cap_add": ("CapAdd", forms.words),
    "cap_drop": ("CapDrop", forms.words),
    "cgroup": ("CgroupnsMode", forms.text),
    "cgroup_parent": ("CgroupParent", forms.text),
    "cpu_period": ("CpuPeriod", forms.whole),
    "cpu_quota": ("CpuQuota", forms.whole),
    "cpu_rt_period": ("CpuRealtimePeriod", forms.whole),
    "cpu_rt_runtime": ("CpuRealtimeRuntime", forms.whole),
    "cpu_shares": ("CpuShares", forms.whole),
    "cpuset": ("CpusetCpus", forms.text),
    "device_cgroup_rules": ("DeviceCgroupRules", forms.words),
    "dns": ("Dns", forms.words),
    "dns_opt": ("DnsOptions", forms.words),
    "dns_search": ("DnsSearch", forms.words),
    "domainname": ("Domainname", forms.text),
    "group_add": ("GroupAdd", forms.words),
    "hostname": ("Hostname", forms.text),
    "init": ("Init", forms.flag),
    "mac_address": ("MacAddress", forms.text),
    "mem_reservation": ("MemoryReservation", forms.size),
    "mem_swappiness": ("MemorySwappiness", forms.whole),
    "memswap_limit": ("MemorySwap", forms.size),
    "oom_kill_disable": ("OomKillDisable", forms.flag),
    "oom_score_adj": ("OomScoreAdj", forms.whole),
    "privileged": ("Privileged", forms.flag),
    "read_only": ("ReadonlyRootfs", forms.flag),
    "runtime": ("Runtime", forms.text),
    "shm_size": ("ShmSize", forms.size),
    "stdin_open": ("OpenStdin", forms.flag),
    "stop_signal": ("StopSignal", forms.text),
    "storage_opt": ("StorageOpt", forms.set_pairs),
    "sysctls": ("Sysctls", forms.set_pairs),
    "tty": ("Tty", forms.flag),
    "userns_mode": ("UsernsMode", forms.text),
    "uts": ("UTSMode", forms.text),
    "working_dir": ("WorkingDir", forms.text),
}


def engine_words(service: Part) -> dict[str, Json]:
    """The engine's own words for a service; networks and places are told elsewhere."""
    found: dict[str, Any] = {}
    for key, (engine_key, read) in _PLAIN.items():
        found[engine_key] = service.take(key, read, None)
    for key, engine_key in (("ipc", "IpcMode"), ("pid", "PidMode")):
        mode = service.text(key)
        if mode.startswith(_SERVICE):
            service.leave(key, "that container is another one after its update")
        else:
            found[engine_key] = mode
    found["SecurityOpt"] = [*_security(service)]
    found["ExtraHosts"] = [*_hosts(service)]
    found["Devices"] = [*_devices(service)]
    found["DeviceRequests"] = [_request(part) for part in service.listed("gpus")]
    found["Ulimits"] = [*_ulimits(service)]
    found["Healthcheck"] = _healthcheck(service.part("healthcheck"))
    found["LogConfig"] = _log(service.part("logging"))
    exposed = service.words("expose")
    found["ExposedPorts"] = {one if "/" in one else f"{one}/tcp": {} for one in exposed}
    plain = {key: list(v) if isinstance(v, tuple) else v for key, v in found.items()}
    return {key: value for key, value in plain.items() if value not in (None, "", [], {}, False)}


def reserved(service: Part) -> dict[str, Json]:
    """The engine's own words for `deploy.resources.reservations`, which are at `service`."""
    found: dict[str, Any] = {
        "MemoryReservation": service.take("memory", forms.size, 0),
        "DeviceRequests": [_request(part) for part in service.listed("devices")],
    }
    service.rest({}, "the engine reserves nothing of the kind for one container")
    return {key: value for key, value in found.items() if value}


def _security(service: Part) -> list[str]:
    found = []
    for option in service.words("security_opt"):
        name, _, value = option.replace(":", "=", 1).partition("=")
        if name == "seccomp" and value not in {"unconfined", "builtin"}:
            why = "the engine takes the profile itself, not its file: {}"
            service.leave("security_opt", why.format('SecurityOpt = ["seccomp=..."] under engine'))
        else:
            found.append(option)
    return found


def _hosts(service: Part) -> list[str]:
    if isinstance(service.found.get("extra_hosts"), dict):
        hosts = service.part("extra_hosts")
        return [f"{h}:{ip}" for h in hosts.found for ip in hosts.words(h)]
    told = service.words("extra_hosts")
    return [one.replace("=", ":", 1) for one in told]


def _devices(service: Part) -> list[Json]:
    """Each device, as a table or, in older models, as text."""
    found: list[Json] = []
    nodes = service.nodes("devices")
    for node in nodes:
        if isinstance(node.value, str):
            source, _, rest = node.value.partition(":")
            target, _, access = rest.partition(":")
        else:
            part = Part(node, service.left)
            source, target, access = (part.text(key) for key in ("source", "target", "permissions"))
            part.rest({}, "occ has no word for it")
        found.append(
            {
                "PathOnHost": source,
                "PathInContainer": target or source,
                "CgroupPermissions": access or "rwm",
            }
        )
    return found


def _request(part: Part) -> Json:
    """A request for devices of a driver, such as graphics processors; no count means all."""
    ids = list(part.words("device_ids"))
    found: dict[str, Any] = {
        "Driver": part.text("driver"),
        "Count": part.take("count", forms.whole, 0 if ids else -1),
        "DeviceIDs": ids,
        "Capabilities": [list(part.words("capabilities")) or ["gpu"]],
        "Options": dict(part.pairs("options")),
    }
    part.rest({}, "occ has no word for it")
    return {key: value for key, value in found.items() if value}


def _ulimits(service: Part) -> list[Json]:
    found: list[Json] = []
    limits = service.part("ulimits")
    for name, value in limits.found.items():
        if isinstance(value, dict):
            both = limits.part(name)
            soft, hard = both.whole_number("soft"), both.whole_number("hard")
            both.rest({}, "occ has no word for it")
        else:
            soft = hard = limits.whole_number(name)
        found.append({"Name": name, "Soft": soft, "Hard": hard})
    return found


def _healthcheck(part: Part) -> dict[str, Json]:
    if part.flag("disable"):
        return {"Test": ["NONE"]}
    said = part.words("test")
    shell = isinstance(part.found.get("test"), str)
    found: dict[str, Any] = {
        "Test": [*(("CMD-SHELL",) if shell else ()), *said],
        "Retries": part.whole_number("retries"),
    }
    for key, engine_key in (
        ("interval", "Interval"),
        ("timeout", "Timeout"),
        ("start_period", "StartPeriod"),
        ("start_interval", "StartInterval"),
    ):
        found[engine_key] = part.take(key, duration, 0) * _NS_A_MS
    part.rest({}, "occ has no word for it")
    return {key: value for key, value in found.items() if value}


def _log(part: Part) -> dict[str, Json]:
    found: dict[str, Any] = {
        "Type": part.text("driver"),
        "Config": dict(part.pairs("options")),
    }
    part.rest({}, "occ has no word for it")
    return {key: value for key, value in found.items() if value}
