"""A service's secrets file: `NAME=value` lines, for its owner alone."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from occ.errors import ConfigError
from occ.settings.toml.atomic_file import alone, rewrite
from occ.settings.toml.atomic_file import remove as delete
from occ.settings.toml.document import decode, read_bytes
from occ.settings.toml.node import printable


def read_secrets(path: Path, *, to_rewrite: bool = False) -> dict[str, str]:
    """A file of `NAME=value` lines, as `docker run --env-file` takes it.

    The value is everything behind the first `=` to the end of the line. Values in quotes are
    refused: Docker would make the quotes part of the value, compose and shells would not. A file
    that is not there holds no secrets.

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
        if in_quotes(value):
            raise ConfigError(
                f"{where}: the value of {printable(name)} is in quotes, which would be part of it; "
                "take them off"
            )
        found[name] = value
    return found


def store(file: Path, values: Mapping[str, str]) -> None:
    """Have these secrets in the file; it is made, mode 0600, when it is not there.

    The values have no line breaks and no quotes around them: the file has no way to say those.

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
        missing = [f"{name}={value}\n" for name, value in values.items() if name not in there]
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
        ConfigError: the file has no way to say the value, or the file cannot be used. No error
            holds a value.
    """
    if wrong := unwritable(value):
        raise ConfigError(
            f"the value of {name} {wrong}, which a file of NAME=value lines cannot hold; "
            'set another one, or keep secrets in the keyring: [secrets] store = "keyring"'
        )
    with alone(file):
        there = read_secrets(file, to_rewrite=True)
        line = f"{name}={value}\n"
        if name not in there:
            rewrite(file, _with_line(file, line))
        elif there[name] != value:
            lines = _lines(file)
            named = [line if one.lstrip().partition("=")[0] == name else one for one in lines]
            rewrite(file, "".join(named))


def unwritable(value: str) -> str:
    """Why a secrets file has no way to say a value, as a half sentence; empty when it has."""
    if "\n" in value or value.endswith("\r"):
        return "has a line break"
    return "has quotes around it" if in_quotes(value) else ""


def in_quotes(value: str) -> bool:
    """Whether a value has quotes around it."""
    return len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"


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
