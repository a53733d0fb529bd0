"""On which line of a TOML text each key and each element stands; the standard parser does not say.

It reads only text that `tomllib` has accepted, so it need not judge, and it never decides what a
value is: it serves the messages alone.
"""

import re
import tomllib
from bisect import bisect_left
from typing import Final, TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]

_SPACE: Final = re.compile(r"[ \t]*")
_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SEPARATOR: Final = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)*")
_KEY: Final = re.compile(r"[A-Za-z0-9_-]+|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'")
_STRING: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR: Final = re.compile(r"[^,\]}#\n]*")


def key_lines(text: str) -> dict[KeyPath, int]:
    """Path -> line, counted from 1, of every key, table and list element in the text.

    Raises:
        RecursionError: lists within lists within lists ...
    """
    return _Scan(text).document()


def headers(text: str) -> list[tuple[int, KeyPath]]:
    """The line, counted from 1, and the path of every `[table]`, in their order.

    Raises:
        RecursionError: lists within lists within lists ...
    """
    scan = _Scan(text)
    scan.document()
    return scan.headers


class _Scan:
    """One walk over the text; `at` is where it has come to."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[KeyPath, int] = {}
        self.headers: list[tuple[int, KeyPath]] = []
        self.newlines = [found.start() for found in re.finditer("\n", text)]
        self.last_index: dict[KeyPath, int] = {}

    def document(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        self.skip(_BLANK)
        while self.at < len(self.text):
            before = self.at
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
            self.skip(_BLANK)
            if self.at == before:  # not TOML after all: what was found so far will do
                break
        return self.found

    def header(self) -> KeyPath:
        """`[a.b]` or `[[a.b]]`: the path to which the keys below it belong."""
        opening = 2 if self.text.startswith("[[", self.at) else 1
        begins = self.line()
        self.at += opening
        self.skip(_SPACE)
        path: KeyPath = ()
        keys = self.keys()
        for number, (key, line) in enumerate(keys, start=1):
            path = (*path, key)
            self.found.setdefault(path, line)
            if number == len(keys) and opening == 2:  # noqa: PLR2004 - the two brackets
                self.last_index[path] = self.last_index.get(path, -1) + 1
            if path in self.last_index:
                path = (*path, self.last_index[path])
                self.found.setdefault(path, line)
        self.skip(_SPACE)
        self.at += opening
        self.headers.append((begins, path))
        return path

    def pair(self, table: KeyPath) -> None:
        path = table
        for key, line in self.keys():
            path = (*path, key)
            self.found.setdefault(path, line)
        self.skip(_SPACE)
        self.at += 1  # the equals sign
        self.skip(_SPACE)
        self.value(path)

    def keys(self) -> list[tuple[str, int]]:
        """The parts of a dotted key with their lines."""
        parts: list[tuple[str, int]] = []
        while found := _KEY.match(self.text, self.at):
            parts.append((_plain(found[0]), self.line()))
            self.at = found.end()
            self.skip(_SPACE)
            if not self.text.startswith(".", self.at):
                break
            self.at += 1
            self.skip(_SPACE)
        return parts

    def value(self, path: KeyPath) -> None:
        match self.text[self.at : self.at + 1]:
            case "[":
                self.elements(path)
            case "{":
                self.inline_table(path)
            case '"' | "'":
                self.skip(_STRING)
            case _:
                self.skip(_SCALAR)

    def elements(self, path: KeyPath) -> None:
        self.at += 1
        index = 0
        while self.more("]"):
            self.found.setdefault((*path, index), self.line())
            before = self.at
            self.value((*path, index))
            if self.at == before:
                return
            index += 1

    def inline_table(self, path: KeyPath) -> None:
        self.at += 1
        while self.more("}"):
            before = self.at
            self.pair(path)
            if self.at == before:
                return

    def more(self, closing: str) -> bool:
        """Step over blanks and commas; whether another entry follows, else over the bracket."""
        self.skip(_SEPARATOR)
        if self.at < len(self.text) and self.text[self.at] != closing:
            return True
        self.at += 1
        return False

    def skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def line(self) -> int:
        return bisect_left(self.newlines, self.at) + 1


def _plain(key: str) -> str:
    """A key as the parser gives it, without quotes and escapes."""
    if key[0] not in "\"'":
        return key
    return str(tomllib.loads(f"key = {key}")["key"])
