"""Text in a room of so many columns, in which a wide character takes two."""

import sys
import textwrap
from collections.abc import Sequence

from occ.cli.terminal import streams


def room() -> int | None:
    """The columns of the terminal on standard output; None where programs read it."""
    return streams.columns(sys.stdout) if streams.terminal(sys.stdout) else None


def width(text: str) -> int:
    """The columns that a line takes."""
    if text.isascii():
        return len(text)
    import wcwidth  # noqa: PLC0415 - 50 ms, for wide characters only

    return wcwidth.width(text)


def cut(text: str, most: int, *, middle: bool = False) -> str:
    """The line, with an ellipsis for its end, or its middle, where it takes more columns."""
    if width(text) <= most:
        return text
    ellipsis = _ellipsis()
    left = max(0, most - len(ellipsis))
    tail = left // 2 if middle else 0
    return _start(text, left - tail) + ellipsis + (_end(text, tail) if tail else "")


def wrapped(text: str, most: int | None, *, hang: int = 0) -> str:
    """The line in lines of at most so many columns, all but the first indented by `hang`.

    `most` None leaves it whole.
    """
    if most is None or width(text) <= most:
        return text
    options = {
        "width": max(most, hang + 1),
        "initial_indent": text[: len(text) - len(text.lstrip())],
        "subsequent_indent": " " * hang,
        "break_on_hyphens": False,
    }
    text = text.lstrip()
    if text.isascii():
        return "\n".join(textwrap.wrap(text, **options))  # type: ignore[arg-type]
    import wcwidth  # noqa: PLC0415 - as above

    return "\n".join(wcwidth.wrap(text, **options))  # type: ignore[arg-type]


def listed(items: Sequence[str], most: int, *, hang: int) -> str:
    """The items with commas between, in lines of at most so many columns; few items are broken."""
    lines = [""]
    for number, item in enumerate(items, 1):
        text = f"{item}," if number < len(items) else item
        longer = f"{lines[-1]} {text}" if lines[-1].strip() else f"{lines[-1]}{text}"
        if width(longer) > most and lines[-1].strip():
            lines.append(longer := f"{'':{hang}}{text}")
        lines[-1:] = wrapped(longer, most, hang=hang).splitlines()
    return "\n".join(lines)


def _start(text: str, columns: int) -> str:
    end = min(len(text), columns)
    while width(text[:end]) > columns:
        end -= 1
    return text[:end].rstrip()


def _end(text: str, columns: int) -> str:
    start = max(0, len(text) - columns)
    while width(text[start:]) > columns:
        start += 1
    return text[start:].lstrip()


def _ellipsis() -> str:
    """One character where the terminal's encoding has it."""
    try:
        "…".encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return ".."
    return "…"
