"""The characters that are never shown as they are: with power over a terminal, or unseen.

They are the controls, the marks of the direction of writing, characters without a width, the
separators of lines, and surrogates, which no encoder takes.
"""

import re
from collections.abc import Callable
from functools import cache

_UNSHOWN = (
    "["
    r"\x00-\x1f\x7f-\x9f\xad"
    r"\u061c\u180e"
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U000e0000-\U000e007f"
    r"\ud800-\udfff"
    "]"
)


def escaped(text: str, escape: Callable[[str], str]) -> str:
    """The text with the escape of each character that is never shown as it is."""
    if text.isprintable():  # most are, and need no pattern
        return text
    return _pattern().sub(lambda found: escape(found[0]), text)


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(_UNSHOWN)
