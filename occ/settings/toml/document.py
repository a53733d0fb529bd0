"""The config file: from bytes to a tree whose every value knows its line."""

import os
import re
import stat
import tomllib
from contextlib import suppress
from pathlib import Path

from occ.errors import ConfigError
from occ.own_files import open_to_rewrite
from occ.settings.toml.compose_file import WAYS, is_compose
from occ.settings.toml.line_numbers import key_lines
from occ.settings.toml.node import Node, Source, printable

# A config is written by hand. Anything longer is another file, or /dev/zero.
_LARGEST = 1 << 20

# The parser's time grows with the square of the parts of one key; no config of ours has ten.
_MOST_PARTS = 32
_PART = r"""(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+"""
_TOO_DEEP = rf"(?<![\w-])(?:{_PART}){{{_MOST_PARTS}}}"

_WHERE = r"(?P<wrong>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|.*)\)"


def read_bytes(path: Path, *, instead: str, to_rewrite: bool = False) -> bytes | None:
    """The bytes of a file of settings, None when there is no such file.

    A file that is read `to_rewrite` is reached as for writing: see `own_files`.

    Raises:
        ConfigError: it cannot be read, or is a pipe, a socket or a device, and `instead` says what
            to do about it.
    """
    opener = _to_rewrite if to_rewrite else _without_waiting
    try:
        with open(path, "rb", opener=opener) as file:
            found = os.fstat(file.fileno())
            mode, plain = found.st_mode, stat.S_ISREG(found.st_mode) or _is_null(found)
            content = file.read(_LARGEST + 1) if plain else None
    except FileNotFoundError:
        return None
    except IsADirectoryError:
        raise ConfigError(f"{printable(path)}: it is a folder, not a file; {instead}") from None
    except PermissionError:
        raise ConfigError(f"{printable(path)}: you may not read it; {instead}") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise ConfigError(f"{printable(path)}: it cannot be read ({why}); {instead}") from None
    if content is None:
        raise ConfigError(f"{printable(path)}: it is {_sort(mode)}, not a file; {instead}")
    if len(content) > _LARGEST:
        raise ConfigError(f"{printable(path)}: it is larger than {_LARGEST} bytes; {instead}")
    return content


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; a pipe without a writer would be waited for, for ever."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)


def _to_rewrite(path: str, _flags: int) -> int:
    return open_to_rewrite(Path(path))


def read_by_others(path: Path) -> str:
    """A sentence where others than its owner may read a file of secrets; empty for any other.

    Whoever can read it has read it: to refuse the file would only keep its owner from the way back.
    """
    with suppress(OSError, ValueError):
        mode = path.stat().st_mode
        if stat.S_ISREG(mode) and mode & (stat.S_IRWXG | stat.S_IRWXO):
            shown = printable(path)
            return f"others may read {shown} (mode {stat.S_IMODE(mode):04o}); run chmod 600 {shown}"
    return ""


def _is_null(found: os.stat_result) -> bool:
    """Whether it is /dev/null, which people name for an empty file."""
    return stat.S_ISCHR(found.st_mode) and found.st_rdev == Path(os.devnull).stat().st_rdev


def _sort(mode: int) -> str:
    return "a pipe" if stat.S_ISFIFO(mode) else "a device"


def decode(content: bytes, path: Path) -> str:
    """The text of a file.

    Raises:
        ConfigError: it is not UTF-8; the message names line and byte.
    """
    try:
        return content.decode().removeprefix("\ufeff")  # some editors begin a file with a mark
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = f"byte {error.start} (0x{content[error.start]:02x})"
        raise ConfigError(
            f"{printable(path)}:{line}: {byte} is not UTF-8; save the file as UTF-8"
        ) from None


def parse(text: str, path: Path, home: str) -> Node:
    """The root table of a TOML text.

    Raises:
        ConfigError: it is not TOML, or nests too deep; the message names the line.
    """
    dotted = any(line.count(".") >= _MOST_PARTS for line in text.split("\n"))
    if dotted and (deep := re.search(_TOO_DEEP, text)):  # the pattern takes long to compile
        raise ConfigError(
            f"{printable(path)}:{text.count(chr(10), 0, deep.start()) + 1}: a key has more than "
            f"{_MOST_PARTS} parts; take some out"
        )
    try:
        tree = tomllib.loads(text)
        return Node(Source(path, home, key_lines(text)), (), tree)
    except RecursionError:
        raise ConfigError(
            f"{printable(path)}: lists or tables within each other go too deep; take some out"
        ) from None
    except ValueError as error:  # a number of 5,000 digits is one, and no TOMLDecodeError
        if is_compose(text):
            why = "it is a Compose file, and no config of occ"
            raise ConfigError(f"{printable(path)}: {why}", hint=WAYS) from None
        raise _not_toml(str(error), text, path) from None


def _not_toml(why: str, text: str, path: Path) -> ConfigError:
    found = re.fullmatch(_WHERE, why)
    wrong = found["wrong"] if found else why
    if found and found["line"]:
        where = f":{found['line']}:{found['column']}"
    else:
        where = f":{text.count(chr(10)) + 1}" if found else ""
    return ConfigError(
        f"{printable(path)}{where}: not TOML: {printable(wrong)}; "
        'write it as key = "value" (https://toml.io)'
    )
