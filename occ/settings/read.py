"""Config file and environment -> Settings."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from occ.errors import ConfigError
from occ.settings import read_notify
from occ.settings import read_service as services
from occ.settings.default_config import DEFAULT_CONFIG
from occ.settings.folders import folder, home
from occ.settings.keys import addresses, forms, readers, secrets
from occ.settings.keys.setting import Form, Setting, Table
from occ.settings.keys.short_syntax import beside_config
from occ.settings.model import Service, Settings
from occ.settings.toml.config_text import INSTEAD, config_text
from occ.settings.toml.document import parse
from occ.settings.toml.node import Node

_URL = re.compile(r"[a-z][a-z0-9_+.-]*://")


def _journal(node: Node) -> str:
    address = readers.text(node)
    return address if _URL.match(address) else str(beside_config(node))


def _services(node: Node) -> dict[str, Service]:
    read = [(entry, services.read(entry)) for entry in node.entries("[services.NAME]")]
    services.check_ports(read)
    services.check_containers(read)
    services.check_order(read)
    return {service.name: service for _, service in read}


TOP: Final = (
    Setting(
        key="journal",
        form=Form("path or SQLAlchemy URL", _journal, shape=forms.TEXT),
        default_text="`journal.db` in the data folder",
        meaning="Where the journal is; a relative path starts at the config's folder. `--journal` "
        "and `OCC_JOURNAL` count before it.",
    ),
    Setting(
        key="secrets",
        form=Form("table", secrets.store, shape=forms.TABLE),
        default_text="as below",
        meaning="See `[secrets]`.",
    ),
    Setting(
        key="snapshot_dir",
        form=forms.path(beside_config, str),
        default_text="the folder `snapshots` beside the journal",
        meaning="Where the files of snapshots lie; a relative path starts at the config's folder. "
        "They hold whatever the volumes hold: see [data](data.md).",
    ),
    Setting(
        key="services",
        form=Form("table of tables", _services, shape=forms.TABLE),
        default_text="`opencode`, see below",
        meaning="See `[services.NAME]`.",
    ),
    Setting(
        key="notify",
        form=Form("table of tables", read_notify.targets, shape=forms.TABLE),
        default_text="none: nobody is told",
        meaning="See `[notify.NAME]`, and [notifications](notifications.md).",
    ),
    Setting(
        key="heartbeat",
        form=forms.text(addresses.web, addresses.WEB),
        default_text="none",
        meaning="An address that is asked for (GET) after each good run of `occ auto run`, so that "
        "a service elsewhere notices when none comes. A token in it is a place: "
        "`{{secret:NAME}}`.",
    ),
    Setting(
        key="metrics_file",
        form=forms.path(beside_config),
        default_text="none",
        meaning="Where `occ metrics` are written after each operation, for the textfile collector "
        "of Prometheus' node exporter; a relative path starts at the config's folder.",
    ),
)


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
    text = None if unread else config_text(path)
    if text is None and named and not (new or unread):
        raise ConfigError(f"{path}: there is no such file; write it, or {INSTEAD}")
    table = _table(text or "", path, home(environ))
    data = folder("data", environ) or path.parent
    return Settings(
        path=path,
        exists=path.exists() if unread else text is not None,
        services=table.take("services", {}) or services_of(DEFAULT_CONFIG, path, ""),
        journal=_address(environ, journal) or table.take("journal", "") or str(data / "journal.db"),
        data=data,
        secrets_store=table.take("secrets", "file"),
        snapshot_dir=table.take("snapshot_dir", None),
        notify=table.take("notify", {}),
        heartbeat=table.take("heartbeat", ""),
        metrics_file=table.take("metrics_file", None),
    )


def services_of(text: str, path: Path, at_home: str) -> dict[str, Service]:
    """The services that a config of this text would declare.

    Raises:
        ConfigError: something in them cannot be used.
    """
    found: dict[str, Service] = _table(text, path, at_home).take("services", {})
    return found


def checked(text: str, path: Path, at_home: str) -> dict[str, Service]:
    """The services of a config of this text, all of which can be used.

    Raises:
        ConfigError: something in it cannot be used.
    """
    table = _table(text, path, at_home)
    for setting in TOP:
        table.take(setting.key, None)
    return services_of(text, path, at_home)


def _table(text: str, path: Path, at_home: str) -> Table:
    return Table.of(parse(text, path, at_home), TOP, "key = value")


def _config_path(environ: Mapping[str, str], config: str | None) -> tuple[Path, bool]:
    """The place of the config, and whether somebody named it."""
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
