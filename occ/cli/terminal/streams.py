"""Writing to people and programs that may have stopped reading, and reading answers."""

import contextlib
import errno
import os
import select
import sys
from collections.abc import Iterator
from typing import BinaryIO, TextIO

from occ.cli.terminal.words import terminal_safe
from occ.domain.total import MOST_NUMBER, whole_number
from occ.errors import UsageMistakeError

_COLUMNS = 80
_TURN_S = 0.2


class OutputClosedError(Exception):
    """Standard output cannot be written any more; `why` is empty when its reader just left."""

    def __init__(self, why: str = "") -> None:
        super().__init__(why)
        self.why = why


def prepare() -> None:
    """Have every character printable, whatever the locale: others become escapes."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # no stream, or one that has no encoding
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def out(text: str) -> None:
    """Write to stdout.

    Raises:
        OutputClosedError: nobody reads it, or it is full.
    """
    if sys.stdout is None:
        raise OutputClosedError
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        point_away(sys.stdout)
        raise OutputClosedError("" if error.errno == errno.EPIPE else str(error)) from error


@contextlib.contextmanager
def raw_out() -> Iterator[BinaryIO]:
    """Stdout for bytes, which are all written at the end.

    Raises:
        OutputClosedError: nobody reads it, or it is full.
    """
    if sys.stdout is None:
        raise OutputClosedError
    try:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    except OSError as error:
        point_away(sys.stdout)
        raise OutputClosedError("" if error.errno == errno.EPIPE else str(error)) from error


def err(text: str) -> bool:
    """Write to stderr; false when nobody reads it any more, which is no reason to fail."""
    if sys.stderr is None:
        return False
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError):  # ValueError: it was closed
        point_away(sys.stderr)
        return False
    return True


def line() -> str:
    """The line that a person types at a terminal; empty at the end of the input.

    The wait goes in turns: Python sees a signal that comes just before a blocking read only when
    the read has ended, so a Ctrl-C would wait for the answer.
    """
    try:
        with contextlib.suppress(OSError, ValueError):  # a stream without a file: no waiting
            while not select.select([sys.stdin], [], [], _TURN_S)[0]:
                continue
        return sys.stdin.readline()
    except KeyboardInterrupt:
        err("\n")  # the terminal has shown ^C behind the question
        raise


def hidden(prompt: str) -> str:
    """The text that a person types without echo.

    Raises:
        EOFError: the input ended instead.
        UsageMistakeError: the text is not UTF-8.
    """
    from getpass import getpass  # noqa: PLC0415 - when asked

    try:
        return getpass(terminal_safe(prompt), stream=sys.stderr)
    except UnicodeDecodeError:  # the error holds the text, which nothing may show
        raise UsageMistakeError("what was typed is not UTF-8", hint="type it in UTF-8") from None


def piped(most: int, *, one_line: bool = False) -> str:
    """The text of standard input, `most` bytes at most; bytes that are not UTF-8 as surrogates."""
    source = sys.stdin.buffer
    found = source.readline(most) if one_line else source.read(most)
    return found.decode(errors="surrogateescape")


def point_away(stream: TextIO) -> None:
    """Send text that is still buffered nowhere, or Python would fail on it when it ends."""
    with contextlib.suppress(OSError, ValueError):  # a stream without a file: nothing to send
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def terminal(stream: TextIO | None) -> bool:
    """Whether a person looks at the stream, on something that understands escapes."""
    return looked_at(stream) and os.environ.get("TERM") != "dumb"


def looked_at(stream: TextIO | None) -> bool:
    """Whether a person looks at the stream, on whatever terminal."""
    return stream is not None and stream.isatty()


def nobody() -> bool:
    """Whether there is nobody to ask: standard input is closed, or no terminal."""
    return sys.stdin is None or sys.stdin.closed or not sys.stdin.isatty()


def columns(stream: TextIO | None) -> int:
    """The width of the stream: COLUMNS, else the terminal's own answer, else 80."""
    told = os.environ.get("COLUMNS", "")
    if asked := whole_number(told, MOST_NUMBER):
        return asked
    try:
        return os.get_terminal_size(stream.fileno()).columns or _COLUMNS if stream else _COLUMNS
    except (OSError, ValueError):
        return _COLUMNS


def alarming(text: str, stream: TextIO | None) -> str:
    """The text in red where that can be seen and NO_COLOR does not forbid it (no-color.org)."""
    if os.environ.get("NO_COLOR") or not terminal(stream):
        return text
    return f"\x1b[31m{text}\x1b[0m"
