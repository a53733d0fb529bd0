"""A service's table put into a config; what it says already stays as it is written."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from occ.errors import ConfigError, NotFoundError
from occ.settings.edit import taken_out, with_value
from occ.settings.emit import emit
from occ.settings.node import printable
from occ.settings.read import services_of
from occ.settings.write import table_of


@dataclass(frozen=True, slots=True)
class Config:
    """A config file as it is: its text, empty when there is none, and what `~` means in it."""

    file: Path
    text: str
    home: str

    @property
    def _gap(self) -> str:
        return "" if not self.text else "\n" if self.text.endswith("\n") else "\n\n"

    def with_service(self, name: str, table: Mapping[str, object]) -> str:
        """The config's text with this table as the service's, and nothing else of it changed.

        Raises:
            ConfigError: the table cannot be used, or the service is written in a way that can
                only be changed by hand.
        """
        path, before = ("services", name), services_of(self.text, self.file, self.home)
        alone = emit(path, table)
        if name in before:
            after = _become(self.text, path, table_of(before[name]), table)
        else:
            after = f"{self.text}{self._gap}{alone}"
        wanted = {**before, **services_of(alone, self.file, self.home)}
        if services_of(after, self.file, self.home) != wanted:
            raise ConfigError(
                f"{printable(str(self.file))}: services.{name} is written in a way that can only "
                "be changed by hand: occ config edit"
            )
        return after


def _become(
    text: str, path: tuple[str, ...], before: Mapping[str, object], after: Mapping[str, object]
) -> str:
    """The text with the keys that differ changed; a default that nobody wrote is no key."""
    for key in before:
        if key not in after:
            with suppress(NotFoundError):
                text = taken_out(text, (*path, key))
    for key, value in after.items():
        there = before.get(key, {})
        if isinstance(value, Mapping) and isinstance(there, Mapping):
            text = _become(text, (*path, key), there, value)
        elif value != there:
            text = with_value(text, (*path, key), value)
    return text
