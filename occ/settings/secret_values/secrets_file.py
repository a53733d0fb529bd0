"""Writing a service's secrets file: `NAME=value` lines, for its owner alone."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from occ.errors import ConfigError
from occ.settings.secret_values.values import read_secrets
from occ.settings.toml.document import decode, read_bytes
from occ.settings.toml.file import alone, rewrite
from occ.settings.toml.node import printable


def store(file: Path, values: Mapping[str, str]) -> None:
    """Have these secrets in the file; it is made, mode 0600, when it is not there.

    A value holds no line break and no quotes around it, which the file has no way to say.

    Raises:
        ConfigError: one is there with another value, which is never overwritten, or the file
            cannot be used. No error holds a value.
    """
    with alone(file):
        there = read_secrets(file)
        for name, value in values.items():
            if there.get(name, value) != value:
                raise ConfigError(
                    f"{printable(str(file))}: {name} stands there with another value; "
                    "take it out, or name another file"
                )
        missing = [f"{name}={value}\n" for name, value in values.items() if name not in there]
        if missing:
            text = _text(file)
            between = "" if not text or text.endswith("\n") else "\n"
            rewrite(file, "".join((text, between, *missing)))


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
            file.unlink(missing_ok=True)


def put(file: Path, name: str, value: str) -> None:
    """Have this secret in the file with this value, in its old place; made, mode 0600, if need be.

    Raises:
        ConfigError: the value is one that the file has no way to say, or the file cannot be used.
            No error holds a value.
    """
    if wrong := unwritable(value):
        raise ConfigError(
            f"the value of {name} {wrong}, which a file of NAME=value lines cannot hold; "
            'set another one, or keep secrets in the keyring: [secrets] store = "keyring"'
        )
    with alone(file):
        there = read_secrets(file)
        line = f"{name}={value}\n"
        if name not in there:
            text = _text(file)
            between = "" if not text or text.endswith("\n") else "\n"
            rewrite(file, f"{text}{between}{line}")
        elif there[name] != value:
            lines = _lines(file)
            named = [line if one.lstrip().partition("=")[0] == name else one for one in lines]
            rewrite(file, "".join(named))


def unwritable(value: str) -> str:
    """Why a secrets file has no way to say a value, as a half sentence; empty when it has."""
    if "\n" in value or value.endswith("\r"):
        return "has a line break"
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return "has quotes around it" if quoted else ""


def _lines(file: Path) -> list[str]:
    """The lines as they are read: a value may hold what other programs break lines at."""
    text = _text(file)
    lines = [f"{line}\n" for line in text.split("\n")]
    return lines[:-1] if text.endswith("\n") or not text else lines


def _text(file: Path) -> str:
    content = read_bytes(file, instead="correct secrets_file in the config", private=True)
    return "" if content is None else decode(content, file)
