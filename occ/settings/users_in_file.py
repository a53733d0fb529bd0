"""The names of a service's users in the config file: read, put in, taken out.

The file keeps its order, comments and blanks.
"""

from collections.abc import Mapping
from pathlib import Path

from occ.errors import ConfigError
from occ.settings.toml.document import decode, parse, read_bytes
from occ.settings.toml.edit import with_value
from occ.settings.toml.file import alone, rewrite
from occ.settings.toml.node import printable


def users_in(file: Path, service: str) -> tuple[str, ...] | None:
    """The users that a config names for a service; None when the service is not in it.

    Raises:
        ConfigError: it cannot be read, or is not TOML.
    """
    table = _service(_text(file), file, service)
    return None if table is None else _names(table)


def declare(file: Path, service: str, user: str, *, present: bool) -> bool:
    """Have a user among those of a service, or not; false when it is so already.

    Raises:
        ConfigError: the service is not in the file, or that cannot be read or written.
    """
    with alone(file):
        text = _text(file)
        table = _service(text, file, service)
        if table is None:
            raise ConfigError(
                f"{printable(str(file))}: there is no [services.{service}] to name the user in; "
                f'write [services.{service}] with image = "registry/name:tag" below it'
            )
        there = _names(table)
        if (user in there) == present:
            return False
        within = ("users", "names") if isinstance(table.get("users"), Mapping) else ("users",)
        names = [*there, user] if present else [name for name in there if name != user]
        rewrite(file, with_value(text, ("services", service, *within), names))
        return True


def _names(table: Mapping[str, object]) -> tuple[str, ...]:
    users = table.get("users")
    names = users.get("names") if isinstance(users, Mapping) else users
    return tuple(str(name) for name in names) if isinstance(names, list) else ()


def _service(text: str, file: Path, service: str) -> Mapping[str, object] | None:
    node: object = parse(text, file, "").value
    for part in ("services", service):
        node = node.get(part) if isinstance(node, Mapping) else None
    return node if isinstance(node, Mapping) else None


def _text(file: Path) -> str:
    content = read_bytes(file, instead="name another file with --config or OCC_CONFIG")
    return decode(content or b"", file)
