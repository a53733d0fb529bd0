from typing import get_args

import click

from occ.app.view.history import HistoryFilter
from occ.cli.options import this_session
from occ.cli.session import Session
from occ.cli.terminal.tables import Column, for_people, table
from occ.cli.terminal.times import when
from occ.cli.terminal.words import duration, moment, short_moment, version
from occ.cli.view.operation_words import down_for, led
from occ.domain.events import Kind
from occ.domain.history import Row

_KINDS = get_args(Kind)
_OUTCOMES = ["done", "undone", "unchanged", "abandoned", "reverting", "unfinished"]
_PIPED = ["op", "service", "when", "who", "what", "from", "to", "outcome", "took", "down", "why"]
_SHOWN = [
    Column(name="op"),
    Column(name="service", least=8),
    Column(name="when"),
    Column(name="who", least=6),
    Column(name="what", stays=True),
    Column(name="version"),
    Column(name="outcome", least=10, stays=True),
    Column(name="took", spare=True),
    Column(name="down", stays=True),
    Column(name="why", least=16, below=True),
]


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
    if session.output != "text":
        return session.result(rows, "")
    looked_at, now = for_people(), session.app.desk.clock.now()
    cells = [
        [
            row.operation,
            row.service,
            short_moment(row.at, now) if looked_at else moment(row.at),
            _who(row, whole=not looked_at),
            row.kind,
            *(
                [led(row.before, row.wanted)]
                if looked_at
                else [version(row.before), version(row.wanted)]
            ),
            row.outcome.removeprefix("done, ") if looked_at else row.outcome,
            duration(row.duration_ms),
            down_for(row, now),
            row.reason or "-",
        ]
        for row in rows
    ]
    return session.result(rows, table(_SHOWN if looked_at else _PIPED, cells))


def _who(row: Row, *, whole: bool) -> str:
    """The operator, and who planned it where it was carried out by a plan's token."""
    via = f" ({row.via})" if row.via and whole else ""
    planned = f", planned by {row.planner if whole else row.planner.partition(' ')[0]}"
    return f"{row.operator}{via}{planned if row.planner else ''}"
