from typing import get_args

import click

from occ.app.view.history import HistoryFilter
from occ.cli.options import this_session
from occ.cli.session import Session
from occ.cli.terminal.tables import table
from occ.cli.terminal.times import when
from occ.cli.terminal.words import duration, moment, version
from occ.domain.events import Kind

_KINDS = get_args(Kind)
_OUTCOMES = ["done", "undone", "unchanged", "abandoned", "reverting", "unfinished"]
_HEADERS = ["op", "service", "when", "who", "what", "from", "to", "outcome", "took", "down", "why"]


@click.command("history")
@click.option("--limit", type=click.IntRange(min=0), default=20, help="At most so many; 0 is all.")
@click.option("--since", default="", metavar="WHEN", help="2026-11-23, or 2d, 12h, 30m.")
@click.option("--kind", type=click.Choice(_KINDS), default=None, help="Only these.")
@click.option("--outcome", type=click.Choice(_OUTCOMES), default=None, help="Only these.")
@click.option("--actor", default="", metavar="LOGIN", help="Only what this operator did.")
@click.option("--all", "everything", is_flag=True, help="Also what changed nothing.")
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
    """Who did what, when, why, how long it took, and how it ended; newest first.

    Of every service, unless --service names one.
    """
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
        if session.service:
            session.app.service_name(session.service)  # a service that nobody knows is a mistake
        session.note("no operation fits")
        return session.result(rows, "")
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
    return session.result(rows, table(_HEADERS, lines) if session.output == "text" else "")
