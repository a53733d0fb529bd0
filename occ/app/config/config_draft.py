"""A service's table put into the config's text: checked, compared with the file, not written."""

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

    service: Service
    """The service as it would be read."""
    writing: Writing
    """The proposal that is shown before anything is written."""
    before: str
    """The text of the file as it is; empty where there is no config."""
    text: str
    """The text of the file as it would be."""


def drafted(desk: Desk, name: str, table: Mapping[str, object], around: Surroundings) -> Drafted:
    """The config with this table as the service's; nothing is written.

    Raises:
        ConfigError: the table cannot be used, or the config can only be changed by hand.
    """
    path, at_home = desk.settings.path, home(desk.environ)
    there = config_text(path)
    before = there or ""
    after = Config(path, before, at_home).with_service(name, table)
    service = services_of(after, path, at_home)[name]
    if service_in_config(desk, name) == service:
        after = before
    diff = difference(before, after, "/dev/null" if there is None else str(path), str(path))
    looked = tuple(prechecks(desk, service, around))
    writing = Writing(config=str(path), diff=diff, prechecks=looked)
    return Drafted(service=service, writing=writing, before=before, text=after)
