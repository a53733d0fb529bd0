"""The values of secrets, read when an operation is planned and never kept."""

import os
from collections.abc import Mapping
from pathlib import Path

from occ.errors import ConfigError, SecretMissingError
from occ.settings.document import decode, read_bytes
from occ.settings.model import Service
from occ.settings.node import printable


def resolve_secrets(service: Service, environ: Mapping[str, str]) -> Mapping[str, str]:
    """Name -> value of the secrets that the service's spec names.

    A value comes from `secrets_file`, or from the environment when the file does not name it:
    so a variable that happens to be set in a shell does not change the service. An empty value
    counts as none. No error holds a value.

    Raises:
        SecretMissingError: one has no value; the message says where it was looked for.
        ConfigError: the file cannot be read, is not as it should be, or others may read it.
    """
    wanted = service.spec.secrets
    if not wanted:
        return {}
    filed = {} if service.secrets_file is None else read_secrets(service.secrets_file)
    found = {name: filed.get(name) or environ.get(name, "") for name in wanted}
    missing = [name for name in wanted if not found[name]]
    if missing:
        raise _missing(service, missing)
    for name, value in found.items():
        if "\0" in value or not _is_unicode(value):
            raise ConfigError(
                f"secret {name} of service {service.name}: its value holds a NUL or is not UTF-8; "
                "write it as text"
            )
    return found


def read_secrets(path: Path) -> dict[str, str]:
    """A file of `NAME=value` lines, as `docker run --env-file` takes it.

    What follows the first `=` is the value to the end of the line. Values in quotes are refused:
    Docker would make the quotes part of the value, compose and shells would not. A file that is
    not there holds none.

    Raises:
        ConfigError: it cannot be read, is not as it should be, or others may read it.
    """
    shown = printable(str(path))
    content = read_bytes(path, instead="correct secrets_file in the config", private=True)
    if content is None:
        return {}
    found: dict[str, str] = {}
    for number, raw in enumerate(decode(content, path).split("\n"), start=1):
        line = raw.removesuffix("\r").lstrip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        where = f"{shown}:{number}"
        if not equals or not name or name != name.strip() or " " in name:
            raise ConfigError(f"{where}: it is not NAME=value; write NAME=value, without export")
        if name in found:
            raise ConfigError(f"{where}: {printable(name)} stands above already; take one out")
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            raise ConfigError(
                f"{where}: the value of {printable(name)} is in quotes, which would be part of it; "
                "take them off"
            )
        found[name] = value
    return found


def _missing(service: Service, names: list[str]) -> SecretMissingError:
    file = service.secrets_file
    shown = "" if file is None else printable(str(file))
    if file is None:
        looked = "in the environment (the service has no secrets_file)"
    elif not os.path.lexists(file):
        looked = f"in {shown}, which does not exist, and in the environment"
    else:
        looked = f"in {shown} and in the environment"
    listed = ", ".join(names)
    noun, verb = ("secret", "has") if len(names) == 1 else ("secrets", "have")
    add = f"add a line {names[0]}=... to {shown}, or " if file else ""
    return SecretMissingError(
        f"{noun} {listed} of service {service.name} {verb} no value; looked {looked}",
        hint=f"{add}set {names[0]} in the environment of occ",
    )


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
