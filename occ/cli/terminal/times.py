"""Points and lengths of time as people type them."""

import re
from datetime import datetime

from occ.errors import UsageMistakeError

_LENGTH = re.compile(r"(\d{1,6})([smhdw])")
_UNITS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}


def ahead(text: str, now: int) -> int:
    """A point in time in ms: a date, a date and time, or so long from now; 0 for empty.

    Raises:
        UsageMistakeError: the text is none of these.
    """
    if found := _LENGTH.fullmatch(text):
        return now + int(found[1]) * _UNITS[found[2]]
    return when(text, now)


def when(text: str, now: int) -> int:
    """A point in time in ms: a date, a date and time, or so long ago; 0 for empty.

    Raises:
        UsageMistakeError: the text is none of these.
    """
    if not text:
        return 0
    if found := _LENGTH.fullmatch(text):
        return now - int(found[1]) * _UNITS[found[2]]
    try:
        return int(datetime.fromisoformat(text).astimezone().timestamp() * 1000)
    except (ValueError, OverflowError):
        raise UsageMistakeError(
            f"{text!r} is no point in time", hint="write 2026-11-23, 2026-11-23T14:00, 2d or 12h"
        ) from None


def length(text: str, most: int) -> int:
    """A length of time in ms, from a second to `most`.

    Raises:
        UsageMistakeError: it is no length of time, or out of bounds.
    """
    found = re.fullmatch(r"(\d{1,6})([smhdw])", text)
    ms = int(found[1]) * _UNITS[found[2]] if found else 0
    if not 0 < ms <= most:
        raise UsageMistakeError(
            f"{text!r} is no length of time from 1s to {most // _UNITS['d']}d",
            hint="write 30m, 12h or 2d",
        )
    return ms
