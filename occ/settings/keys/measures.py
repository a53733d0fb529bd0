"""Durations, sizes and shares of processors: text in the config, whole numbers in the spec."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from occ.errors import ConfigError
from occ.settings.toml.node import Node

_SECOND_MS = 1000
DAY_MS: Final = 24 * 3600 * _SECOND_MS
LEAST_WAIT_MS: Final = 100
"""As long as the wait for the first probe."""

DURATION: Final = re.compile(
    r"(?:(?P<h>\d{1,4})h)?(?:(?P<m>\d{1,6})m(?!s))?(?:(?P<s>\d{1,8})s)?(?:(?P<ms>\d{1,9})ms)?"
)
SIZE: Final = re.compile(r"(?P<number>\d{1,18})(?P<unit>[bkmgtBKMGT]?)[bB]?")
SPAN: Final = re.compile(r"(?P<number>\d{1,9})(?P<unit>[dhms])")
_SPANS = {"d": DAY_MS, "h": 3600 * _SECOND_MS, "m": 60 * _SECOND_MS, "s": _SECOND_MS}
LONGEST_SPAN_MS: Final = 36_500 * DAY_MS
CPUS: Final = re.compile(r"\d{1,6}(?:\.\d{1,9})?")

# The engine refuses less: "Minimum memory limit allowed is 6MB" (moby, daemon/daemon_unix.go).
_LEAST_MEMORY = 6 << 20
MOST_BYTES: Final = 1 << 60
# "Range of CPUs is from 0.01 to ..." (moby, the same file).
_LEAST_CPUS = Decimal("0.01")
_MOST_CPUS = 1_000_000
MEMORY: Final = {
    "anyOf": [{"const": 0}, {"type": "integer", "minimum": _LEAST_MEMORY, "maximum": MOST_BYTES}]
}
PROCESSORS: Final = {"type": "number", "minimum": 0, "exclusiveMaximum": _MOST_CPUS}
"""The shapes of numbers without a unit, as JSON Schema has it."""


def duration(node: Node, *, low: int = 0, high: int = DAY_MS) -> int:
    """A number of seconds, or text such as `90s`, `2m`, `1m30s`, `500ms`; gives milliseconds.

    Raises:
        ConfigError: it is neither, or not from `low` to `high` ms.
    """
    if isinstance(node.value, int) and not isinstance(node.value, bool):
        found = node.value * _SECOND_MS
    elif isinstance(node.value, str) and node.value:
        parts = DURATION.fullmatch(node.value)
        if parts is None:
            raise node.bad("it is no duration", 'write seconds as 90, or "90s", "2m", "500ms"')
        hours, minutes, seconds, millis = (int(part or 0) for part in parts.groups())
        found = ((hours * 60 + minutes) * 60 + seconds) * _SECOND_MS + millis
    else:
        wrong = f"a duration is wanted, not {node.type_name() if node.value != '' else 'nothing'}"
        raise node.bad(wrong, 'write seconds as 90, or "90s", "2m", "500ms"')
    if not low <= found <= high:
        raise node.bad(
            "out of bounds", f"write a duration from {in_words(low)} to {in_words(high)}"
        )
    return found


def span(node: Node) -> int:
    """A long time, such as `14d` or `36h`, or a number of seconds; gives milliseconds.

    Raises:
        ConfigError: it is neither, or longer than a hundred years.
    """
    if isinstance(node.value, int) and not isinstance(node.value, bool):
        found = node.value * _SECOND_MS
    else:
        parts = SPAN.fullmatch(node.value) if isinstance(node.value, str) else None
        if parts is None:
            raise node.bad("it is no length of time", 'write it as "14d" or "36h"')
        found = int(parts["number"]) * _SPANS[parts["unit"]]
    if not 0 <= found <= LONGEST_SPAN_MS:
        raise node.bad("out of bounds", 'write at most "36500d", or 0 for no such rule')
    return found


def room(node: Node) -> int:
    """Room on a disk: a number of bytes, or text such as `512m`, `20g` and `1t`.

    Raises:
        ConfigError: it is neither, or out of bounds.
    """
    if isinstance(node.value, int) and not isinstance(node.value, bool):
        found = node.value
    else:
        parts = SIZE.fullmatch(node.value) if isinstance(node.value, str) else None
        if parts is None:
            raise node.bad("it is no size", 'write it as "512m" or "20g"')
        found = int(parts["number"]) << (
            10 * " kmgt".index(parts["unit"].lower().strip("b") or " ")
        )
    if not 0 <= found <= MOST_BYTES:
        raise node.bad("out of bounds", 'write it as "512m" or "20g", or 0 for no such rule')
    return found


def in_words(millis: int) -> str:
    """A duration for a message: as the config takes it, in the largest unit that says all."""
    for unit, size in (("h", 3_600_000), ("m", 60_000), ("s", _SECOND_MS)):
        if millis and millis % size == 0:
            return f'"{millis // size}{unit}"'
    return f'"{millis}ms"' if millis else "0"


def size(node: Node) -> int:
    """A number of bytes, or text such as `512m` and `2g` in powers of 1024, as Docker has it.

    Raises:
        ConfigError: it is neither, or less than the engine takes; 0 is no bound.
    """
    if isinstance(node.value, int) and not isinstance(node.value, bool):
        found = node.value
    else:
        parts = SIZE.fullmatch(node.value) if isinstance(node.value, str) else None
        if parts is None:
            raise node.bad("it is no size", 'write it as "512m" or "2g"')
        found = int(parts["number"]) << (
            10 * " kmgt".index(parts["unit"].lower().strip("b") or " ")
        )
    if found != 0 and not _LEAST_MEMORY <= found <= MOST_BYTES:
        raise node.bad("out of bounds", 'write at least "6m", or 0 for no bound')
    return found


def nano_cpus(node: Node) -> int:
    """A number of processors, `1.5` or `"1.5"`; gives billionths, so that no float is kept.

    Raises:
        ConfigError: it is no such number; 0 is no bound.
    """
    written = node.value
    if isinstance(written, int | float) and not isinstance(written, bool) and written < _MOST_CPUS:
        written = repr(written)
    if not isinstance(written, str) or not CPUS.fullmatch(written):
        raise node.bad("it is no number of processors", 'write it as "1.5"')
    found = Decimal(written)
    if found and found < _LEAST_CPUS:
        raise node.bad("out of bounds", 'write at least "0.01", or 0 for no bound')
    return int(found * 1_000_000_000)


def duration_text(millis: int) -> str:
    """A duration in whole seconds where that says all, as in `90s`, else in milliseconds."""
    whole = millis % _SECOND_MS == 0
    return f"{millis // _SECOND_MS}s" if whole else f"{millis}ms"


def duration_or(*words: str) -> Callable[[Node], int | str]:
    """Make a reader of a duration in ms, at least 100, or of one of these words."""

    def read(node: Node) -> int | str:
        if node.value in words:
            return str(node.value)
        try:
            return duration(node, low=LEAST_WAIT_MS)
        except ConfigError:
            listed = ", ".join(f'"{word}"' for word in words)
            wrong = "it is no such word, and no duration of at least 100ms"
            raise node.bad(wrong, f'write {listed}, or a time as "30s"') from None

    return read


def duration_or_word(value: int | str) -> str:
    """Either of them as the config has it."""
    return value if isinstance(value, str) else duration_text(value)


def size_text(count: int) -> str | int:
    """A number of bytes in the largest unit that says all, as in `512m`."""
    for unit, name in ((1 << 30, "g"), (1 << 20, "m")):
        if count and count % unit == 0:
            return f"{count // unit}{name}"
    return count


def cpus_text(nano_cpus: int) -> str:
    """A number of processors, as in `1.5`."""
    return format(Decimal(nano_cpus).scaleb(-9).normalize(), "f")
