"""A key that may be set, and reading a table by the keys it may have."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from occ.errors import ConfigError
from occ.settings.toml.node import Node

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)  # no slots: Python 3.11 cannot call a slotted, frozen Setting[int](...)
class Setting(Generic[T_co]):
    """One key: how it is read, what it is without, and what the settings page says of it."""

    key: str
    kind: str
    default: T_co
    default_text: str
    meaning: str
    read: Callable[[Node], T_co]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the config whose keys are known to be good ones."""

    node: Node
    entries: dict[str, Node]

    @classmethod
    def of(cls, node: Node, settings: Sequence[Setting[object]], example: str) -> "Table":
        """The table at `node`.

        Raises:
            ConfigError: it is no table, or has a key that no setting has.
        """
        entries = {str(entry.path[-1]): entry for entry in node.entries(example)}
        known = [setting.key for setting in settings]
        for key, entry in entries.items():
            if key not in known:
                raise unknown(entry, known)
        return cls(node, entries)

    def take(self, setting: Setting[T]) -> T:
        """The value of a key, or its default.

        Raises:
            ConfigError: the value cannot be used.
        """
        entry = self.entries.get(setting.key)
        return setting.default if entry is None else setting.read(entry)

    def has(self, setting: Setting[object]) -> bool:
        """Whether the key is written."""
        return setting.key in self.entries

    def at(self, setting: Setting[object]) -> Node:
        """Where the key is written, or else the table."""
        return self.entries.get(setting.key, self.node)


def unknown(entry: Node, known: Sequence[str]) -> ConfigError:
    """The error for a key that nobody reads, with the nearest one that somebody does."""
    # Costs 4 ms to import, and only a mistake needs it.
    from difflib import get_close_matches  # noqa: PLC0415

    near = get_close_matches(str(entry.path[-1]), known, n=1, cutoff=0.6)
    fix = f'did you mean "{near[0]}"?' if near else f"the keys here are {', '.join(known)}"
    return entry.bad("there is no such key", fix)
