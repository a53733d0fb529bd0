"""The text of the config file: read, searched, exchanged, and tables added at its end.

Whatever else stands in the file is not touched: not its order, not its comments, not its blanks.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from occ.errors import ConfigError
from occ.settings.toml.atomic_file import alone, remove, rewrite
from occ.settings.toml.document import decode, parse, read_bytes
from occ.settings.toml.node import printable

INSTEAD: Final = "name another file with --config or OCC_CONFIG"
SCHEMA_URL: Final = "https://raw.githubusercontent.com/occ-journal/occ/main/docs/config.schema.json"
FIRST_LINE: Final = f"#:schema {SCHEMA_URL}\n"
"""A comment by which editors find the schema, in the words of Taplo; in files that occ makes."""


def config_text(file: Path, *, to_rewrite: bool = False) -> str | None:
    """The text of a config, None when there is no such file.

    A text that is read `to_rewrite` comes from where it is written to: along no link that root
    would not follow for writing.

    Raises:
        ConfigError: it cannot be read, or is not UTF-8.
    """
    content = read_bytes(file, instead=INSTEAD, to_rewrite=to_rewrite)
    return None if content is None else decode(content, file)


def value_at(file: Path, path: tuple[str, ...]) -> object:
    """The value at a path of a config, None where it has none: TOML knows no null.

    Raises:
        ConfigError: it cannot be read, or is not TOML.
    """
    return within(config_text(file) or "", file, path)


def within(text: str, file: Path, path: tuple[str, ...]) -> object:
    """The value at a path of a config's text, None where it has none.

    Raises:
        ConfigError: it is not TOML; the message names the file.
    """
    node: object = parse(text, file, "").value
    for part in path:
        node = node.get(part) if isinstance(node, Mapping) else None
    return node


def holds(file: Path, path: tuple[str, ...]) -> bool:
    """Whether a config has something at a path.

    Raises:
        ConfigError: it cannot be read, or is not TOML.
    """
    return value_at(file, path) is not None


def exchange(file: Path, before: str, text: str) -> None:
    """Have the file hold this text, if it still holds what it did when somebody began.

    Raises:
        ConfigError: it was changed meanwhile, or cannot be read or written.
    """
    with alone(file):
        if (config_text(file, to_rewrite=True) or "") != before:
            raise ConfigError(
                f"{printable(file)} was changed by somebody else meanwhile and is left as it "
                "is now; type the command again"
            )
        rewrite(file, text)


def whole_text(file: Path, text: str, *, to_rewrite: bool = False) -> str:
    """A config's text with another one added at its end.

    Raises:
        ConfigError: it cannot be read.
    """
    there = config_text(file, to_rewrite=to_rewrite) or ""
    between = "" if there.endswith("\n") else "\n"
    return f"{there}{between}\n{text}" if there else f"{FIRST_LINE}\n{text}"


def append(file: Path, text: str) -> None:
    """Add a text at the end of a config, which is made with its folder when it is not there.

    Raises:
        ConfigError: it cannot be read or written.
    """
    with alone(file):
        rewrite(file, whole_text(file, text, to_rewrite=True))


def take_out(file: Path, text: str) -> bool:
    """Take a text out again that was added; false when it does not stand there any more.

    Raises:
        ConfigError: the file cannot be read or written.
    """
    with alone(file):
        there = config_text(file, to_rewrite=True) or ""
        if text not in there:
            return False
        before, _, after = there.rpartition(text)
        left = f"{before.removesuffix(chr(10)) if before.endswith(2 * chr(10)) else before}{after}"
        if left.replace(FIRST_LINE, "").strip():
            rewrite(file, left)
        else:
            remove(file)
    return True
