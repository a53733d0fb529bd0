"""The config of opencode-cloud, read for the settings that can be carried over.

Keys and defaults are those of version 1 of its `config.json`, which is JSON with comments. The
first releases wrote `port` and `bind` for the later `opencode_web_port` and `bind_address`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from occ.domain.secrets.secrecy import holds_secret
from occ.domain.spec import Mount
from occ.errors import ConfigError
from occ.settings.toml.document import decode, read_bytes
from occ.settings.toml.node import printable

WEB_PORT: Final = 3000  # inside its container
CONTAINER: Final = "opencode-cloud-sandbox"

_COMMENT: Final = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_LAST_COMMA: Final = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])')
_MOST_PORTS: Final = 65_535

# The default of each key; a value has the type of its default.
_USUAL: Final[Mapping[str, Any]] = {
    "version": 1,
    "port": 3000,
    "opencode_web_port": 3000,
    "bind": "localhost",
    "bind_address": "127.0.0.1",
    "auto_restart": True,
    "boot_mode": "user",
    "restart_retries": 3,
    "restart_delay": 5,
    "auth_username": "",
    "auth_password": "",
    "container_env": [],
    "trust_proxy": False,
    "allow_unauthenticated_network": False,
    "rate_limit_attempts": 5,
    "rate_limit_window_seconds": 60,
    "users": [],
    "cockpit_port": 9090,
    "cockpit_enabled": False,
    "image_source": "prebuilt",
    "opencode_commit": "",
    "update_check": "always",
    "mounts": [],
}

# Why a key with another value than its default is left behind, and what to do instead.
_LEFT: Final[Mapping[str, str]] = {
    "boot_mode": "occ install --system, or --user, says it",
    "restart_retries": "the engine restarts the container, and counts nothing",
    "restart_delay": "the engine's own delay grows by itself",
    "auth_username": "opencode-cloud ignores it too; users have accounts inside",
    "auth_password": "opencode-cloud ignores it too; passwords stay inside the container",
    "trust_proxy": "opencode itself is told, through env",
    "allow_unauthenticated_network": "occ status shows what is exposed",
    "rate_limit_attempts": "the proxy before it limits logins",
    "rate_limit_window_seconds": "the proxy before it limits logins",
    "cockpit_enabled": "a privileged container for Cockpit must be declared by hand",
    "cockpit_port": "see cockpit_enabled",
    "image_source": "occ runs the registry's image; name your own with image = ...",
    "opencode_commit": "an image of your own holds it; name that with image = ...",
    "update_check": "occ looks for updates when told: occ check, occ update",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """The settings that are carried over."""

    port: int
    """The host's port, which leads to `WEB_PORT` of the container."""
    bind: str
    """The address of the host on which the port is published."""
    restarts: bool
    """Whether the engine starts the container again by itself."""
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Name -> value of the variables of its `container_env` that look like secrets."""
    users: tuple[str, ...] = ()
    mounts: tuple[Mount, ...] = ()
    left: tuple[str, ...] = ()
    """Keys that are left behind, each with the reason; no line holds a secret's value."""


def read_origin(path: Path) -> Carried:
    """Read a config of opencode-cloud.

    Raises:
        ConfigError: it cannot be read, or is no such config; no message holds a secret's value.
    """
    return _Reading(printable(str(path)), _parsed(path)).carried()


@dataclass(frozen=True, slots=True)
class _Reading:
    """One such file, its keys checked for their types as they are taken."""

    where: str
    found: Mapping[str, Any]

    def carried(self) -> Carried:
        if self._take("version") != 1:
            raise self._bad("version", "only version 1 is known")
        env, secrets = self._variables()
        return Carried(
            port=self._port(),
            bind=self._bind(),
            restarts=bool(self._take("auto_restart")),
            env=env,
            secrets=secrets,
            users=tuple(dict.fromkeys(self._texts("users"))),
            mounts=tuple(self._mount(text) for text in self._texts("mounts")),
            left=tuple(self._left()),
        )

    def _port(self) -> int:
        key = "port" if "opencode_web_port" not in self.found else "opencode_web_port"
        number = int(self._take(key))
        if not 1 <= number <= _MOST_PORTS:
            raise self._bad(key, f"a port is from 1 to {_MOST_PORTS}")
        return number

    def _bind(self) -> str:
        key = "bind" if "bind_address" not in self.found else "bind_address"
        said = str(self._take(key)).strip().strip("[]")
        return "127.0.0.1" if said.lower() == "localhost" else said

    def _variables(self) -> tuple[dict[str, str], dict[str, str]]:
        env: dict[str, str] = {}
        secrets: dict[str, str] = {}
        for number, text in enumerate(self._texts("container_env")):
            name, equals, value = text.partition("=")
            if not equals or not name:
                raise self._bad("container_env", f"entry {number + 1} is not NAME=value")
            env.pop(name, None)
            secrets.pop(name, None)  # the last one counts
            (secrets if holds_secret(name, value) else env)[name] = value
        return env, secrets

    def _mount(self, text: str) -> Mount:
        source, *rest = text.split(":")
        modes = [mode.lower() for mode in rest[1:]]
        if not rest or not source.startswith("/") or modes not in ([], ["ro"], ["rw"]):
            raise self._bad("mounts", f"{printable(text)!r} is not /host/path:/container/path[:ro]")
        return Mount(source=source, path=rest[0], read_only=modes == ["ro"])

    def _left(self) -> list[str]:
        known = [
            f"{key}: {why}"
            for key, why in _LEFT.items()
            if key in self.found and self._take(key) != _USUAL[key]
        ]
        return known + [
            f"{printable(key)}: opencode-cloud has no such key that occ knows"
            for key in self.found
            if key not in _USUAL
        ]

    def _texts(self, key: str) -> list[str]:
        found = self._take(key)
        if not all(isinstance(one, str) for one in found):
            raise self._bad(key, "a list of texts is wanted")
        return list(found)

    def _take(self, key: str) -> Any:  # noqa: ANN401 - JSON of any shape
        usual = _USUAL[key]
        value = self.found.get(key)
        if value is None:
            return usual
        if type(value) is not type(usual):
            types = {bool: "true or false", int: "a whole number", str: "text", list: "a list"}
            raise self._bad(key, f"{types[type(usual)]} is wanted")
        return value

    def _bad(self, key: str, wrong: str) -> ConfigError:
        return ConfigError(f"{self.where}: {key}: {wrong}; correct it there, and import it again")


def _parsed(path: Path) -> Mapping[str, Any]:
    shown = printable(str(path))
    content = read_bytes(path, instead="name another file: occ import-config PATH")
    if content is None:
        raise ConfigError(f"{shown}: there is no such file; name it: occ import-config PATH")
    text = _COMMENT.sub(lambda found: found[1] or " ", decode(content, path))
    try:
        found = json.loads(_LAST_COMMA.sub(lambda comma: comma[1] or "", text))
    except (ValueError, RecursionError) as error:
        at = f":{error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise ConfigError(f"{shown}{at}: it is not JSON; name another file") from None
    if not isinstance(found, dict) or "version" not in found:
        raise ConfigError(f"{shown}: it is no config of opencode-cloud: it has no version")
    return found
