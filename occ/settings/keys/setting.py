"""A key that may be set, and tables that are read and written by the keys they may have."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias

from occ.errors import ConfigError
from occ.settings.toml.node import Node

Shape: TypeAlias = Mapping[str, Any]


def plain(value: object) -> object:
    """A value as the config writes it where its key says nothing else: tuples are lists."""
    match value:
        case tuple() | list():
            return [plain(one) for one in value]
        case Mapping():
            return {key: plain(one) for key, one in value.items()}
        case _:
            return value


@dataclass(frozen=True, slots=True)
class Form:
    """A form of values: how it is told on the settings page, read and written."""

    text: str
    read: Callable[[Node], Any]
    """Raises ConfigError for a value that cannot be used."""
    write: Callable[[Any], object] = plain
    """The way back: the value as the config writes it."""
    shape: Shape = field(kw_only=True)
    """How an editor checks it, in the words of JSON Schema: see `forms.py`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One key: the form of its values, which field holds its value, its row of the page."""

    key: str
    form: Form
    default_text: str = "none"
    """The default, for the settings page."""
    meaning: str
    field: str = ""
    """The dataclass field that holds the value, where it is not called as the key is."""
    engine_names: tuple[str, ...] = ()
    """The engine's own names for the same, which `engine` refuses."""

    @property
    def field_name(self) -> str:
        """The dataclass field that holds the value."""
        return self.field or self.key


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the config whose keys are known to be good ones."""

    node: Node
    settings: Mapping[str, Setting]
    entries: Mapping[str, Node]
    """The keys that are written."""

    @classmethod
    def of(cls, node: Node, settings: Sequence[Setting], example: str) -> "Table":
        """The table at `node`.

        Raises:
            ConfigError: it is no table, or has a key that no setting has.
        """
        entries = {str(entry.path[-1]): entry for entry in node.entries(example)}
        known = {setting.key: setting for setting in settings}
        for key, entry in entries.items():
            if key not in known:
                raise unknown(entry, tuple(known))
        return cls(node, known, entries)

    def take(self, key: str, default: Any) -> Any:  # noqa: ANN401 - each reader has its own type
        """The value of a key, or else the default.

        Raises:
            ConfigError: the value cannot be used.
        """
        return self.settings[key].form.read(self.entries[key]) if self.has(key) else default

    def values_of(self, holder: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass
        """Field -> value of the written keys that are fields of a dataclass, read in its order.

        Raises:
            ConfigError: a value cannot be used.
        """
        written = {self.settings[key].field_name: key for key in self.entries}
        names = [one.name for one in fields(holder) if one.name in written]
        return {name: self.take(written[name], None) for name in names}

    def has(self, key: str) -> bool:
        """Whether the key is written."""
        return self.settings[key].key in self.entries

    def at(self, key: str) -> Node:
        """Where the key is written, or else the table."""
        return self.entries[key] if self.has(key) else self.node


def table_of(settings: Sequence[Setting], usual: Any, holder: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    """Key -> value, as the config writes it, of a dataclass's fields that are not as usual."""
    known = {one.name for one in fields(holder)}
    found = {
        one.key: one.form.write(getattr(holder, one.field_name))
        for one in settings
        if one.field_name in known
        and getattr(holder, one.field_name) != getattr(usual, one.field_name)
    }
    return {key: value for key, value in found.items() if value not in ("", [], {})}


def unknown(entry: Node, known: Sequence[str]) -> ConfigError:
    """The error for a key that nobody reads, with the nearest key that somebody reads."""
    # Costs 4 ms to import, and only a mistake needs it.
    from difflib import get_close_matches  # noqa: PLC0415

    near = get_close_matches(str(entry.path[-1]), known, n=1, cutoff=0.6)
    fix = f'did you mean "{near[0]}"?' if near else f"the keys here are {', '.join(known)}"
    return entry.bad("there is no such key", fix)
