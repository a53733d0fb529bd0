"""Config file and environment -> Settings."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from occ.errors import ConfigError
from occ.settings import read_service as services
from occ.settings.default import DEFAULT_CONFIG
from occ.settings.folders import folder, home
from occ.settings.keys import names, secrets
from occ.settings.keys.key_table import Setting, Table
from occ.settings.keys.short_syntax import expand
from occ.settings.model import Service, Settings
from occ.settings.toml.document import decode, parse, read_bytes
from occ.settings.toml.node import Node

_URL = re.compile(r"[a-z][a-z0-9_+.-]*://")
_INSTEAD = "name another file with --config or OCC_CONFIG"


def _journal(node: Node) -> str:
    address = names.text(node)
    if _URL.match(address):
        return address
    return str(node.source.file.parent / expand(node, address))


def _services(node: Node) -> dict[str, Service]:
    read = [(entry, services.read(entry)) for entry in node.entries("[services.NAME]")]
    services.check_ports(read)
    return {service.name: service for _, service in read}


JOURNAL: Final = Setting[str](
    key="journal",
    kind="path or SQLAlchemy URL",
    default="",
    default_text="`journal.db` in the data folder",
    meaning="Where the journal is; a relative path starts at the config's folder. `--journal` and "
    "`OCC_JOURNAL` count before it.",
    read=_journal,
)
SERVICES: Final = Setting[dict[str, Service]](
    key="services",
    kind="table of tables",
    default={},
    default_text="`opencode`, see below",
    meaning="See `[services.NAME]`.",
    read=_services,
)

SECRETS: Final = Setting[names.Store](
    key="secrets",
    kind="table",
    default="file",
    default_text="as below",
    meaning="See `[secrets]`.",
    read=secrets.store,
)

TOP: Final[tuple[Setting[object], ...]] = (JOURNAL, SECRETS, SERVICES)


def load(
    environ: Mapping[str, str],
    *,
    config: str | None = None,
    journal: str | None = None,
    new: bool = False,
    unread: bool = False,
) -> Settings:
    """Read the settings. Nothing is written, and no folder is made.

    `config` and `journal` are what the command line says; they count before the environment,
    and that before the config. With `new` a config that is named need not exist yet; with
    `unread` it is not looked into, for those who mend it, and all else has its default.

    Raises:
        ConfigError: something cannot be used; the message names file, line, key, value and fix.
    """
    path, named = _config_path(environ, config)
    content = None if unread else read_bytes(path, instead=_INSTEAD)
    if content is None and named and not (new or unread):
        raise ConfigError(f"{path}: there is no such file; write it, or {_INSTEAD}")
    text = "" if content is None else decode(content, path)
    table = Table.of(parse(text, path, home(environ)), TOP, "key = value")
    data = folder("data", environ) or path.parent
    return Settings(
        path=path,
        exists=path.exists() if unread else content is not None,
        services=table.take(SERVICES) or _services_without_config(path),
        journal=_address(environ, journal) or table.take(JOURNAL) or str(data / "journal.db"),
        data=data,
        secrets_store=table.take(SECRETS),
    )


def services_of(text: str, path: Path, at_home: str) -> dict[str, Service]:
    """The services that a config of this text would declare.

    Raises:
        ConfigError: something in it cannot be used.
    """
    return Table.of(parse(text, path, at_home), TOP, "key = value").take(SERVICES)


def checked(text: str, path: Path, at_home: str) -> dict[str, Service]:
    """The services of a config of this text, all of which can be used.

    Raises:
        ConfigError: something in it cannot be used.
    """
    table = Table.of(parse(text, path, at_home), TOP, "key = value")
    for setting in TOP:
        table.take(setting)
    return table.take(SERVICES)


def _config_path(environ: Mapping[str, str], config: str | None) -> tuple[Path, bool]:
    """Where the config is, and whether somebody said so."""
    named = environ.get("OCC_CONFIG") or None if config is None else config
    if named is not None:
        return Path(_absolute(environ, named)), True
    found = folder("config", environ)
    if found is None:
        raise ConfigError(
            "there is no home folder to look for config.toml in: HOME is not set; "
            "set it, or name the files with OCC_CONFIG and OCC_JOURNAL"
        )
    return found / "config.toml", False


def _address(environ: Mapping[str, str], journal: str | None) -> str:
    """The journal as command line or environment name it; empty when they do not."""
    named = environ.get("OCC_JOURNAL", "") if journal is None else journal
    if journal == "":
        raise ConfigError("--journal is empty; name a file or an SQLAlchemy URL")
    return named if not named or _URL.match(named) else _absolute(environ, named)


def _absolute(environ: Mapping[str, str], named: str) -> str:
    """A path that means the same wherever occ goes."""
    if named == "~" or named.startswith("~/"):
        named = home(environ) + named[1:]
    try:
        return os.path.abspath(named)  # noqa: PTH100 - Path.absolute() keeps a/../b
    except OSError:
        raise ConfigError(
            f"{named!r}: the folder you stand in is gone; name the whole path"
        ) from None


def _services_without_config(path: Path) -> dict[str, Service]:
    return Table.of(parse(DEFAULT_CONFIG, path, ""), TOP, "").take(SERVICES)
