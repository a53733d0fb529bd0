"""Forms that several keys have.

A shape is JSON Schema; a compiled pattern in it stands for texts that it matches as a whole.
"""

import re
from collections.abc import Callable
from typing import Any, Final, get_args

from occ.domain.rules import span
from occ.settings.keys import measures, readers
from occ.settings.keys.choices import one_of
from occ.settings.keys.setting import Form, Shape, plain
from occ.settings.toml.node import Node

TEXT: Final[Shape] = {"type": "string", "minLength": 1}
TABLE: Final[Shape] = {"type": "object"}
TEXTS: Final[Shape] = {
    "type": "object",
    "propertyNames": {"pattern": readers.VARIABLE},
    "additionalProperties": {"type": "string"},
}
LIST: Final[Shape] = {"type": "array", "items": {"type": "string"}}
WORDS: Final[Shape] = {"anyOf": [{"type": "string"}, LIST]}

FLAG: Final = Form("`true` or `false`", readers.flag, shape={"type": "boolean"})
VARIABLES: Final = Form("table of texts", readers.env, shape=TEXTS)
COMMAND: Final = Form(
    "list of words, or text that is split as a shell splits it", readers.command, shape=WORDS
)


def text(read: Callable[[Node], Any], pattern: re.Pattern[str] | None = None) -> Form:
    """Make the form of texts, all of which match a pattern if there is one."""
    return Form("text", read, shape={**TEXT, "pattern": pattern} if pattern else TEXT)


def path(read: Callable[[Node], Any], write: Callable[[Any], object] = plain) -> Form:
    """Make the form of paths."""
    return Form("path", read, write, shape=TEXT)


def whole(low: int, high: int) -> Form:
    """Make the form of whole numbers from `low` to `high`."""
    return Form("whole number", readers.whole(low, high), shape=_number(low, high))


def choice(words: Any) -> Form:  # noqa: ANN401 - a Literal has no type of its own
    """Make the form of the words of a Literal."""
    *others, last = (f'`"{word}"`' for word in get_args(words))
    told = f"{', '.join(others)} or {last}" if others else last
    return Form(told, one_of(words), shape={"enum": [*get_args(words)]})


def names(
    read: Callable[[Node], Any], pattern: re.Pattern[str], text: str = "list of names"
) -> Form:
    """Make the form of lists of names, each of them once."""
    return Form(text, read, shape={**listed(pattern), "uniqueItems": True})


def listed(pattern: re.Pattern[str]) -> Shape:
    """The shape of lists of texts."""
    return {"type": "array", "items": {"type": "string", "pattern": pattern}}


def duration(text: str, *, low: int = 0) -> Form:
    """Make the form of durations of at least `low` ms."""

    def read(node: Node) -> int:
        return measures.duration(node, low=low)

    return Form(text, read, measures.duration_text, shape=duration_shape(low))


def duration_shape(low: int) -> Shape:
    """The shape of durations of at least `low` ms."""
    seconds = _number(1 if low else 0, measures.DAY_MS // 1000)
    return {"anyOf": [seconds, {**TEXT, "pattern": measures.DURATION}]}


def long_time(text: str) -> Form:
    """Make the form of lengths of time up to a hundred years, in ms."""
    seconds = _number(0, measures.LONGEST_SPAN_MS // 1000)
    return measure(text, measures.span, span, seconds, measures.SPAN)


def measure(
    text: str,
    read: Callable[[Node], Any],
    write: Callable[[Any], object],
    number: Shape,
    pattern: re.Pattern[str],
) -> Form:
    """Make the form of numbers that can be written as text with a unit too."""
    return Form(
        text, read, write, shape={"anyOf": [number, {"type": "string", "pattern": pattern}]}
    )


def room(text: str) -> Form:
    """Make the form of room on a disk."""
    number = _number(0, measures.MOST_BYTES)
    return measure(text, measures.room, measures.size_text, number, measures.SIZE)


def _number(low: int, high: int) -> Shape:
    return {"type": "integer", "minimum": low, "maximum": high}
