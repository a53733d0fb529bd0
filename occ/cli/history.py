"""`occ history`."""

import re
from datetime import datetime

import click

from occ.app.results import HistoryFilter
from occ.cli.options import common, this_session
from occ.cli.session import Session
from occ.cli.tables import table
from occ.cli.words import duration, moment, version
from occ.errors import UsageMistakeError

_KINDS = ["start", "stop", "restart", "update", "rollback"]
_OUTCOMES = ["done", "undone", "unchanged", "abandoned", "reverting", "unfinished"]
_UNITS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}


@click.command("history")
@click.option("--limit", type=click.IntRange(min=0), default=20, help="At most so many; 0 is all.")
@click.option("--since", default="", metavar="WHEN", help="2026-11-23, or 2d, 12h, 30m.")
@click.option("--kind", type=click.Choice(_KINDS), default=None)
@click.option("--outcome", type=click.Choice(_OUTCOMES), default=None)
@click.option("--actor", default="", metavar="LOGIN", help="Only what this person did.")
@click.option("--all", "everything", is_flag=True, help="Also what changed nothing.")
@common
@this_session
def command(
    session: Session,
    *,
    limit: int,
    since: str,
    kind: str | None,
    outcome: str | None,
    actor: str,
    everything: bool,
) -> int:
    """Who did what, when, why, how long it took, and how it ended; newest first."""
    wanted = HistoryFilter(
        service=session.service or "",
        limit=limit,
        since=when(since, session.app.desk.clock.now()),
        kind=kind or "",
        outcome=outcome or "",
        actor=actor,
        everything=everything,
    )
    rows = session.app.history(wanted)
    if not rows:
        session.note("nothing of that kind has happened yet")
        return session.result(rows, "")
    headers = [
        "op",
        "service",
        "when",
        "who",
        "what",
        "from",
        "to",
        "outcome",
        "took",
        "down",
        "why",
    ]
    lines = [
        [
            row.operation,
            row.service,
            moment(row.at),
            f"{row.operator} ({row.via})" if row.via else row.operator,
            row.kind,
            version(row.before),
            version(row.after),
            row.outcome,
            duration(row.duration_ms),
            duration(row.downtime_ms),
            row.reason or "-",
        ]
        for row in rows
    ]
    return session.result(rows, table(headers, lines))


def when(text: str, now: int) -> int:
    """A point in time in ms: a date, a date and time, or so long ago; 0 for empty.

    Raises:
        UsageMistakeError: it is neither.
    """
    if not text:
        return 0
    if found := re.fullmatch(r"(\d{1,6})([smhdw])", text):
        return now - int(found[1]) * _UNITS[found[2]]
    try:
        return int(datetime.fromisoformat(text).astimezone().timestamp() * 1000)
    except (ValueError, OverflowError):
        raise UsageMistakeError(
            f"{text!r} is no point in time", hint="write 2026-11-23, 2026-11-23T14:00, 2d or 12h"
        ) from None
