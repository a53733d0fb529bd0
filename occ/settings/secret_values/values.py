"""The values of secrets, read when an operation is planned and never kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from occ.errors import ConfigError, SecretMissingError
from occ.settings.model import Service
from occ.settings.toml.document import decode, read_bytes
from occ.settings.toml.node import printable

ENVIRONMENT: Final = "environment"


@dataclass(frozen=True, slots=True)
class Located:
    """A value and where it comes from: a store's `where`, `environment`, or empty for nowhere."""

    value: str = field(default="", repr=False)
    source: str = ""


class Source(Protocol):
    """Something that may have values."""

    @property
    def where(self) -> str:
        """Where it is, for people."""

    def read(self, names: Iterable[str]) -> Mapping[str, str]:
        """The values that it has of these names, and maybe others."""


def locate(
    names: Sequence[str], sources: Sequence[Source], environ: Mapping[str, str]
) -> Mapping[str, Located]:
    """Each name with its value from the first source that has one, the environment last.

    So a variable that happens to be set in a shell does not change a service. An empty value
    counts as none.

    Raises:
        ConfigError: a source cannot be used. No error holds a value.
    """
    read = [(source.where, source.read(names)) for source in sources] if names else []
    every = (*read, (ENVIRONMENT, environ))
    return {
        name: next((Located(has[name], at) for at, has in every if has.get(name)), Located())
        for name in names
    }


def at_hand(
    names: Sequence[str], sources: Sequence[Source], environ: Mapping[str, str]
) -> Mapping[str, str]:
    """Name -> value of those that can be had now; the others are left out.

    A source that cannot be used ends the search: whatever it has comes before what later ones
    have, so nobody knows whether theirs is the value.
    """
    every: list[Mapping[str, str]] = []
    for source in sources if names else ():
        try:
            every.append(source.read(names))
        except ConfigError:
            break
    else:
        every.append(environ)
    found = {name: next((has[name] for has in every if has.get(name)), "") for name in names}
    return {name: value for name, value in found.items() if value and is_text(value)}


def resolve_secrets(
    service: Service, sources: Sequence[Source], environ: Mapping[str, str]
) -> Mapping[str, str]:
    """Name -> value of the secrets that the service's spec names; see `locate`.

    Raises:
        SecretMissingError: one has no value; the message says where it was looked for.
        ConfigError: a source cannot be used, or a value is not text. No error holds a value.
    """
    found = locate(service.spec.secrets, sources, environ)
    missing = [name for name, located in found.items() if not located.value]
    if missing:
        raise _missing(service, missing, sources)
    for name, located in found.items():
        if not is_text(located.value):
            raise ConfigError(
                f"secret {name} of service {service.name}: its value holds a NUL or is not UTF-8; "
                "write it as text"
            )
    return {name: located.value for name, located in found.items()}


def is_text(value: str) -> bool:
    """Whether a container's environment can have it as a value."""
    return is_utf8(value) and "\0" not in value


def is_utf8(value: str) -> bool:
    """Whether it was decoded whole: a byte that could not be stands in it as a surrogate."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


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


def _missing(
    service: Service, names: Sequence[str], sources: Sequence[Source]
) -> SecretMissingError:
    looked = " and ".join((*(f"in {source.where}" for source in sources), "in the environment"))
    listed = ", ".join(names)
    noun, verb = ("secret", "has") if len(names) == 1 else ("secrets", "have")
    return SecretMissingError(
        f"{noun} {listed} of service {service.name} {verb} no value; looked {looked}",
        hint=f"occ secret set {names[0]} --service {service.name}",
    )
