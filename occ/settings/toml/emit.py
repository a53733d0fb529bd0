"""A table as TOML text, and such texts added to a config or taken out again.

What is there already is not touched: not its order, not its comments, not its blanks.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypeGuard

from occ.settings.toml.document import decode, parse, read_bytes
from occ.settings.toml.file import alone, rewrite

_LONGEST_LIST = 80
_WITHIN = len(("services", "NAME", "engine"))
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def emit(path: tuple[str, ...], table: Mapping[str, object]) -> str:
    """The text of the table at a path: single values first, then a table for each that has keys.

    Within the tables of a service a short table is a value on its line, and one that holds nothing
    but tables has no header of its own.
    """
    tables = {key: value for key, value in table.items() if _apart(value, path, key)}
    lines = [line_of(key, value) for key, value in table.items() if key not in tables]
    header = f"[{'.'.join(_key(part) for part in path)}]\n"
    within = [emit((*path, key), value) for key, value in tables.items()]
    return "\n".join(("".join((header, *lines)), *within) if lines or not within else within)


def written(value: object) -> str:
    """One value as TOML writes it."""
    return _value(value)


def line_of(key: str, value: object) -> str:
    """A key and its value, with the end of the line."""
    return f"{_key(key)} = {_value(value)}\n"


def holds(file: Path, path: tuple[str, ...]) -> bool:
    """Whether a config has something at a path.

    Raises:
        ConfigError: it cannot be read, or is not TOML.
    """
    node: object = parse(_read(file), file, "").value
    for part in path:
        if not isinstance(node, Mapping) or part not in node:
            return False
        node = node[part]
    return True


def whole_text(file: Path, text: str) -> str:
    """What a config would be with a text added at its end.

    Raises:
        ConfigError: it cannot be read.
    """
    there = _read(file)
    between = "" if there.endswith("\n") else "\n"
    return f"{there}{between}\n{text}" if there else text


def append(file: Path, text: str) -> None:
    """Add a text at the end of a config, which is made with its folder when it is not there.

    Raises:
        ConfigError: it cannot be read or written.
    """
    with alone(file):
        rewrite(file, whole_text(file, text))


def take_out(file: Path, text: str) -> bool:
    """Take a text out again that was added; false when it does not stand there any more.

    Raises:
        ConfigError: the file cannot be read or written.
    """
    with alone(file):
        there = _read(file)
        if text not in there:
            return False
        before, _, after = there.rpartition(text)
        left = f"{before.removesuffix(chr(10)) if before.endswith(2 * chr(10)) else before}{after}"
        if left.strip():
            rewrite(file, left)
        else:
            file.unlink()
    return True


def _read(file: Path) -> str:
    content = read_bytes(file, instead="name another file with --config or OCC_CONFIG")
    return "" if content is None else decode(content, file)


def _apart(value: object, path: tuple[str, ...], key: str) -> TypeGuard[Mapping[str, object]]:
    """Whether a value gets a table of its own."""
    if not isinstance(value, Mapping):
        return False
    return len(path) < _WITHIN or len(f"{_key(key)} = {_value(value)}") > _LONGEST_LIST


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case list() | tuple():
            return _list([_value(one) for one in value])
        case Mapping():
            inner = ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items())
            return f"{{ {inner} }}" if inner else "{}"
        case _:
            return _text(str(value))


def _list(values: list[str]) -> str:
    """On one line where that is short enough to read, else each on its own."""
    line = f"[{', '.join(values)}]"
    if len(line) <= _LONGEST_LIST:
        return line
    return "[\n" + "".join(f"    {value},\n" for value in values) + "]"


def _text(text: str) -> str:
    """A basic string: as JSON has it, and without the one control character that JSON allows."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
