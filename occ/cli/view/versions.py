from functools import partial

import click

from occ.app.results import VersionRow
from occ.cli.options import this_session
from occ.cli.session import Session
from occ.cli.terminal.tables import Column, for_people, table
from occ.cli.terminal.words import moment, short, short_moment

_PIPED = ["current", "id", "says", "image", "digest"]
_SHOWN = [
    Column(name=""),
    Column(name="id"),
    Column(name="says", least=8),
    Column(name="image", least=24, middle=True),
    Column(name="digest", spare=True),
]
_COMMON = [
    Column(name="created"),
    Column(name="last run"),
    Column(name="standing", stays=True),
    Column(name="where", stays=True),
    Column(name="data", below=True),
]


@click.command("versions")
@click.option("--check", is_flag=True, help="Ask the registry which are still published.")
@this_session
def command(session: Session, *, check: bool) -> int:
    """The versions there are, newest first, and what can be gone back to."""
    rows = session.app.versions(session.service, ask_registry=check)
    if not rows:
        session.note("there is no version yet; the first one comes with: occ start")
        return session.result(rows, "")
    if session.output != "text":
        return session.result(rows, "")
    looked_at, now = for_people(), session.app.desk.clock.now()
    at = partial(short_moment, now=now) if looked_at else moment
    cells = [
        [
            "*" if row.current else "",
            row.number,
            row.says or "-",
            row.reference,
            short(row.digest),
            at(row.created_at),
            at(row.last_run_at),
            _standing(row),
            _where(row, asked=check),
            _data(row),
        ]
        for row in rows
    ]
    headers = _SHOWN if looked_at else _PIPED
    return session.result(rows, table([*headers, *_COMMON], cells))


def _standing(row: VersionRow) -> str:
    """Its standing, and whether a hold or a rollback says that it stays, or stays away."""
    more = ("held",) if row.held else ("left",) if row.left else ()
    return ", ".join((row.standing, *more))


def _where(row: VersionRow, *, asked: bool) -> str:
    gone = "pruned" if row.pruned else "not here"
    here = {True: "local", False: gone, None: "unknown"}[row.here]
    unknown = ", registry unknown" if asked else ""
    published = {True: ", published", False: ", not published", None: unknown}[row.published]
    return here + published


def _data(row: VersionRow) -> str:
    """Its own data, and whether it is known to run on that of now."""
    own = f"own of {moment(row.own_data.at)}" if row.own_data else ""
    words = {"proven": f"ran on that of {row.data_of}", "bad": f"failed on that of {row.data_of}"}
    tried = words[row.tried] if row.tried and not row.current else ""
    return ", ".join(filter(None, (own, tried))) or "-"
