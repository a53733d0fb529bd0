"""A service's secrets file: `NAME=value` lines, for its owner alone."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from occ.errors import ConfigError
from occ.settings.toml.atomic_file import alone, rewrite
from occ.settings.toml.atomic_file import remove as delete
from occ.settings.toml.document import decode, read_bytes
from occ.settings.toml.node import printable


def read_secrets(path: Path, *, to_rewrite: bool = False) -> dict[str, str]:
    """A file of `NAME=value` lines, as `docker run --env-file` takes it.

    The value is everything behind the first `=` to the end of the line. A value with line breaks,
    or with quotes of its own around it, stands in double quotes as JSON writes it, which Docker
    would not read so. Other values in quotes are refused: Docker would make the quotes part of the
    value, compose and shells would not. A file that is not there holds no secrets.

    Raises:
        ConfigError: it cannot be read, is not as it should be, or others may read it.
    """
    shown = printable(path)
    found: dict[str, str] = {}
    for number, raw in enumerate(_text(path, to_rewrite=to_rewrite).split("\n"), start=1):
        line = raw.removesuffix("\r").lstrip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        where = f"{shown}:{number}"
        if not equals or not name or name != name.strip() or " " in name:
            raise ConfigError(f"{where}: it is not NAME=value; write NAME=value, without export")
        if name in found:
            raise ConfigError(f"{where}: {printable(name)} stands above already; take one out")
        meant = _unquoted(value) if in_quotes(value) else value
        if meant is None:
            raise ConfigError(
                f"{where}: the value of {printable(name)} is in quotes, which would be part of it; "
                f"take them off, or if they belong to it: occ secret set {printable(name)}"
            )
        found[name] = meant
    return found


def store(file: Path, values: Mapping[str, str]) -> None:
    """Have these secrets in the file; it is made, mode 0600, when it is not there.

    Raises:
        ConfigError: a secret is there with another value, which is never overwritten, or the file
            cannot be used. No error holds a value.
    """
    with alone(file):
        there = read_secrets(file, to_rewrite=True)
        for name, value in values.items():
            if there.get(name, value) != value:
                raise ConfigError(
                    f"{printable(file)}: {name} stands there with another value; "
                    "take it out, or name another file"
                )
        missing = [_line(name, value) for name, value in values.items() if name not in there]
        if missing:
            rewrite(file, _with_line(file, "".join(missing)))


def remove(file: Path, names: Iterable[str]) -> None:
    """Have these secrets gone from the file, and the file when nothing is left.

    Raises:
        ConfigError: the file cannot be used.
    """
    with alone(file):
        gone = set(names)
        left = [line for line in _lines(file) if line.lstrip().partition("=")[0] not in gone]
        if any(line.strip() for line in left):
            rewrite(file, "".join(left))
        else:
            delete(file)


def put(file: Path, name: str, value: str) -> None:
    """Have this secret in the file with this value, in its old place; made, mode 0600, if need be.

    Raises:
        ConfigError: the file cannot be used. No error holds a value.
    """
    with alone(file):
        there = read_secrets(file, to_rewrite=True)
        line = _line(name, value)
        if name not in there:
            rewrite(file, _with_line(file, line))
        elif there[name] != value:
            lines = _lines(file)
            named = [line if one.lstrip().partition("=")[0] == name else one for one in lines]
            rewrite(file, "".join(named))


def in_quotes(value: str) -> bool:
    """Whether a value has quotes around it."""
    return len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"


def _plain(value: str) -> bool:
    """Whether a line can have the value as it is."""
    return not (in_quotes(value) or "\n" in value or value.endswith("\r"))


def _line(name: str, value: str) -> str:
    return f"{name}={value if _plain(value) else json.dumps(value, ensure_ascii=False)}\n"


def _unquoted(value: str) -> str | None:
    """The value that occ itself would write so; None for quotes that somebody else wrote."""
    try:
        meant = json.loads(value)
    except ValueError:
        return None
    return meant if isinstance(meant, str) and not _plain(meant) else None


def _with_line(file: Path, line: str) -> str:
    text = _text(file, to_rewrite=True)
    between = "" if not text or text.endswith("\n") else "\n"
    return f"{text}{between}{line}"


def _lines(file: Path) -> list[str]:
    """The lines as they are read: a value may hold what other programs break lines at."""
    text = _text(file, to_rewrite=True)
    lines = [f"{line}\n" for line in text.split("\n")]
    return lines[:-1] if text.endswith("\n") or not text else lines


def _text(file: Path, *, to_rewrite: bool) -> str:
    instead = "correct secrets_file in the config"
    content = read_bytes(file, instead=instead, to_rewrite=to_rewrite)
    return "" if content is None else decode(content, file)
