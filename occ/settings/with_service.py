"""A service's table put into a config; text that says the same already stays as it is."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from occ.errors import ConfigError, NotFoundError
from occ.settings.as_table import table_of
from occ.settings.read import services_of
from occ.settings.toml.config_text import FIRST_LINE
from occ.settings.toml.edit import found, taken_out, with_value
from occ.settings.toml.node import printable
from occ.settings.toml.table_text import emit

# The reader fills it in where nobody wrote it: written only when it does not follow from ports.
_PORT: Final = ("health", "port")


@dataclass(frozen=True, slots=True)
class Config:
    """A config file as it is."""

    file: Path
    text: str
    """Empty when there is no such file."""
    home: str
    """The folder that `~` means in it."""

    @property
    def _gap(self) -> str:
        if not self.text:
            return f"{FIRST_LINE}\n"
        return "\n" if self.text.endswith("\n") else "\n\n"

    def with_service(self, name: str, table: Mapping[str, object]) -> str:
        """The config's text with this table as the service's, and nothing else of it changed.

        Raises:
            ConfigError: the table cannot be used, or the service is written in a way that can
                only be changed by hand.
        """
        path, before = ("services", name), services_of(self.text, self.file, self.home)
        spared = not self._writes((*path, *_PORT))
        if spared:
            table = self._spared(path, table)
        alone = emit(path, table)
        if name in before:
            there = table_of(before[name])
            after = _become(self.text, path, _without_port(there) if spared else there, table)
        else:
            after = f"{self.text}{self._gap}{alone}"
        wanted = {**before, **services_of(alone, self.file, self.home)}
        if services_of(after, self.file, self.home) != wanted:
            raise ConfigError(
                f"{printable(self.file)}: services.{name} is written in a way that can only "
                "be changed by hand: occ config edit"
            )
        return after

    def _writes(self, path: tuple[str, ...]) -> bool:
        with suppress(NotFoundError):
            found(self.text, path)
            return True
        return False

    def _spared(self, path: tuple[str, ...], table: Mapping[str, object]) -> Mapping[str, object]:
        """The table without the gate's port, where that follows from the ports."""
        bare = _without_port(table)
        with suppress(ConfigError):
            follows, says = (
                services_of(emit(path, one), self.file, self.home) for one in (bare, table)
            )
            return bare if follows == says else table
        return table


def _without_port(table: Mapping[str, object]) -> Mapping[str, object]:
    gate, port = _PORT
    within = table.get(gate)
    if not isinstance(within, Mapping):
        return table
    return {**table, gate: {key: value for key, value in within.items() if key != port}}


def _become(
    text: str, path: tuple[str, ...], before: Mapping[str, object], after: Mapping[str, object]
) -> str:
    """The text with the keys that differ changed; a default that nobody wrote is not taken out."""
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
