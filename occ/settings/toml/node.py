"""A value of the config together with its place, which every complaint about it names."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from occ.domain.secrets.secrecy import MASK, clean, clean_argv, holds_secret, looks_secret
from occ.errors import ConfigError
from occ.escapes import escaped
from occ.settings.toml.line_numbers import KeyPath
from occ.settings.toml.table_text import key_text

T = TypeVar("T")

_LONGEST_SHOWN = 80
_LAST_SHORT = 0xFFFF
_WIDEST_SHOWN = 256
_TYPES = {
    bool: "true or false",
    int: "a number",
    float: "a number with a point",
    str: "text",
    list: "a list",
    dict: "a table",
}


@dataclass(frozen=True, slots=True)
class Source:
    """The file that a config was read from."""

    file: Path
    home: str = ""
    """The folder that `~` means; empty when nobody knows."""
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    """On which line each key and element stands, counted from 1."""


@dataclass(frozen=True, slots=True)
class Node:
    """One value of the config."""

    source: Source
    path: KeyPath
    """The keys, and indexes of lists, that lead to the value."""
    value: object

    @property
    def line(self) -> int:
        """Its line, or that of the nearest table around it; 0 when the file has none."""
        for length in range(len(self.path), 0, -1):
            if found := self.source.lines.get(self.path[:length]):
                return found
        return 0

    @property
    def key(self) -> str:
        """Its key as TOML writes it: `services.web.ports[0]`."""
        text = ""
        for part in self.path:
            if isinstance(part, int):
                text += f"[{part}]"
            else:
                text += f".{key_text(part)}" if text else key_text(part)
        return printable(text)

    def bad(self, wrong: str, fix: str) -> ConfigError:
        """The error that names file, line, key, value, what is wrong and what to do."""
        line = f":{self.line}" if self.line else ""
        shown = self.shown()
        return ConfigError(
            f"{printable(self.source.file)}{line}: {self.key} = {shown}: {wrong}; {fix}"
        )

    def shown(self) -> str:
        """The value for a message: short, printable, and without anything like a secret."""
        name = next((part for part in reversed(self.path) if isinstance(part, str)), "")
        text = printable(json.dumps(_without_secrets(name, self.value), ensure_ascii=False))
        return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."

    def _quoted(self) -> str:
        if isinstance(self.value, list | dict):
            return '"..."'
        shown = self.shown()
        return shown if shown.startswith('"') else f'"{shown}"'

    def child(self, key: str | int, value: object) -> "Node":
        """The node of a value within this one."""
        return Node(self.source, (*self.path, key), value)

    def entries(self, example: str) -> Iterator["Node"]:
        """The entries of a table, each with its key as the last part of its path.

        Raises:
            ConfigError: it is no table.
        """
        if not isinstance(self.value, dict):
            raise self.bad(f"a table is wanted, not {self.type_name()}", f"write {example}")
        return (self.child(str(key), value) for key, value in self.value.items())

    def elements(self) -> Iterator["Node"]:
        """The elements of a list.

        Raises:
            ConfigError: it is no list.
        """
        if not isinstance(self.value, list):
            fix = f"write [{self.shown()}]" if isinstance(self.value, str) else "write [...]"
            raise self.bad(f"a list is wanted, not {self.type_name()}", fix)
        return (self.child(index, value) for index, value in enumerate(self.value))

    def text(self) -> str:
        """The value as text.

        Raises:
            ConfigError: it is something else, or holds a NUL, which no engine takes.
        """
        if not isinstance(self.value, str):
            raise self.bad(f"text is wanted, not {self.type_name()}", f"write {self._quoted()}")
        if "\0" in self.value:
            raise self.bad("it holds a NUL character", "take that out")
        return self.value

    def whole(self, low: int, high: int) -> int:
        """The value as a whole number from `low` to `high`.

        Raises:
            ConfigError: it is something else.
        """
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            wrong = f"a whole number is wanted, not {self.type_name()}"
            raise self.bad(wrong, f"write a number from {low} to {high}, without quotes")
        if not low <= self.value <= high:
            raise self.bad("out of bounds", f"write a number from {low} to {high}")
        return self.value

    def type_name(self) -> str:
        """The TOML type of the value, in words."""
        return _TYPES.get(type(self.value), "a date or time")


def each(read: Callable[[Node], T]) -> Callable[[Node], tuple[T, ...]]:
    """Make a reader of lists from a reader of one element."""

    def read_all(node: Node) -> tuple[T, ...]:
        return tuple(read(element) for element in node.elements())

    return read_all


def printable(text: str | Path) -> str:
    """The text without anything that a terminal or an encoder would stumble over."""
    return escaped(str(text), _escape)


def _escape(each: str) -> str:
    number = ord(each)
    return f"\\u{number:04x}" if number <= _LAST_SHORT else f"\\U{number:08x}"


def _without_secrets(name: str, value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_secrets(str(key), entry) for key, entry in value.items()}
    if isinstance(value, list):
        words = clean_argv(value) if all(isinstance(word, str) for word in value) else value
        return [_without_secrets(name, element) for element in words]
    if isinstance(value, bool):
        return value
    if looks_secret(name) or (isinstance(value, str) and _by_its_name(name, value)):
        return MASK if value != "" else ""
    if isinstance(value, int) and value.bit_length() > _WIDEST_SHOWN:
        return "a huge number"  # Python refuses to print such
    return value if isinstance(value, int | float) else clean(str(value))


def _by_its_name(name: str, value: str) -> bool:
    """Whether a value is a secret for its name and not for what stands in it."""
    return clean(value) == value and holds_secret(name, value)
