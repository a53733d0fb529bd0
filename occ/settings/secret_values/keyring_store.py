"""Secrets in the desktop's keyring, through the `keyring` package, which is an extra.

The package is imported at first need and nowhere else. A keyring cannot list what it holds, so
only names that the config has are ever asked for.
"""

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar, cast

from occ.errors import ConfigError

T = TypeVar("T")

_INSTALL = "pip install 'occ-journal[keyring]'"


class Keyring(Protocol):
    """The part of the `keyring` package that occ uses."""

    def get_password(self, service_name: str, username: str) -> str | None:
        """The value, None where the keyring has no value."""

    def set_password(self, service_name: str, username: str, password: str) -> None:
        """Keep a value."""

    def delete_password(self, service_name: str, username: str) -> None:
        """Keep it no longer."""


def the_keyring() -> Keyring:
    """The `keyring` package.

    Raises:
        ConfigError: it is not installed; the message has the command that installs it.
    """
    try:
        return cast("Keyring", importlib.import_module("keyring"))
    except ImportError:
        raise ConfigError(
            'secrets.store is "keyring", and the keyring package is not installed; '
            f'{_INSTALL}, or write store = "file"',
            hint=_INSTALL,
        ) from None


@dataclass(frozen=True, slots=True)
class KeyringStore:
    """The secrets of one service of one config in a keyring.

    The config's path is part of the name under which they are kept: two configs on one desktop may
    both have a service of this name.
    """

    keyring: Keyring
    config: Path
    service: str

    @property
    def where(self) -> str:
        """Where it is, for messages."""
        return "keyring"

    def read(self, names: Iterable[str]) -> Mapping[str, str]:
        """The values that it has of these names."""
        asked = tuple(names)
        values = _asked(lambda: [self.keyring.get_password(self._under, name) for name in asked])
        return {name: value for name, value in zip(asked, values, strict=True) if value}

    def put(self, name: str, value: str) -> None:
        """Keep a value."""
        _asked(lambda: self.keyring.set_password(self._under, name, value))

    def take_out(self, name: str) -> bool:
        """Keep it no longer; false where it was not kept."""
        if not self.read([name]):
            return False
        _asked(lambda: self.keyring.delete_password(self._under, name))
        return True

    @property
    def _under(self) -> str:
        return f"occ {self.config} {self.service}"


def _asked(call: Callable[[], T]) -> T:
    """The keyring's answer. Its backends raise any error they like, and may quote a value in it."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - see above
        raise ConfigError(
            f"the keyring does not answer ({type(error).__name__}); unlock it, see keyring "
            '--list-backends, or write store = "file" under [secrets]'
        ) from None
