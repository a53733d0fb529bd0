"""The config file: its keys shown and changed, its text checked and compared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

from occ.app.desk import Desk
from occ.domain.secrets.secrecy import clean
from occ.errors import ConfigError
from occ.settings import Service, Settings
from occ.settings.as_table import table_of
from occ.settings.folders import home
from occ.settings.read import checked
from occ.settings.toml import edit
from occ.settings.toml.config_text import FIRST_LINE, config_text, exchange, holds
from occ.settings.toml.edit import KeyPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A config after it was changed."""

    config: str
    """The file."""
    diff: str
    """The difference as a unified diff; empty where nothing was written."""


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """The config file that the settings were read from."""

    settings: Settings
    home: str
    """The folder that `~` in it stands for; empty without one."""

    @property
    def place(self) -> tuple[str, bool]:
        """The file's path, and whether the file is there."""
        return str(self.settings.path), self.settings.exists

    def shown(self, service: str) -> dict[str, Any]:
        """The service's table as occ understands it; all that looks like a secret is masked."""
        table = table_of(self.settings.service(service))
        return {key: _masked(value) for key, value in table.items()}

    def get(self, key: str, service: str | None) -> object:
        """The value that the file has under a key, masked where it looks like a secret.

        Raises:
            NotFoundError: the file does not write the key.
        """
        return _masked(edit.found(self._text(), self._path(key, service)))

    def service_of(self, key: str) -> str:
        """The service of a key, whose value has yet to reach a container; empty for any other."""
        path = edit.path_of(key, str)
        return path[1] if path[0] == "services" and len(path) > 1 else ""

    def put(self, key: str, words: Sequence[str], service: str | None) -> Edited:
        """Have a value under a key; the file is made where there is no such file.

        Raises:
            ConfigError: the value cannot be; the file is as before.
        """
        before = config_text(self.settings.path) or ""
        after = edit.put(before, self._path(key, service), words, self.validate)
        return self.write(before, after if before else f"{FIRST_LINE}\n{after}")

    def put_text(self, path: KeyPath, text: str) -> Edited:
        """Have a text at a path of the file, whatever else it could mean.

        Raises:
            ConfigError: it cannot be; the file is as before.
        """
        return self.edit(lambda before: edit.with_value(before, path, text))

    def take_out(self, key: str | KeyPath, service: str | None = None) -> Edited:
        """Have no value under a key, or at a path of the file.

        Raises:
            NotFoundError: the file does not write the key.
            ConfigError: the key must be written; the file is as before.
        """
        return self.edit(lambda before: edit.taken_out(before, self._path(key, service)))

    def with_name(self, key: str, name: str, service: str) -> tuple[str, str]:
        """The text as it is, and with a name in a list of the service; nothing is written.

        Raises:
            NotFoundError: the file declares no such service.
            ConfigError: the name cannot be there.
        """
        before = self._text()
        after = edit.with_name(before, ("services", service, key), name)
        self.validate(after)
        return before, after

    def write(self, before: str, after: str) -> Edited:
        """Have another text, where the file still has the text that it was made from.

        Raises:
            ConfigError: the file was changed meanwhile, or cannot be written.
        """
        path = str(self.settings.path)
        if before != after:
            exchange(self.settings.path, before, after)
        return Edited(config=path, diff=clean(difference(before, after, path, path)))

    def validate(self, text: str | None = None) -> tuple[str, ...]:
        """The services that a config of this text would declare; by default the file's text.

        Raises:
            ConfigError: something in it cannot be used.
        """
        text = self._text() if text is None else text
        return tuple(checked(text, self.settings.path, self.home))

    def edit(self, editor: Callable[[str], str | None]) -> Edited:
        """Have the text that an editor makes of it, once it is checked; None leaves it as it is.

        Raises:
            ConfigError: it cannot be used; the file is as before.
        """
        before = self._text()
        after = editor(before)
        if after is None or after == before:
            return self.write(before, before)
        self.validate(after)
        return self.write(before, after)

    def _path(self, key: str | KeyPath, service: str | None) -> KeyPath:
        if not isinstance(key, str):
            return key
        return edit.path_of(key, lambda: self.settings.service(service).name)

    def _text(self) -> str:
        text = config_text(self.settings.path)
        if text is None:
            raise ConfigError(f"{self.settings.path}: there is no such file; occ setup writes one")
        return text


def config_file(desk: Desk) -> ConfigFile:
    """The config file of a desk's settings."""
    return ConfigFile(desk.settings, home(desk.environ))


def service_in_config(desk: Desk, name: str) -> Service | None:
    """The service as the config file declares it, None where the file does not."""
    if desk.settings.exists and holds(desk.settings.path, ("services", name)):
        return desk.settings.services[name]
    return None


def difference(before: str, after: str, before_file: str, after_file: str) -> str:
    """Two texts as a unified diff; empty where they say the same."""
    lines = unified_diff(
        before.splitlines(),
        after.splitlines(),
        fromfile=before_file,
        tofile=after_file,
        lineterm="",
    )
    return "\n".join(lines)


def _masked(value: object) -> Any:  # noqa: ANN401 - whatever TOML can hold
    match value:
        case str():
            return clean(value)
        case list() | tuple():
            return [_masked(one) for one in value]
        case dict():
            return {key: _named(str(key), one) for key, one in value.items()}
        case _:
            return value


def _named(name: str, value: object) -> Any:  # noqa: ANN401 - as above
    if isinstance(value, str):
        return clean(f"{name}={value}").partition("=")[2]
    return _masked(value)
