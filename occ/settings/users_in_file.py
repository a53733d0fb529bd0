"""The names of a service's users in the config file: read, put in, taken out.

The file keeps its order, comments and blanks.
"""

from collections.abc import Mapping
from pathlib import Path

from occ.errors import ConfigError
from occ.settings.toml.atomic_file import alone, rewrite
from occ.settings.toml.config_text import config_text, value_at, within
from occ.settings.toml.edit import with_value
from occ.settings.toml.node import printable


def users_in(file: Path, service: str) -> tuple[str, ...] | None:
    """The users that a config names for a service; None when the file has no such service.

    Raises:
        ConfigError: it cannot be read, or is not TOML.
    """
    table = value_at(file, ("services", service))
    return _names(table) if isinstance(table, Mapping) else None


def set_user(file: Path, service: str, user: str, *, present: bool) -> bool:
    """Have a user among the users of a service, or not; false when nothing had to change.

    Raises:
        ConfigError: the service is not in the file, or the file cannot be read or written.
    """
    with alone(file):
        text = config_text(file, to_rewrite=True) or ""
        table = within(text, file, ("services", service))
        if not isinstance(table, Mapping):
            raise ConfigError(
                f"{printable(file)}: there is no [services.{service}] to name the user in; "
                f'write [services.{service}] with image = "registry/name:tag" below it'
            )
        there = _names(table)
        if (user in there) == present:
            return False
        key = ("users", "names") if isinstance(table.get("users"), Mapping) else ("users",)
        names = [*there, user] if present else [name for name in there if name != user]
        rewrite(file, with_value(text, ("services", service, *key), names))
        return True


def _names(table: Mapping[str, object]) -> tuple[str, ...]:
    users = table.get("users")
    names = users.get("names") if isinstance(users, Mapping) else users
    return tuple(str(name) for name in names) if isinstance(names, list) else ()
