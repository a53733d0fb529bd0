"""A key put into a config as text: below the keys of its table, before what is said of the next.

A comment above a table's header speaks of that table, so nothing is ever put between the two.
"""

import re
from collections.abc import Sequence

from occ.settings.toml.emit import emit, line_of
from occ.settings.toml.line_numbers import headers

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_WITHIN_A_SERVICE = 3  # services, its name, and a table of it


def inserted(text: str, path: Sequence[str], value: object) -> str:
    """The text with a key that it does not have yet, in its table, or in one that is begun for it.

    A text in which tables are written without headers of their own may become something else: let
    a parser say what it is.
    """
    lines, table, key = _LINE.findall(text), tuple(path[:-1]), path[-1]
    starts = [(line - 1, where) for line, where in headers(text)]
    stops = [*(start for start, _ in starts), len(lines)][1:]
    if not table:
        after = _end(lines, 0, starts[0][0] if starts else len(lines))
        return _put(lines, after, line_of(key, value), apart=not after)
    kin = len(lines)
    for (start, where), stop in zip(starts, stops, strict=True):
        if where == table:
            return _put(lines, _end(lines, start + 1, stop), line_of(key, value))
        if len(table) == _WITHIN_A_SERVICE and where[:2] == table[:2]:
            kin = _end(lines, start + 1, stop) if stop < len(lines) else stop
    return _put(lines, kin, f"\n{emit(table, {key: value})}", apart=True)


def _end(lines: Sequence[str], start: int, stop: int) -> int:
    """Behind the last line from `start` to `stop` that is neither blank nor a comment."""
    while stop > start and (not lines[stop - 1].strip() or lines[stop - 1].lstrip()[0] == "#"):
        stop -= 1
    return stop


def _put(lines: Sequence[str], after: int, new: str, *, apart: bool = False) -> str:
    """The lines with new ones behind the first `after`; a blank below them with `apart`."""
    before, rest = "".join(lines[:after]), "".join(lines[after:])
    if before and not before.endswith("\n"):
        before += "\n"
    if before.endswith("\n\n") or not before:
        new = new.removeprefix("\n")
    blank = "\n" if apart and rest.strip() and rest[0] not in "\r\n" else ""
    return f"{before}{new}{blank}{rest}"
