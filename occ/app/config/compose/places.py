"""The places of a service of Compose: volumes, folders and files of the host, memory."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from occ.app.config.compose import forms
from occ.app.config.compose.model import Model
from occ.app.config.compose.part import Part
from occ.domain.spec import Mount, Volume
from occ.domain.values import Json
from occ.operations.labels import volume_name
from occ.settings.keys import short_syntax

_TARGET: Final[Mapping[str, str]] = {"secrets": "/run/secrets/", "configs": "/"}


@dataclass(slots=True)
class Places:
    """All that is mounted; `engine` are the engine's own words for what occ has no word for."""

    volumes: list[Volume] = field(default_factory=list)
    mounts: list[Mount] = field(default_factory=list)
    engine: dict[str, Json] = field(default_factory=dict)

    def add(self, key: str, value: str | dict[str, Any]) -> None:
        """One more of the engine's own list `key`."""
        there = self.engine.setdefault(key, [])
        if isinstance(there, list):
            there.append(value)

    def memory(self, path: str, options: str) -> None:
        """One more place in memory."""
        there = self.engine.setdefault("Tmpfs", {})
        if isinstance(there, dict):
            there[path] = options


def places_of(service: Part, model: Model, name: str) -> Places:
    """The places of a service; `name` is ours, after which an anonymous volume is called."""
    found = Places()
    for part in service.listed("volumes"):
        _place(part, model, name, found)
    for entry in service.words("tmpfs"):
        path, _, options = entry.partition(":")
        found.memory(path, options)
    for kind in _TARGET:
        for part in service.listed(kind):
            _file(part, kind, model, found)
    return found


def _place(part: Part, model: Model, name: str, found: Places) -> None:
    kind = part.text("type")
    source, target = part.text("source"), part.text("target")
    read_only = part.flag("read_only")
    part.text("consistency")
    mode = ":ro" if read_only else ""
    if kind == "volume":
        volume = _volume_name(part, model, name, source, target)
        options = part.part("volume")
        if subpath := options.text("subpath"):
            more: dict[str, Any] = {"Subpath": subpath}
            mount = {"Type": "volume", "Source": volume, "Target": target, "ReadOnly": read_only}
            found.add("Mounts", {**mount, "VolumeOptions": more})
        else:
            found.volumes += part.written(f"{volume}:{target}{mode}", short_syntax.volume)
        options.rest({}, "occ fills a volume on which nothing ever ran, and no other")
    elif kind == "bind":
        _bind(part, source, target, mode, found)
    elif kind == "tmpfs":
        options = part.part("tmpfs")
        size, octal = options.take("size", forms.size, 0), options.whole_number("mode")
        said = [f"size={size}"] if size else []
        said += [f"mode={octal:o}"] if octal else []
        said += ["ro"] if read_only else []
        found.memory(target, ",".join(said))
        options.rest({}, "occ has no word for it")
    else:
        part.leave("type", "occ knows volume, bind and tmpfs, as a resolved model has them")
    part.rest({}, "occ has no word for it")


def _volume_name(part: Part, model: Model, name: str, source: str, target: str) -> str:
    if not source:
        own = volume_name(name, target)
        part.leave("source", f"an anonymous volume gets a name, {own}")
        return own
    return model.volumes.get(source, source)


def _bind(part: Part, source: str, target: str, mode: str, found: Places) -> None:
    options = part.part("bind")
    said = [
        options.text("propagation"),
        options.text("selinux"),
    ]
    if options.flag("create_host_path"):
        options.leave("create_host_path", f"occ makes no folder of the host: {source} must exist")
    options.rest({}, "occ has no word for it")
    if any(said):
        words = [mode.removeprefix(":") or "rw", *(one for one in said if one)]
        found.add("Binds", f"{source}:{target}:{','.join(words)}")
    else:
        found.mounts += part.written(f"{source}:{target}{mode}", short_syntax.mount)


def _file(part: Part, kind: str, model: Model, found: Places) -> None:
    """A secret or config of a file, which Compose mounts as well."""
    source, target = part.text("source"), part.text("target")
    file = model.files[kind].get(source, "")
    if not file:
        part.leave("source", f"its {kind.removesuffix('s')} is no file of the host")
    else:
        path = posixpath.join(_TARGET[kind], target or source)
        found.mounts += part.written(f"{file}:{path}:ro", short_syntax.mount)
    part.rest({}, "Compose does not look at it either: the file is as it is on the host")
