"""Tables of services put into the config's text: checked, compared with the file, not written."""

from collections.abc import Mapping
from dataclasses import dataclass

from occ.app.config.config import difference, service_in_config
from occ.app.config.interview import Writing
from occ.app.config.prechecks import prechecks
from occ.app.config.suggestions import Surroundings
from occ.app.desk import Desk
from occ.settings import Service
from occ.settings.folders import home
from occ.settings.read import services_of
from occ.settings.toml.config_text import config_text
from occ.settings.with_service import Config


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A config that would be written."""

    services: Mapping[str, Service]
    """The services as they would be read."""
    writing: Writing
    """The proposal that is shown before anything is written."""
    before: str
    """The text of the file as it is; empty where there is no config."""
    text: str
    """The text of the file as it would be."""


def drafted(
    desk: Desk, tables: Mapping[str, Mapping[str, object]], around: Surroundings
) -> Drafted:
    """The config with these tables, each by its service's name; nothing is written.

    Raises:
        ConfigError: a table cannot be used, or the config can only be changed by hand.
    """
    path, at_home = desk.settings.path, home(desk.environ)
    there = config_text(path)
    before = text = there or ""
    services: dict[str, Service] = {}
    for name, table in tables.items():
        after = Config(path, text, at_home).with_service(name, table)
        services[name] = services_of(after, path, at_home)[name]
        if service_in_config(desk, name) != services[name]:
            text = after
    diff = difference(before, text, "/dev/null" if there is None else str(path), str(path))
    looked = (one for service in services.values() for one in prechecks(desk, service, around))
    writing = Writing(config=str(path), diff=diff, prechecks=tuple(dict.fromkeys(looked)))
    return Drafted(services=services, writing=writing, before=before, text=text)
