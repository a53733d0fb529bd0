"""Keys, values and tables as TOML writes them."""

import json
import re
from collections.abc import Mapping
from typing import TypeGuard

_LONGEST_LIST = 80
_WITHIN = len(("services", "NAME", "engine"))
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def emit(path: tuple[str, ...], table: Mapping[str, object]) -> str:
    """The text of the table at a path: single values first, then a table for each that has keys.

    Within the tables of a service a short table is a value on its line, and a table that holds
    nothing but tables has no header of its own.
    """
    tables = {key: value for key, value in table.items() if _apart(value, path, key)}
    lines = [line_of(key, value) for key, value in table.items() if key not in tables]
    header = f"[{'.'.join(key_text(part) for part in path)}]\n"
    within = [emit((*path, key), value) for key, value in tables.items()]
    return "\n".join(("".join((header, *lines)), *within) if lines or not within else within)


def line_of(key: str, value: object) -> str:
    """A key and its value, with the end of the line."""
    return f"{key_text(key)} = {written(value)}\n"


def key_text(key: str) -> str:
    """A key, in quotes where it needs them."""
    return key if _BARE.fullmatch(key) else _text(key)


def written(value: object) -> str:
    """One value as TOML writes it."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case list() | tuple():
            return _list([written(one) for one in value])
        case Mapping():
            inner = ", ".join(f"{key_text(key)} = {written(one)}" for key, one in value.items())
            return f"{{ {inner} }}" if inner else "{}"
        case _:
            return _text(str(value))


def _apart(value: object, path: tuple[str, ...], key: str) -> TypeGuard[Mapping[str, object]]:
    """Whether a value gets a table of its own."""
    if not isinstance(value, Mapping):
        return False
    return len(path) < _WITHIN or len(f"{key_text(key)} = {written(value)}") > _LONGEST_LIST


def _list(values: list[str]) -> str:
    """On one line where that is short enough to read, else each on its own."""
    line = f"[{', '.join(values)}]"
    if len(line) <= _LONGEST_LIST:
        return line
    return "[\n" + "".join(f"    {value},\n" for value in values) + "]"


def _text(text: str) -> str:
    """A basic string: as JSON has it, and without the one control character that JSON allows."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
