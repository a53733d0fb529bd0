"""Where values of secrets are kept and looked for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from occ.settings.model import Service, Settings
from occ.settings.secret_values.secrets_file import put, read_secrets, remove
from occ.settings.toml.node import printable


class SecretStore(Protocol):
    """A place that keeps the values of one service. `occ secret` writes it, all else reads it.

    Every method raises ConfigError when the place cannot be used, and no error holds a value.
    """

    @property
    def where(self) -> str:
        """Where it is, for messages."""

    def read(self, names: Iterable[str]) -> Mapping[str, str]:
        """The values that it has of these names; a store that can list brings all it holds."""

    def put(self, name: str, value: str) -> None:
        """Keep a value."""

    def take_out(self, name: str) -> bool:
        """Keep it no longer; false where it was not kept."""


@dataclass(frozen=True, slots=True)
class FileStore:
    """A file of `NAME=value` lines, mode 0600, written whole or not at all."""

    file: Path

    @property
    def where(self) -> str:
        """Its path."""
        return printable(self.file)

    def read(self, names: Iterable[str]) -> Mapping[str, str]:  # noqa: ARG002 - a file knows its names
        """Everything in it."""
        return read_secrets(self.file)

    def put(self, name: str, value: str) -> None:
        """Keep a value."""
        put(self.file, name, value)

    def take_out(self, name: str) -> bool:
        """Keep it no longer; the file goes with its last line."""
        if name not in read_secrets(self.file):
            return False
        remove(self.file, [name])
        return True


def store_of(settings: Settings, service: Service) -> SecretStore:
    """The store that the settings name for a service.

    Raises:
        ConfigError: it is the keyring, and the package is not installed.
    """
    if settings.secrets_store == "keyring":
        from occ.settings.secret_values.keyring_store import (  # noqa: PLC0415 - an extra
            KeyringStore,
            the_keyring,
        )

        return KeyringStore(the_keyring(), settings.path, service.name)
    return FileStore(settings.secrets_file(service))


def stores_of(settings: Settings, service: Service) -> tuple[SecretStore, ...]:
    """Every store that is looked into, in this order; the environment comes after all of them.

    Raises:
        ConfigError: as for `store_of`.
    """
    first = store_of(settings, service)
    file = FileStore(settings.secrets_file(service))
    return (first,) if first == file else (first, file)
