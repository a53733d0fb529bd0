"""A config as lines, header by header: tables cut out, and keys put in, with their comments.

A comment directly above a header speaks of its table, so nothing is ever put between the two. A
comment directly below a table's last key speaks of that table, unless the next header follows it at
once. A text in which tables are written without headers may become something else: a parser has to
say what the text is then.
"""

import re
from collections.abc import Iterator, Sequence

from occ.settings.toml.line_numbers import KeyPath, headers
from occ.settings.toml.table_text import emit, line_of

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_WITHIN_A_SERVICE = 3  # services, its name, and a table of it


def has_header(text: str, path: Sequence[str]) -> bool:
    """Whether the table at a path, or one within it, has a header of its own."""
    return any(where[: len(path)] == tuple(path) for _, where in headers(text))


def cut(text: str, path: Sequence[str]) -> str:
    """The text without the tables at a path and within it that have headers."""
    lines = _LINE.findall(text)
    for start, stop, where in reversed(list(_tables(text, len(lines)))):
        if where[: len(path)] == tuple(path):
            end = _behind_comment(lines, _behind_keys(lines, start + 1, stop), stop)
            lines = _joined(lines[: _above(lines, start)], lines[end:])
    return "".join(lines)


def bare(text: str, path: Sequence[str]) -> bool:
    """Whether the table at a path has a header of its own, and neither key, table nor comment."""
    lines = _LINE.findall(text)
    within = [one for one in _tables(text, len(lines)) if one[2][: len(path)] == tuple(path)]
    if len(within) != 1 or within[0][2] != tuple(path):
        return False
    start, stop, _ = within[0]
    own = lines[start + 1 : _above(lines, stop) if stop < len(lines) else stop]
    return not any(line.strip() for line in own) and "#" not in lines[start]


def inserted(text: str, path: Sequence[str], value: object) -> str:
    """The text with a key that it lacks, in its table, or in a table that is begun for the key."""
    lines, table, key = _LINE.findall(text), tuple(path[:-1]), path[-1]
    tables = list(_tables(text, len(lines)))
    if not table:
        first = 1 if text.startswith("#:schema ") else 0  # editors look for it there
        after = _behind_keys(lines, first, tables[0][0] if tables else len(lines))
        return _put(lines, after, line_of(key, value), apart=after == first)
    kin = len(lines)
    for start, stop, where in tables:
        if where == table:
            return _put(lines, _behind_keys(lines, start + 1, stop), line_of(key, value))
        if len(table) == _WITHIN_A_SERVICE and where[:2] == table[:2]:
            kin = _behind_keys(lines, start + 1, stop) if stop < len(lines) else stop
    return _put(lines, kin, f"\n{emit(table, {key: value})}", apart=True)


def _tables(text: str, length: int) -> Iterator[tuple[int, int, KeyPath]]:
    """The index of each header's line, that of the next header's or the end, and its path."""
    found = headers(text)
    stops = [*(line - 1 for line, _ in found), length][1:]
    for (line, where), stop in zip(found, stops, strict=True):
        yield line - 1, stop, where


def _above(lines: Sequence[str], header: int) -> int:
    """The first line of the comment directly above a header, or the header's."""
    while header and _comment(lines[header - 1]):
        header -= 1
    return header


def _behind_keys(lines: Sequence[str], start: int, stop: int) -> int:
    """Behind the last line from `start` to `stop` that is neither blank nor a comment."""
    while stop > start and (not lines[stop - 1].strip() or _comment(lines[stop - 1])):
        stop -= 1
    return stop


def _behind_comment(lines: Sequence[str], last: int, stop: int) -> int:
    """Behind the comment at `last`, if it is not the next header's."""
    end = last
    while end < stop and _comment(lines[end]):
        end += 1
    of_the_next = end == stop < len(lines)
    return last if of_the_next else end


def _put(lines: Sequence[str], after: int, new: str, *, apart: bool = False) -> str:
    """The lines with new ones behind the first `after`; a blank below them with `apart`."""
    before, rest = "".join(lines[:after]), "".join(lines[after:])
    if before and not before.endswith("\n"):
        before += "\n"
    if before.endswith("\n\n") or not before:
        new = new.removeprefix("\n")
    blank = "\n" if apart and rest.strip() and rest[0] not in "\r\n" else ""
    return f"{before}{new}{blank}{rest}"


def _joined(before: list[str], after: list[str]) -> list[str]:
    """Both, with the blanks that parted them from the lines between them only once."""
    if not before or not before[-1].strip():
        while after and not after[0].strip():
            after = after[1:]
    if not after:
        while before and not before[-1].strip():
            before = before[:-1]
    return [*before, *after]


def _comment(line: str) -> bool:
    return line.lstrip().startswith("#")
