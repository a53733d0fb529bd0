"""How much of a text an event has room for, measured as the journal writes it.

A control character is one byte of a log and six of JSON. An event that is too large cannot be
appended at all, and then nothing that should follow a failure does.
"""

import json
from collections.abc import Iterable, Iterator, Mapping

from occ.domain.values import Json

_QUOTES = 3  # two marks and a comma, for each line of a list


def plain(text: str) -> str:
    """The text without what the journal does not take: NUL, and what is not UTF-8."""
    return text.replace("\0", "\\x00").encode(errors="backslashreplace").decode()


def width(text: str) -> int:
    """The bytes that a text takes within an event."""
    return len(json.dumps(text, ensure_ascii=False).encode()) - 2


def beginning(text: str, most: int) -> str:
    """As much of a text, from its beginning, as takes no more bytes than this."""
    return "".join(_fitting(plain(text), most))


def fitting(result: Mapping[str, Json], most: int, tail: int) -> Mapping[str, Json]:
    """A step's result with no text longer than `most`, and its last lines no longer than `tail`.

    Ids and names are never so long. Other lists stay whole: the next stage is planned from them.
    """
    fits: dict[str, Json] = {}
    for key, value in result.items():
        if isinstance(value, str):
            fits[key] = beginning(value, most)
        elif key == "log_tail" and isinstance(value, list):
            fits[key] = list(last_lines([str(line) for line in value], tail))
        else:
            fits[key] = value
    return fits


def last_lines(lines: Iterable[str], most: int) -> tuple[str, ...]:
    """As many of the last lines as take no more bytes than this; the first may be cut."""
    kept: list[str] = []
    for line in reversed([plain(line) for line in lines]):
        most -= _QUOTES
        end = "".join(_fitting(reversed(line), most))[::-1]
        if most < 0 or (line and not end):
            break
        kept.append(end)
        if end != line:
            break
        most -= width(end)
    return tuple(reversed(kept))


def _fitting(characters: Iterable[str], most: int) -> Iterator[str]:
    for character in characters:
        most -= width(character)
        if most < 0:
            return
        yield character
