"""The resolved model of a Compose project, as `docker compose config --format json` prints it."""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from occ.app.config.compose.part import Part
from occ.domain.total import json_value
from occ.errors import ConfigError
from occ.settings.toml.compose_file import RESOLVE, is_raw

# `docker compose config` writes each $ twice; one before a brace was filled in by nobody.
_OPEN: Final = re.compile(r"(?<!\$)(?:\$\$)*\$\{")


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A network of the project, under its real name."""

    name: str
    external: bool
    """Somebody else makes it, as with `external: true`."""
    make: str
    """The command that makes it as Compose would."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The parts of a project. `left` grows as they are read."""

    project: str
    services: Mapping[str, Part]
    networks: Mapping[str, Network]
    volumes: Mapping[str, str]
    """The real name of each volume."""
    files: Mapping[str, Mapping[str, str]]
    """Below `secrets` and `configs`: the file of the host behind each name; empty for no file."""
    left: list[str]


def read_model(content: str, called: str) -> Model:
    """Read a model; `called` names where the text comes from.

    Raises:
        ConfigError: it is a raw Compose file, which only Compose can resolve, or no such model.
    """
    resolve = RESOLVE.format("FILE" if called == "-" else shlex.quote(called))
    try:
        found = json_value(content.replace("$$", "$"))
        json.dumps(found, ensure_ascii=False).encode()  # half of a character is no text
    except ValueError as error:
        if is_raw(content):
            raise ConfigError("this is a raw Compose file", hint=resolve) from None
        raise ConfigError(f"{called}: it is not JSON", hint=resolve) from error
    named = found.get("name") if isinstance(found, dict) else None
    if not isinstance(named, str) or not named or not isinstance(found.get("services"), dict):
        raise ConfigError(
            f"{called}: it is no resolved model of Compose: it has no name and services",
            hint=resolve,
        )
    left: list[str] = []
    if _OPEN.search(content):
        left.append("the model: it has ${...} that nothing was filled in for: --no-interpolate")
    whole = Part.whole(found, left)
    whole.text("name")
    whole.text("version")
    model = Model(
        project=named,
        services=dict(whole.parts("services")),
        networks={key: _network(part, named, key) for key, part in whole.parts("networks")},
        volumes={key: _volume(part, named, key) for key, part in whole.parts("volumes")},
        files={
            kind: {key: _file(part) for key, part in whole.parts(kind)}
            for kind in ("secrets", "configs")
        },
        left=left,
    )
    whole.rest({}, "occ has no word for it")
    return model


def _network(part: Part, project: str, key: str) -> Network:
    name = part.text("name") or f"{project}_{key}"
    external = _external(part)
    words = ["docker", "network", "create"]
    if driver := part.text("driver"):
        words += ["--driver", driver]
    for option, value in part.pairs("driver_opts").items():
        words += ["--opt", f"{option}={value}"]
    for flag, option in (
        ("internal", "--internal"),
        ("attachable", "--attachable"),
        ("enable_ipv6", "--ipv6"),
    ):
        if part.flag(flag):
            words.append(option)
    ipam = part.part("ipam")
    ipam.text("driver")
    for one in ipam.listed("config"):
        for key_of, option in (
            ("subnet", "--subnet"),
            ("gateway", "--gateway"),
            ("ip_range", "--ip-range"),
        ):
            if value := one.text(key_of):
                words += [option, value]
        one.rest({}, f"name it yourself where you make network {name}")
    ipam.rest({}, f"name it yourself where you make network {name}")
    part.rest({"labels": ""}, f"name it yourself where you make network {name}")
    return Network(name=name, external=external, make=shlex.join([*words, name]))


def _volume(part: Part, project: str, key: str) -> str:
    name = part.text("name") or f"{project}_{key}"
    external = _external(part)
    driver = part.text("driver")
    options = part.pairs("driver_opts")
    if not external and (driver not in {"", "local"} or options):
        words = ["docker", "volume", "create", *(["--driver", driver] if driver else [])]
        for option, value in options.items():
            words += ["--opt", f"{option}={value}"]
        made = shlex.join([*words, name])
        part.leave("driver_opts" if options else "driver", f"make it before the start: {made}")
    part.rest({"labels": ""}, "occ makes plain volumes")
    return name


def _external(part: Part) -> bool:
    """Whether somebody else makes it; older files have a table with its name there."""
    if isinstance(part.found.get("external"), dict):
        part.leave("external", "its name stands in a table; write external: true and name: ...")
        return True
    return part.flag("external")


def _file(part: Part) -> str:
    """The file of the host behind a secret or config; empty where it is not one."""
    found = part.text("file")
    part.text("name")
    if not found:
        # The value of `content` or of the variable is not read: it may be a secret.
        part.leave("", "it is no file of the host: write it into one, and mount that")
        return ""
    part.rest({"labels": ""}, "Compose does not look at it either")
    return found
