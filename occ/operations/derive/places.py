"""Volumes and mounts of a container that somebody made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from occ.domain.spec import Mount, Volume
from occ.domain.values import Json, normal_path
from occ.engine.values import Inspection
from occ.operations.derive.engine import without_nulls
from occ.operations.labels import volume_name

# Options of a bind that say what `volumes` and `mounts` do anyway.
_COMMON = frozenset({"", "rw", "ro", "nocopy", "rprivate"})


@dataclass(slots=True, kw_only=True)
class Places:
    """The places of a container's data."""

    volumes: tuple[Volume, ...] = ()
    mounts: tuple[Mount, ...] = ()
    engine: dict[str, Json] = field(default_factory=dict)
    """The mounts that only the engine has words for, under its own keys."""
    copies: dict[str, str] = field(default_factory=dict)
    """Anonymous volume -> the named one that takes its place."""
    notes: tuple[str, ...] = ()


def places(there: Inspection, service: str, free: Callable[[str], bool]) -> Places:
    """The mounts of a container; an anonymous volume gets a name that is free."""
    binds = {_parts(bind)[1]: bind for bind in there.host.get("Binds") or ()}
    specs = {normal_path(one["Target"]): one for one in there.host.get("Mounts") or ()}
    found = Places()
    verbatim: list[Json] = [one for one in specs.values() if _only_engine(one)]
    odd: list[Json] = []
    for one in sorted(there.mounts, key=lambda mount: str(mount["Destination"])):
        path = one["Destination"]
        bind, asked = binds.get(path), specs.get(path, {})
        if asked and _only_engine(asked):
            continue
        if bind and _parts(bind)[2] - _COMMON:
            odd.append(bind)
            continue
        _place(found, there, one, service, free, asked={"Source": bind, **asked})
    if verbatim:
        found.engine["Mounts"] = [without_nulls(one) for one in verbatim]
    if odd:
        found.engine["Binds"] = odd
    return found


def _place(
    found: Places,
    there: Inspection,
    mount: Mapping[str, Any],
    service: str,
    free: Callable[[str], bool],
    *,
    asked: Mapping[str, Any],
) -> None:
    path, read_only = mount["Destination"], not mount.get("RW", True)
    if mount["Type"] == "bind":
        found.mounts += (Mount(source=mount["Source"], path=path, read_only=read_only),)
        return
    if mount["Type"] != "volume":
        return
    name, named = mount["Name"], bool(asked.get("Source"))
    if not named and there.host.get("VolumesFrom"):
        found.notes += (f"volume {name[:12]} at {path} is named, instead of --volumes-from",)
    elif not named:
        name = found.copies[mount["Name"]] = _free_name(volume_name(service, path), free)
        told = f"the anonymous volume at {path} is copied into {name} at the first replacement"
        plain = ", and is a plain volume, without the driver of that one" if _made_of(asked) else ""
        found.notes += (f"{told}, while nothing runs{plain}",)
    found.volumes += (Volume(name=name, path=path, read_only=read_only),)


def _only_engine(asked: Mapping[str, Any]) -> bool:
    """Whether a mount says more than source, path and read-only, and can be said again."""
    bind, volume = asked.get("BindOptions") or {}, asked.get("VolumeOptions") or {}
    more = {key for key, value in bind.items() if value and value != "rprivate"}
    more |= {key for key in ("Subpath",) if volume.get(key)}
    if more - {"CreateMountpoint"} or asked.get("Type") not in {"bind", "volume"}:
        return True
    return bool(_made_of(asked) and asked.get("Source"))


def _made_of(asked: Mapping[str, Any]) -> Mapping[str, str]:
    """The driver of a volume that is not there yet, the driver's options, and the labels."""
    volume = asked.get("VolumeOptions") or {}
    driver = volume.get("DriverConfig") or {}
    found = {"Name": driver.get("Name"), **(driver.get("Options") or {})}
    return {k: v for k, v in {**found, **(volume.get("Labels") or {})}.items() if v}


def _parts(bind: str) -> tuple[str, str, set[str]]:
    source, _, rest = bind.partition(":")
    path, _, options = rest.partition(":")
    return source, normal_path(path), set(options.split(","))


def _free_name(name: str, free: Callable[[str], bool]) -> str:
    number, found = 1, name
    while not free(found):
        number += 1
        found = f"{name}.{number}"
    return found
