"""Whole tables cut out of a config as text, with what is said of them and nothing else.

A comment directly above a header speaks of its table, and so does one directly below the table's
last key, unless the next header follows it at once.
"""

import re
from collections.abc import Sequence

from occ.settings.toml.line_numbers import headers

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def has_header(text: str, path: Sequence[str]) -> bool:
    """Whether the table at a path, or one within it, has a header of its own."""
    return any(where[: len(path)] == tuple(path) for _, where in headers(text))


def cut(text: str, path: Sequence[str]) -> str:
    """The text without the tables at a path and within it that have headers.

    What is written of them without a header stays: let a parser say what the text is.
    """
    lines = _LINE.findall(text)
    starts = [(line - 1, where) for line, where in headers(text)]
    stops = [*(start for start, _ in starts), len(lines)][1:]
    for (start, where), stop in reversed(list(zip(starts, stops, strict=True))):
        if where[: len(path)] == tuple(path):
            lines = _joined(lines[: _begin(lines, start)], lines[_end(lines, start + 1, stop) :])
    return "".join(lines)


def _begin(lines: Sequence[str], header: int) -> int:
    """The first line of the comment directly above a header, or the header's."""
    while header and _comment(lines[header - 1]):
        header -= 1
    return header


def _end(lines: Sequence[str], start: int, stop: int) -> int:
    """Behind the last key from `start` to `stop`, and behind the comment that is its table's."""
    last = stop
    while last > start and (not lines[last - 1].strip() or _comment(lines[last - 1])):
        last -= 1
    end = last
    while end < stop and _comment(lines[end]):
        end += 1
    of_the_next = end == stop < len(lines)
    return last if of_the_next else end


def _joined(before: list[str], after: list[str]) -> list[str]:
    """Both, with the blanks that parted them from what was between only once."""
    if not before or not before[-1].strip():
        while after and not after[0].strip():
            after = after[1:]
    if not after:
        while before and not before[-1].strip():
            before = before[:-1]
    return [*before, *after]


def _comment(line: str) -> bool:
    return line.lstrip().startswith("#")
