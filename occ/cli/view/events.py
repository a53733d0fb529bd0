import json

import click

from occ.app.view.events import EventFilter, EventRow
from occ.cli.options import this_session
from occ.cli.session import Session, plain
from occ.cli.terminal import streams
from occ.cli.terminal.times import when
from occ.cli.terminal.words import moment, terminal_safe
from occ.errors import StoppedByOperatorError, UsageMistakeError


@click.command("events")
@click.option("--follow", is_flag=True, help="Go on with those to come, until Ctrl-C.")
@click.option("--since", default="", metavar="WHEN", help="2026-11-23, or 2d, 12h, 30m.")
@click.option(
    "--after",
    type=click.IntRange(min=0),
    default=0,
    metavar="POSITION",
    help="Only entries after this one.",
)
@this_session
def command(session: Session, *, follow: bool, since: str, after: int) -> int:
    """The events as the journal has them, oldest first: every step of every operation.

    Of every service, unless --service names one. With -o jsonl each is one JSON object in a line
    of its own; a program that was away goes on with --after and the last position that it saw.
    """
    if follow and session.output == "json":
        raise UsageMistakeError(
            "--follow never ends, and -o json is written at the end",
            hint="occ events --follow -o jsonl",
        )
    wanted = EventFilter(
        service=session.service or "",
        since=when(since, session.app.desk.clock.now()),
        after=after,
        follow=follow,
    )
    found = session.app.events(wanted)
    if session.output == "json":
        return session.result(list(found), "")
    try:
        for row in found:
            streams.out(f"{_line(row, session.output)}\n")
    except KeyboardInterrupt:
        if not follow:
            raise
        return StoppedByOperatorError.exit_status  # no failure to tell: following ends like this
    return 0


def _line(row: EventRow, output: str) -> str:
    if output == "jsonl":
        return json.dumps(plain(row), ensure_ascii=True, separators=(",", ":"))
    who = row.service or "-"
    return terminal_safe(f"{row.position}  {moment(row.at)}  {who}  {row.operation}  {row.event}")
