"""A real terminal around one occ of this process: a pty of some width, and the screen it shows."""

import fcntl
import os
import struct
import sys
import termios
from collections.abc import Callable

import pyte

import tests.loaded  # noqa: F401 - the child may not be able to import anything
from occ.cli import run

_ROWS = 400
"""More than any screen has: nothing scrolls away."""


def screen(words: tuple[str, ...], columns: int, opened: Callable[..., object]) -> str:
    """The screen after a command, and its exit status. A wide character takes two of its cells."""
    mine, its = os.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, columns, 0, 0))
    child = os.fork()
    if child == 0:
        _be_occ(words, its, opened)
    os.close(its)
    shown, stream = pyte.Screen(columns, _ROWS), pyte.ByteStream()
    stream.attach(shown)
    while told := _read(mine):
        stream.feed(told)
    os.close(mine)
    _, ended = os.waitpid(child, 0)
    lines = "\n".join(line.rstrip() for line in shown.display).rstrip("\n")
    return f"$ occ {' '.join(words)}\n{lines}\nexit status {os.waitstatus_to_exitcode(ended)}\n"


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # EIO: the last writer is gone
        return b""


def _be_occ(words: tuple[str, ...], terminal: int, opened: Callable[..., object]) -> None:
    status = 99
    try:
        for number in (0, 1, 2):
            os.dup2(terminal, number)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for good
        sys.stdout = sys.__stdout__ = open(1, "w", encoding="utf-8", closefd=False)  # type: ignore[misc]  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - as above
        os.environ["TERM"] = "xterm"
        status = run(words, open_app=opened)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
