import re
import sys

import click

from occ.cli.options import this_session
from occ.cli.session import Session
from occ.cli.terminal import streams
from occ.cli.terminal.times import when
from occ.cli.terminal.words import terminal_safe_lines
from occ.errors import StoppedByOperatorError, UsageMistakeError


@click.command("logs")
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes.")
@click.option("--tail", type=click.IntRange(min=0), default=None, help="The last N lines only.")
@click.option("--since", default="", metavar="WHEN", help="2026-11-23, or 2d, 12h, 30m.")
@click.option("--timestamps", is_flag=True, help="The engine's time before each line.")
@click.option("--grep", default="", metavar="REGEX", help="Only lines that match.")
@click.option("--raw", is_flag=True, help="Escape nothing, also on a terminal.")
@this_session
def command(
    session: Session,
    *,
    follow: bool,
    tail: int | None,
    since: str,
    timestamps: bool,
    grep: str,
    raw: bool,
) -> int:
    """The container's output; bytes that are not UTF-8 are written as escapes.

    On a terminal characters that would have power over it are escapes, too.
    """
    if follow and session.output == "json":
        raise UsageMistakeError(
            "-f never ends, and -o json is written at the end", hint="occ logs -f, or -o json"
        )
    pattern = _pattern(grep)
    lines = session.app.logs(
        session.service,
        tail=tail,
        since=when(since, session.app.desk.clock.now()),
        timestamps=timestamps,
        follow=follow,
    )
    texts = (line.decode(errors="backslashreplace") for line in lines)
    fitting = (text for text in texts if pattern.search(text))
    shown = _as_is if raw or not streams.looked_at(sys.stdout) else _on_terminal
    if session.output == "json":
        return session.result(list(fitting), "")
    try:
        for text in fitting:
            streams.out(f"{shown(text)}\n")
    except KeyboardInterrupt:
        if not follow:
            raise
        if streams.terminal(sys.stderr):
            streams.err("\n")  # past the ^C
        return StoppedByOperatorError.exit_status  # no failure to tell: following ends like this
    return 0


def _as_is(text: str) -> str:
    return text


def _on_terminal(text: str) -> str:
    """The line with escapes; containers that have a terminal themselves end it with a return."""
    return terminal_safe_lines(text.removesuffix("\r"))


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise UsageMistakeError(
            f"{text!r} is no regular expression: {error}", hint="occ logs --help"
        ) from None
