"""The one place where failures become exit statuses."""

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import click

from occ.cli.commands import cli
from occ.cli.session import Session
from occ.cli.terminal import streams
from occ.cli.terminal.words import terminal_safe_lines
from occ.errors import (
    OUTPUT_CLOSED,
    BugError,
    ConfigError,
    NotFoundError,
    OccError,
    StoppedByOperatorError,
    UsageMistakeError,
)

if TYPE_CHECKING:
    from occ.app.app import App


def bounded(words: Sequence[str], open_app: "Callable[..., App] | None" = None) -> int:
    """Run the command line; every failure ends in an exit status and a sentence."""
    session = Session(words=tuple(words), open_app=open_app)
    streams.prepare()
    try:
        status = _ended(session, words)
        session.afterwards(status)
        return status
    finally:
        session.close()


def _ended(session: Session, words: Sequence[str]) -> int:
    try:
        if asked := os.environ.get("_OCC_COMPLETE"):  # a shell asks, and not a person
            from occ.cli.shells import answered  # noqa: PLC0415 - for a TAB only

            return answered(session, asked)
        return _called(session, list(words))
    except streams.OutputClosedError as error:
        if error.why:
            said = f"error: the output could not be written: {error.why}\n"
            streams.err(terminal_safe_lines(said))
        return OUTPUT_CLOSED


def _called(session: Session, words: list[str]) -> int:
    try:
        return _invoked(session, words)
    except click.ClickException as error:
        _guess_output(session, words)
        return session.failure(_at_compose(session, _as_ours(session, error)))
    except KeyboardInterrupt:
        return session.failure(StoppedByOperatorError("interrupted"))
    except OccError as error:
        _guess_output(session, words)
        return session.failure(_at_compose(session, error))
    except streams.OutputClosedError:
        raise
    except Exception as error:  # noqa: BLE001 - the last resort: a bug, told as one
        if isinstance(error, BrokenPipeError) and not session.changing:  # Click's own --help
            streams.point_away(sys.stdout)
            return OUTPUT_CLOSED
        streams.err(terminal_safe_lines("".join(traceback.format_exception(error))))
        message = f"this is a bug in occ: {type(error).__name__}: {error}"
        return session.failure(BugError(message, hint="occ status"))


def _invoked(session: Session, words: list[str]) -> int:
    """Do as Click's `main`, but for its own ideas of exit statuses and closed pipes."""
    _readable(words)
    try:
        with cli.make_context("occ", list(words or ["help"]), obj=session) as context:
            status = cli.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    return status if isinstance(status, int) else 0


def _readable(words: list[str]) -> None:
    for word in words:
        try:
            word.encode()
        except UnicodeEncodeError:
            shown = word.encode(errors="surrogateescape").decode(errors="backslashreplace")
            raise UsageMistakeError(
                f"the argument {shown} is not UTF-8", hint="type it in UTF-8, or leave it out"
            ) from None
        if "\0" in word:
            raise UsageMistakeError(f"the argument {word!r} holds a NUL", hint="leave it out")


def _as_ours(session: Session, error: click.ClickException) -> UsageMistakeError:
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "occ"
    session.command = path.partition(" ")[2] or session.command
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        names = context.command.list_commands(context) if context else ()
        message = f"{path} needs a command: {', '.join(names)}"
    else:
        message = error.format_message()
    return UsageMistakeError(message, hint=f"{path} --help")


def _at_compose(session: Session, error: OccError) -> OccError:
    """The error, with the ways from Compose to occ where a command was pointed at such a file."""
    if isinstance(error, ConfigError | UsageMistakeError | NotFoundError):
        from occ.settings.toml.compose_file import WAYS, names_compose  # noqa: PLC0415 - for these

        if "compose" not in error.hint and any(map(names_compose, session.words)):
            error.hint = WAYS
        if error.hint == WAYS:
            session.config = session.service = None  # neither is to be typed again
    return error


def _guess_output(session: Session, words: list[str]) -> None:
    """Find the output that was asked for, also when the words could not be parsed so far."""
    joined = {"-ojson", "--output=json"} & {*words}
    if joined or any(
        word in {"-o", "--output"} and value == "json" for word, value in pairwise(words)
    ):
        session.output = "json"
