"""The names of a service's users in the config file: read, put in, taken out.

The file keeps its order, comments and blanks.
"""

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from occ.errors import ConfigError
from occ.settings.document import decode, read_bytes
from occ.settings.node import printable
from occ.settings.rewrite import alone, rewrite


def users_in(file: Path, service: str) -> tuple[str, ...] | None:
    """The users that a config names for a service; None when the service is not in it.

    Raises:
        ConfigError: it cannot be read, or is not TOML.
    """
    table = _service(_document(file), service)
    if table is None:
        return None
    names = _names(table)
    return tuple(str(name) for name in names) if isinstance(names, list) else ()


def declare(file: Path, service: str, user: str, *, present: bool) -> bool:
    """Have a user among those of a service, or not; false when it is so already.

    Raises:
        ConfigError: the service is not in the file, or that cannot be read or written.
    """
    with alone(file):
        document = _document(file)
        table = _service(document, service)
        if table is None:
            raise ConfigError(
                f"{printable(str(file))}: there is no [services.{service}] to name the user in; "
                f'write [services.{service}] with image = "registry/name:tag" below it'
            )
        there = users_in(file, service) or ()
        if (user in there) == present:
            return False
        _put(table, user, present=present)
        rewrite(file, document.as_string())
        return True


def _put(table: MutableMapping[str, Any], user: str, *, present: bool) -> None:
    names = _names(table)
    if names is None:
        users = table.get("users")
        if isinstance(users, MutableMapping):
            users["names"] = [user]
        else:
            table["users"] = [user]
    elif present:
        names.append(user)
    else:
        names.remove(user)


def _names(table: MutableMapping[str, Any]) -> Any:  # noqa: ANN401 - an array of tomlkit's
    users = table.get("users")
    return users.get("names") if isinstance(users, MutableMapping) else users


def _service(document: MutableMapping[str, Any], service: str) -> MutableMapping[str, Any] | None:
    services = document.get("services")
    table = services.get(service) if isinstance(services, MutableMapping) else None
    return table if isinstance(table, MutableMapping) else None


def _document(file: Path) -> Any:  # noqa: ANN401 - a document of tomlkit's
    import tomlkit  # noqa: PLC0415 - 30 ms, for those that write
    from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415 - as above

    content = read_bytes(file, instead="name another file with --config or OCC_CONFIG")
    try:
        return tomlkit.parse(decode(content or b"", file))
    except TOMLKitError as error:
        raise ConfigError(
            f"{printable(str(file))}: not TOML: {printable(str(error))}; "
            'write it as key = "value" (https://toml.io)'
        ) from None
