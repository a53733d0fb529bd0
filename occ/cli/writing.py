"""Answers that people type before something is written: a yes, words, or hidden text."""

import sys
from typing import TYPE_CHECKING

from occ.cli.session import Session
from occ.cli.terminal import streams
from occ.cli.terminal.words import terminal_safe
from occ.errors import DeclinedError, UsageMistakeError

if TYPE_CHECKING:
    from occ.app.config.interview import Writing

_TRIES = 3


def show_writing(writing: "Writing", *, quiet: bool) -> None:
    """Tell the prechecks and the difference; of the prechecks with `quiet` only those amiss."""
    for one in writing.prechecks:
        if not one.fine or not quiet:
            mark = "ok" if one.fine else streams.alarming("not ok", sys.stderr)
            streams.err(f"{mark}: {one.what}: {terminal_safe(one.says)}\n")
        if not one.fine and one.fix:
            streams.err(f"  try: {terminal_safe(one.fix)}\n")
    for line in writing.diff.splitlines():
        streams.err(f"{terminal_safe(line)}\n")


def said_yes(question: str, session: Session) -> bool:
    """Whether a person says y.

    Raises:
        DeclinedError: there is nobody to ask, or the input ended.
    """
    return answer(f"{terminal_safe(question)} [y/N] ", session).lower() in {"y", "yes"}


def hidden_twice(prompt: str, again: str, session: Session, *, spared: str) -> str:
    """The text that a person types twice without echo.

    `spared` says, for the error, that nothing was touched.

    Raises:
        DeclinedError: the input ended.
        UsageMistakeError: the two texts differed three times, or are not UTF-8.
    """
    for _ in range(_TRIES):
        try:
            first, second = streams.hidden(prompt), streams.hidden(again)
        except EOFError:
            raise DeclinedError(f"{spared}: the input ended", hint=session.again()) from None
        if first == second:
            return first
        streams.err("  the two are not the same\n")
    raise UsageMistakeError(f"{spared}: the two are not the same", hint=session.again())


def answer(prompt: str, session: Session) -> str:
    """The line that a person types after a prompt.

    Raises:
        DeclinedError: there is nobody to ask, or the input ended.
    """
    if streams.nobody():
        raise DeclinedError(
            f"occ {session.command} asks, and there is nobody to ask: "
            "standard input is no terminal",
            hint=session.again("--yes"),
        )
    streams.err(prompt)
    line = streams.line()
    if not line.endswith("\n"):
        streams.err("\n")
        raise DeclinedError("nothing was written: the input ended", hint=session.again())
    return line.strip()
