"""Values of secrets, looked up when an operation is planned and never kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from occ.errors import ConfigError, SecretMissingError
from occ.settings.model import Service
from occ.settings.secret_values.stores import SecretStore

ENVIRONMENT: Final = "environment"


@dataclass(frozen=True, slots=True)
class Located:
    """A value and where it comes from."""

    value: str = field(default="", repr=False)
    """Empty where there is no value."""
    source: str = ""
    """A store's `where`, `environment`, or empty for nowhere."""


def locate(
    names: Sequence[str], stores: Sequence[SecretStore], environ: Mapping[str, str]
) -> Mapping[str, Located]:
    """Each name with its value from the first store that has one, the environment last.

    A variable that happens to be set in a shell therefore does not change a service. An empty value
    counts as no value.

    Raises:
        ConfigError: a store cannot be used. No error holds a value.
    """
    read = [(store.where, store.read(names)) for store in stores] if names else []
    every = (*read, (ENVIRONMENT, environ))
    return {
        name: next((Located(has[name], at) for at, has in every if has.get(name)), Located())
        for name in names
    }


def at_hand(
    names: Sequence[str], stores: Sequence[SecretStore], environ: Mapping[str, str]
) -> Mapping[str, str]:
    """Name -> value of the secrets that can be read now; the others are left out.

    A store that cannot be used ends the search: its values come before those of later stores, and
    nobody knows which names it has.
    """
    every: list[Mapping[str, str]] = []
    for store in stores if names else ():
        try:
            every.append(store.read(names))
        except ConfigError:
            break
    else:
        every.append(environ)
    found = {name: next((has[name] for has in every if has.get(name)), "") for name in names}
    return {name: value for name, value in found.items() if value and is_text(value)}


def resolve_secrets(
    service: Service, stores: Sequence[SecretStore], environ: Mapping[str, str]
) -> Mapping[str, str]:
    """Name -> value of the secrets that the service's spec names; see `locate`.

    Raises:
        SecretMissingError: a secret has no value; the message says where it was looked for.
        ConfigError: a store cannot be used, or a value is not text. No error holds a value.
    """
    found = locate(service.spec.secrets, stores, environ)
    missing = [name for name, located in found.items() if not located.value]
    if missing:
        raise _missing(service, missing, stores)
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


def _missing(
    service: Service, names: Sequence[str], stores: Sequence[SecretStore]
) -> SecretMissingError:
    looked = " and ".join((*(f"in {store.where}" for store in stores), "in the environment"))
    listed = ", ".join(names)
    noun, verb = ("secret", "has") if len(names) == 1 else ("secrets", "have")
    return SecretMissingError(
        f"{noun} {listed} of service {service.name} {verb} no value; looked {looked}",
        hint=f"occ secret set {names[0]} --service {service.name}",
    )
