"""A service's table as the config would have it: checked, compared, and what was looked at."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import unified_diff

from occ.app.config.interview import Writing
from occ.app.config.prechecks import prechecks
from occ.app.config.suggestions import Around, declared
from occ.app.desk import Desk
from occ.settings import Service
from occ.settings.folders import home
from occ.settings.read import services_of
from occ.settings.toml.document import decode, read_bytes
from occ.settings.with_service import Config


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """The service as it would be read, what is shown before it is written, and the whole text.

    `before` is the text that it is made from, empty where there is no config.
    """

    service: Service
    writing: Writing
    before: str
    text: str


def drafted(desk: Desk, name: str, table: Mapping[str, object], around: Around) -> Drafted:
    """The config with this table as the service's; nothing is written.

    Raises:
        ConfigError: the table cannot be used, or the config only be changed by hand.
    """
    path, at_home = desk.settings.path, home(desk.environ)
    content = read_bytes(path, instead="name another file with --config or OCC_CONFIG")
    before = "" if content is None else decode(content, path)
    after = Config(path, before, at_home).with_service(name, table)
    service = services_of(after, path, at_home)[name]
    if declared(desk, name) == service:
        after = before
    lines = unified_diff(
        before.splitlines(),
        after.splitlines(),
        fromfile=str(path) if content is not None else "/dev/null",
        tofile=str(path),
        lineterm="",
    )
    looked = prechecks(desk, service, around)
    writing = Writing(config=str(path), diff="\n".join(lines), prechecks=looked)
    return Drafted(service=service, writing=writing, before=before, text=after)
