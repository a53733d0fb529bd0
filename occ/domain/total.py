"""Readers for texts of strangers, which may say anything: every text has an answer here."""

import json
from typing import Any, Final

HIGHEST_PORT: Final = 65_535
MOST_NUMBER: Final = 10**18 - 1
"""A number of as many digits as fit in 64 bits, whatever they are."""
_MOST_DIGITS: Final = len(str(MOST_NUMBER))
_HASH: Final = 64
_BASE_16: Final = "0123456789abcdef"


def whole_number(text: str, most: int) -> int | None:
    """A whole number from 0 to `most`, written in the ten digits of ASCII; None for all else.

    `str.isdigit` is true of `²`, which `int` does not take.
    """
    if not (text.isascii() and text.isdigit()) or len(text.lstrip("0")) > _MOST_DIGITS:
        return None
    number = int(text.lstrip("0") or "0")
    return number if number <= most else None


def ports_of(key: str) -> tuple[int, ...]:
    """The ports that a key such as `3000/tcp` or `3000-3002/tcp` means; empty for all else."""
    first, dash, last = key.partition("/")[0].partition("-")
    low = whole_number(first, HIGHEST_PORT)
    high = whole_number(last, HIGHEST_PORT) if dash else low
    return tuple(range(low, high + 1)) if low and high else ()


def is_digest(text: str) -> bool:
    """Whether it is a digest as registries write one: `sha256:` and 64 digits of base 16."""
    name, colon, digits = text.partition(":")
    return bool(colon) and name == "sha256" and len(digits) == _HASH and not digits.strip(_BASE_16)


def json_value(text: str | bytes) -> Any:  # noqa: ANN401 - JSON of any shape
    """The value of a JSON text.

    Raises:
        ValueError: the text is no JSON, is nested too deep, or holds a number of too many digits.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("the JSON is nested too deep") from None
