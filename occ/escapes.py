"""The characters that are never shown as they are: with power over a terminal, or unseen.

They are the controls, the marks of the direction of writing, characters without a width, the
separators of lines, and surrogates, which no encoder takes.
"""

import re
from typing import Final

UNSHOWN: Final = re.compile(
    "["
    r"\x00-\x1f\x7f-\x9f\xad"
    r"\u061c\u180e"
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U000e0000-\U000e007f"
    r"\ud800-\udfff"
    "]"
)
